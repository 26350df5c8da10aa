package org.alexnet4j.shape;

import java.util.Locale;

/**
 * Holds the size rules that several shapes share, and their limits: within them no sum or product
 * of extents overflows unnoticed, here or in a kernel.
 *
 * @hidden
 */
public final class Shapes {
  /** Most images, channels, filters, inputs or units. */
  public static final int MAX_EXTENT = 1 << 24;

  /** Most rows or columns of an image or a layer's window; most pixels of its stride or padding. */
  public static final int MAX_SIDE = 1 << 14;

  /** Most rows or columns of any plane, also of one that stands for a long row of values. */
  private static final int MAX_LENGTH = 1 << 20;

  /** Most images of a step. */
  public static final int MAX_BATCH = 1 << 16;

  private Shapes() {}

  /**
   * Returns the number of window positions along one axis: {@code 1 + ceil((extent + 2 pad -
   * window) / stride)} (fact sheet 1.2; the 2012 source rounds up, which is how 224 becomes 55).
   */
  static int outputs(int extent, int window, int stride, int pad) {
    return 1 + Math.floorDiv(extent + 2 * pad - window + stride - 1, stride);
  }

  /** Returns the same, rounded as asked. */
  static int outputs(int extent, int window, int stride, int pad, Rounding rounding) {
    return rounding == Rounding.UP
        ? outputs(extent, window, stride, pad)
        : 1 + Math.floorDiv(extent + 2 * pad - window, stride);
  }

  /** Checks a count of images, channels, filters, inputs or units. */
  static int extent(String what, int value) {
    return within(what, value, 1, MAX_EXTENT);
  }

  /**
   * Checks the images of a step.
   *
   * @param images how many
   * @return the same number
   */
  public static int batch(int images) {
    return within("batch", images, 1, MAX_BATCH);
  }

  /** Checks a number of rows, columns or pixels. */
  static int side(String what, int value) {
    return within(what, value, 1, MAX_LENGTH);
  }

  /** Checks the side of an image. */
  static int image(String what, int value) {
    return within(what, value, 1, MAX_SIDE);
  }

  /** Checks a number of pixels that may be 0. */
  static int pad(String what, int value) {
    return within(what, value, 0, MAX_LENGTH);
  }

  private static int within(String what, int value, int least, int most) {
    if (value < least || value > most) {
      throw new IllegalArgumentException(
          String.format(Locale.ROOT, "%s is %d; allowed: %d to %,d", what, value, least, most));
    }
    return value;
  }

  /**
   * {@return the product of extents}
   *
   * @param what named in the message
   * @param extents of the axes
   * @throws IllegalArgumentException if there are more elements than 63 bits count
   */
  public static long count(String what, long... extents) {
    long product = 1;
    try {
      for (long extent : extents) {
        product = Math.multiplyExact(product, extent);
      }
      return product;
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException(what + " has more than 2^63 elements", e);
    }
  }
}
