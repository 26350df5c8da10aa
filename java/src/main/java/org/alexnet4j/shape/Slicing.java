package org.alexnet4j.shape;

import java.util.Locale;

/**
 * How a step is divided (Krizhevsky 2014, "One weird trick", scheme a): the convolutional part
 * takes the batch in slices of images, the fully-connected part has its units in as many blocks. It
 * is part of what is computed, as it orders sums; where and when slices are computed is not.
 *
 * @param count slices, and blocks of each fully-connected layer on a tower; a power of two
 * @param recompute whether a slice's planes are computed again on the way back instead of kept: the
 *     same bits in less memory and more time
 */
public record Slicing(int count, boolean recompute) {
  /** The whole batch and whole layers at once. */
  public static final Slicing NONE = new Slicing(1, false);

  /** Most slices. */
  public static final int MOST = 1024;

  /**
   * Checks the count.
   *
   * @param count slices, and blocks of each fully-connected layer on a tower; a power of two
   * @param recompute whether a slice's planes are computed again on the way back instead of kept:
   *     the same bits in less memory and more time
   */
  public Slicing {
    if (count < 1 || count > MOST || Integer.bitCount(count) != 1) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "slices are %d; allowed: a power of two from 1 to %d, such as %d",
              count,
              MOST,
              Math.min(MOST, Math.max(1, Integer.highestOneBit(Math.max(1, count))))));
    }
    if (count == 1 && recompute) {
      throw new IllegalArgumentException(
          "an undivided step computes nothing again; allowed: with 2 slices or more");
    }
  }

  /**
   * {@return how many batches of images a device has room for: two, so that one arrives while a
   * step reads the other; one where memory counts more than the time that a copy takes}
   */
  public int imageSlots() {
    return recompute ? 1 : InputShape.SLOTS;
  }

  /**
   * {@return an equal part of something}
   *
   * @param what named in the message
   * @param whole extent of the whole
   * @throws IllegalArgumentException if it cannot be divided; the text names the next that can
   */
  public int part(String what, int whole) {
    if (whole % count != 0) {
      int next = (whole / count + 1) * count;
      throw new IllegalArgumentException(
          what
              + " is "
              + whole
              + ", which "
              + count
              + " slices do not divide; allowed: "
              + (next > count ? next - count + " or " : "")
              + next);
    }
    return whole / count;
  }
}
