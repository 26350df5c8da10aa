package org.alexnet4j.device;

import java.util.Objects;

/** Checks what a copy is asked for, before native code sees it. */
final class Bounds {
  private Bounds() {}

  /**
   * Checks that a range lies in something.
   *
   * @param name what it is, for the message
   * @param first where the range begins
   * @param count how many
   * @param length how many there are
   * @throws IndexOutOfBoundsException if it does not; the text says all three numbers
   */
  static void check(String name, long first, long count, long length) {
    try {
      Objects.checkFromIndexSize(first, count, length);
    } catch (IndexOutOfBoundsException e) {
      throw new IndexOutOfBoundsException(
          name + ": " + count + " from " + first + " are asked for, it has " + length);
    }
  }
}
