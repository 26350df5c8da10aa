package org.alexnet4j.shape;

/**
 * Describes a fully-connected product of one plane: {@code x[N,C]}, {@code w[K,C]}, {@code y[N,K]}.
 *
 * @param N images
 * @param C inputs
 * @param K units, the outputs
 */
public record FcShape(int N, int C, int K) {

  /** Checks every extent. */
  public FcShape {
    Shapes.extent("fc N", N);
    Shapes.extent("fc C", C);
    Shapes.extent("fc K", K);
  }

  /** Returns the elements of {@code w}. */
  public long wCount() {
    return (long) K * C;
  }

  /** Returns the multiply-accumulates of fprop. */
  public long macs() {
    return (long) N * K * C;
  }
}
