package org.alexnet4j.shape;

/**
 * Describes ReLU, normalisation and max-pooling in one pass, {@code x[N,H,W,C]} to {@code
 * y[N,P,Q,C]}.
 *
 * @param lrn the normalisation, or null for none
 * @param pool the pooling, of maxima
 * @param relu whether {@code max(0, x)} is taken first and closed places get no gradient; {@code x}
 *     may have been through it already
 * @hidden
 */
public record LrnPoolShape(LrnShape lrn, PoolShape pool, boolean relu) {

  /**
   * Checks that the two belong together.
   *
   * @param lrn the normalisation, or null for none
   * @param pool the pooling, of maxima
   * @param relu whether {@code max(0, x)} is taken first and closed places get no gradient; {@code
   *     x} may have been through it already
   */
  public LrnPoolShape {
    if (pool.mode() != PoolShape.Mode.MAX) {
      throw new IllegalArgumentException(
          "lrn_pool pools with mode " + pool.mode() + "; allowed: MAX");
    }
    if (lrn != null
        && (lrn.N() != pool.N()
            || lrn.H() != pool.H()
            || lrn.W() != pool.W()
            || lrn.C() != pool.C())) {
      throw new IllegalArgumentException(
          "lrn_pool normalises " + lrn + " but pools " + pool + "; allowed: one [N,H,W,C]");
    }
  }
}
