package org.alexnet4j.shape;

/**
 * Describes pooling of {@code x[N,H,W,C]} into {@code y[N,P,Q,C]}; windows are clipped at the
 * border.
 *
 * @param N images
 * @param H input rows
 * @param W input columns
 * @param C channels
 * @param size rows and columns of a window
 * @param stride pixels between windows
 * @param mode maximum or average
 * @param ties which of several equal maxima receive the gradient
 */
public record PoolShape(int N, int H, int W, int C, int size, int stride, Mode mode, Ties ties) {

  /** What is taken of a window; ordinals equal the constants of {@code shapes.h}. */
  public enum Mode {
    /** The greatest value. */
    MAX,
    /** The mean of the values. */
    AVERAGE
  }

  /**
   * Who receives the gradient among equal maxima; ordinals equal the constants of {@code shapes.h}.
   */
  public enum Ties {
    /** Each of them. */
    ALL,
    /** The first of them, by rows. */
    FIRST
  }

  /**
   * Checks every extent.
   *
   * @param N images
   * @param H input rows
   * @param W input columns
   * @param C channels
   * @param size rows and columns of a window
   * @param stride pixels between windows
   * @param mode maximum or average
   * @param ties which of several equal maxima receive the gradient
   */
  public PoolShape {
    Shapes.extent("pool N", N);
    Shapes.side("pool H", H);
    Shapes.side("pool W", W);
    Shapes.extent("pool C", C);
    Shapes.side("pool size", size);
    Shapes.side("pool stride", stride);
    if (size > H || size > W) {
      throw new IllegalArgumentException(
          "pool window " + size + " is larger than its input " + H + "x" + W);
    }
    int lastRow = (Shapes.outputs(H, size, stride, 0) - 1) * stride;
    int lastColumn = (Shapes.outputs(W, size, stride, 0) - 1) * stride;
    if (lastRow >= H || lastColumn >= W) {
      throw new IllegalArgumentException(
          "pool with size "
              + size
              + " and stride "
              + stride
              + " has an empty last window on "
              + H
              + "x"
              + W);
    }
  }

  /** {@return the output rows} */
  public int P() {
    return Shapes.outputs(H, size, stride, 0);
  }

  /** {@return the output columns} */
  public int Q() {
    return Shapes.outputs(W, size, stride, 0);
  }

  /** {@return the elements of {@code x}} */
  public long xCount() {
    return Shapes.count("pool x", N, H, W, C);
  }

  /** {@return the elements of {@code y}} */
  public long yCount() {
    return Shapes.count("pool y", N, P(), Q(), C);
  }
}
