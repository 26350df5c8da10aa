package org.alexnet4j.shape;

import java.util.Locale;

/**
 * Describes the input operation: {@code uint8 images[slots,N,source,source,3]}, of which one slot
 * is read, to {@code float x[N,size,size,3]} by crop, flip, mean and colour noise; or, space to
 * depth, to {@code x[N,blocks,blocks,block*block*3]}, zero past the image.
 *
 * @param N images
 * @param source side of the stored images, pixels
 * @param size side of the crop, pixels
 * @param mean how the mean is laid out
 * @param block side of a block of pixels that become channels, or 0 for the plain form
 * @param blocks blocks in a row and in a column, or 0 for the plain form
 * @param slots batches of images that lie side by side: 2, so that one can arrive while a step
 *     reads the other, or 1
 */
public record InputShape(int N, int source, int size, Mean mean, int block, int blocks, int slots) {

  /** Most slots. */
  public static final int SLOTS = 2;

  /** The layout of the mean; ordinals equal the constants of {@code shapes.h}. */
  public enum Mean {
    /** One value per channel. */
    CHANNEL,
    /** One value per pixel of the source, aligned with the crop (paper, D14). */
    PIXEL,
    /** The central crop of the per-pixel mean, whatever the crop offset (2012 source, D14). */
    PIXEL_CENTRE
  }

  /**
   * Checks every extent.
   *
   * @param N images
   * @param source side of the stored images, pixels
   * @param size side of the crop, pixels
   * @param mean how the mean is laid out
   * @param block side of a block of pixels that become channels, or 0 for the plain form
   * @param blocks blocks in a row and in a column, or 0 for the plain form
   * @param slots batches of images that lie side by side: 2, so that one can arrive while a step
   *     reads the other, or 1
   */
  public InputShape {
    Shapes.extent("input N", N);
    Shapes.side("input size", size);
    Shapes.image("input source", source);
    if (source < size) {
      throw new IllegalArgumentException(
          "input source is " + source + "; allowed: at least the crop size " + size);
    }
    if (slots < 1 || slots > SLOTS) {
      throw new IllegalArgumentException("input has " + slots + " slots; allowed: 1 and 2");
    }
    boolean plain = block == 0 && blocks == 0;
    if (!plain && (block < 1 || blocks < 1 || (long) block * blocks < size)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "input has %d blocks of side %d; allowed: both 0, or enough to cover the size %d",
              blocks,
              block,
              size));
    }
  }

  /**
   * Describes the plain form.
   *
   * @param N images
   * @param source side of the stored images
   * @param size side of the window
   * @param mean how the mean is laid out
   * @param slots batches of images that lie side by side
   */
  public InputShape(int N, int source, int size, Mean mean, int slots) {
    this(N, source, size, mean, 0, 0, slots);
  }

  /** {@return the bytes of all slots} */
  public long imageBytes() {
    return 3L * slots * N * source * source;
  }

  /** {@return the floats of the output} */
  public long xCount() {
    long side = block == 0 ? size : (long) block * blocks;
    return N * side * side * 3;
  }

  /** {@return the floats of the mean} */
  public int meanCount() {
    return mean == Mean.CHANNEL ? 3 : source * source * 3;
  }
}
