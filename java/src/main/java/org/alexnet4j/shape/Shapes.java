package org.alexnet4j.shape;

/** Holds the size rules that several shapes share. */
final class Shapes {
  private Shapes() {}

  /**
   * Returns the number of window positions along one axis: {@code 1 + ceil((extent + 2 pad -
   * window) / stride)} (fact sheet 1.2; the 2012 source rounds up, which is how 224 becomes 55).
   */
  static int outputs(int extent, int window, int stride, int pad) {
    return 1 + Math.floorDiv(extent + 2 * pad - window + stride - 1, stride);
  }

  static int positive(String what, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(what + " is " + value + "; allowed: 1 or more");
    }
    return value;
  }
}
