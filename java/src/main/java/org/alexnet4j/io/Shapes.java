package org.alexnet4j.io;

import java.util.Arrays;
import java.util.List;

/** Sizes of arrays, safe against extents that a damaged file may claim. */
final class Shapes {
  private Shapes() {}

  static List<Long> list(long... shape) {
    return Arrays.stream(shape).boxed().toList();
  }

  /** Returns the size in bytes, or -1 for a negative extent or a size over 2^63 - 1. */
  static long bytes(DType dtype, List<Long> shape) {
    if (shape.stream().anyMatch(extent -> extent < 0)) {
      return -1;
    }
    if (shape.contains(0L)) {
      return 0; // whatever the other extents are
    }
    long bytes = dtype.bytes();
    for (long extent : shape) {
      if (bytes > Long.MAX_VALUE / extent) {
        return -1;
      }
      bytes *= extent;
    }
    return bytes;
  }

  /** Returns type and shape for a message, as in {@code FLOAT32[2, 3]}. */
  static String describe(DType dtype, List<Long> shape) {
    return dtype.toString() + shape;
  }
}
