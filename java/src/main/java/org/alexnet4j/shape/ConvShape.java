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
 */
public record ConvShape(
    int N, int C, int H, int W, int K, int R, int S, int stride, int pad, int G) {

  /** Checks every extent. */
  public ConvShape {
    Shapes.positive("conv N", N);
    Shapes.positive("conv C", C);
    Shapes.positive("conv H", H);
    Shapes.positive("conv W", W);
    Shapes.positive("conv K", K);
    Shapes.positive("conv R", R);
    Shapes.positive("conv S", S);
    Shapes.positive("conv stride", stride);
    Shapes.positive("conv G", G);
    if (pad < 0) {
      throw new IllegalArgumentException("conv pad is " + pad + "; allowed: 0 or more");
    }
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

  /** Returns the output rows. */
  public int P() {
    return Shapes.outputs(H, R, stride, pad);
  }

  /** Returns the output columns. */
  public int Q() {
    return Shapes.outputs(W, S, stride, pad);
  }

  /** Returns the elements of {@code x}. */
  public long xCount() {
    return (long) N * H * W * C;
  }

  /** Returns the elements of {@code w}. */
  public long wCount() {
    return (long) K * R * S * (C / G);
  }

  /** Returns the elements of {@code y}. */
  public long yCount() {
    return (long) N * P() * Q() * K;
  }

  /** Returns the multiply-accumulates of fprop, windows at the border counted whole. */
  public long macs() {
    return yCount() * R * S * (C / G);
  }

  /** Returns the same problem for another number of images. */
  public ConvShape withN(int images) {
    return new ConvShape(images, C, H, W, K, R, S, stride, pad, G);
  }
}
