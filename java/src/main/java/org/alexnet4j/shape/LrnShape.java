package org.alexnet4j.shape;

/**
 * Describes local response normalisation of {@code x[N,H,W,C]}: {@code y = x * (k + alpha * sum of
 * x^2 over size channels)^-beta} (paper, section 3.3).
 *
 * @param N images
 * @param H rows
 * @param W columns
 * @param C channels of this tower; the window never crosses towers (D6)
 * @param size channels in the window, odd
 * @param k the constant, 2 in the paper
 * @param alpha multiplies the plain sum, 1e-4 in the paper (D5)
 * @param beta the exponent, 0.75 in the paper
 * @hidden
 */
public record LrnShape(int N, int H, int W, int C, int size, float k, float alpha, float beta) {

  /**
   * Checks every extent.
   *
   * @param N images
   * @param H rows
   * @param W columns
   * @param C channels of this tower; the window never crosses towers (D6)
   * @param size channels in the window, odd
   * @param k the constant, 2 in the paper
   * @param alpha multiplies the plain sum, 1e-4 in the paper (D5)
   * @param beta the exponent, 0.75 in the paper
   */
  public LrnShape {
    Shapes.extent("lrn N", N);
    Shapes.side("lrn H", H);
    Shapes.side("lrn W", W);
    Shapes.extent("lrn C", C);
    Shapes.side("lrn size", size);
    if (size % 2 == 0) {
      throw new IllegalArgumentException("lrn size is " + size + "; allowed: an odd number");
    }
    if (!(k > 0) || !(alpha >= 0) || !Float.isFinite(k + alpha + beta)) {
      throw new IllegalArgumentException(
          "lrn has k="
              + k
              + ", alpha="
              + alpha
              + ", beta="
              + beta
              + "; allowed: finite values, k > 0, alpha >= 0");
    }
  }

  /** {@return the elements of {@code x} and of {@code y}} */
  public long count() {
    return Shapes.count("lrn x", N, H, W, C);
  }
}
