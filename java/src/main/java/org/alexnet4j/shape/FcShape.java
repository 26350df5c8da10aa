package org.alexnet4j.shape;

/**
 * Describes a fully-connected product of one plane: {@code x[N,C]}, {@code w[K,C]}, {@code y[N,K]}.
 *
 * @param N images
 * @param C inputs
 * @param K units, the outputs
 * @hidden
 */
public record FcShape(int N, int C, int K) {

  /**
   * Checks every extent.
   *
   * @param N images
   * @param C inputs
   * @param K units, the outputs
   */
  public FcShape {
    Shapes.extent("fc N", N);
    Shapes.extent("fc C", C);
    Shapes.extent("fc K", K);
  }

  /** {@return the elements of {@code w}} */
  public long wCount() {
    return (long) K * C;
  }

  /** {@return the multiply-accumulates of fprop} */
  public long macs() {
    return (long) N * K * C;
  }
}
