package org.alexnet4j.shape;

/**
 * Describes a convolution of one plane: {@code x[N,H,W,C]}, {@code w[K,R,S,C/G]}, {@code
 * y[N,P,Q,K]}.
 *
 * @param N images
 * @param C input channels
 * @param H input rows
 * @param W input columns
 * @param K filters, the output channels
 * @param R filter rows
 * @param S filter columns
 * @param stride pixels between windows, both axes
 * @param pad zero pixels on every side
 * @param G groups; a filter sees {@code C/G} channels
 * @param rounding what becomes of a last window that does not fit
 * @hidden
 */
public record ConvShape(
    int N,
    int C,
    int H,
    int W,
    int K,
    int R,
    int S,
    int stride,
    int pad,
    int G,
    Rounding rounding) {

  /**
   * Creates the paper's kind, rounded up.
   *
   * @param N images
   * @param C input channels
   * @param H input rows
   * @param W input columns
   * @param K filters, the output channels
   * @param R filter rows
   * @param S filter columns
   * @param stride pixels between windows, both axes
   * @param pad zero pixels on every side
   * @param G groups
   */
  public ConvShape(int N, int C, int H, int W, int K, int R, int S, int stride, int pad, int G) {
    this(N, C, H, W, K, R, S, stride, pad, G, Rounding.UP);
  }

  /**
   * Checks every extent.
   *
   * @param N images
   * @param C input channels
   * @param H input rows
   * @param W input columns
   * @param K filters, the output channels
   * @param R filter rows
   * @param S filter columns
   * @param stride pixels between windows, both axes
   * @param pad zero pixels on every side
   * @param G groups; a filter sees {@code C/G} channels
   * @param rounding what becomes of a last window that does not fit
   */
  public ConvShape {
    Shapes.extent("conv N", N);
    Shapes.extent("conv C", C);
    Shapes.side("conv H", H);
    Shapes.side("conv W", W);
    Shapes.extent("conv K", K);
    Shapes.side("conv R", R);
    Shapes.side("conv S", S);
    Shapes.side("conv stride", stride);
    Shapes.extent("conv G", G);
    Shapes.pad("conv pad", pad);
    if (R > H + 2 * pad || S > W + 2 * pad) {
      throw new IllegalArgumentException(
          "conv filter "
              + R
              + "x"
              + S
              + " is larger than its padded input "
              + (H + 2 * pad)
              + "x"
              + (W + 2 * pad));
    }
    if (C % G != 0 || K % G != 0) {
      throw new IllegalArgumentException(
          "conv has " + C + " channels and " + K + " filters, not both multiples of G=" + G);
    }
  }

  /** {@return the output rows} */
  public int P() {
    return Shapes.outputs(H, R, stride, pad, rounding);
  }

  /** {@return the output columns} */
  public int Q() {
    return Shapes.outputs(W, S, stride, pad, rounding);
  }

  /** {@return the elements of {@code x}} */
  public long xCount() {
    return Shapes.count("conv x", N, H, W, C);
  }

  /** {@return the elements of {@code w}} */
  public long wCount() {
    return Shapes.count("conv w", K, R, S, C / G);
  }

  /** {@return the elements of {@code y}} */
  public long yCount() {
    return Shapes.count("conv y", N, P(), Q(), K);
  }

  /** {@return the multiply-accumulates of fprop, windows at the border counted whole} */
  public long macs() {
    return Shapes.count("conv", yCount(), R, S, C / G);
  }
}
