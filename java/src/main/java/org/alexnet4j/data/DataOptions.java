package org.alexnet4j.data;

import static com.google.common.base.Preconditions.checkArgument;

/**
 * How to open a data set.
 *
 * @param split which part
 * @param source side in pixels to which every image is brought: 256 for ImageNet, 32 for CIFAR-10
 * @param cacheBytes most memory for decoded images, so that later epochs do not decode again; 0:
 *     none
 * @param damaged what a damaged image does
 * @param heldOutShare share of each class that is held out where the data have no folder {@code
 *     val} or {@code test}
 * @param resize how files become squares
 */
public record DataOptions(
    Split split, int source, long cacheBytes, Damaged damaged, double heldOutShare, Resize resize) {

  /** The parts of a data set. */
  public enum Split {
    /** What is learned from. */
    TRAIN,
    /** What is tested on: {@code val} or {@code test}, or the held-out share. */
    HELD_OUT
  }

  /** What a damaged image does. */
  public enum Damaged {
    /** Reading it fails and names it. */
    FAIL,
    /**
     * All images are checked when the data are opened; damaged ones are left out, counted and
     * listed.
     */
    SKIP
  }

  /** How the pixels of a file become those of a square. */
  public enum Resize {
    /** The centre square is brought to the side, by the mean over areas; what is trained on. */
    CENTRE_SQUARE,
    /** The whole image is bent to the square. */
    WARP,
    /** The shorter side is brought to the side by Pillow's bilinear filter, the centre taken. */
    SHORTER_SIDE
  }

  private static final long CACHE_BYTES = 512L << 20;

  /**
   * Creates options with centre squares.
   *
   * @param split which part of the data
   * @param source side of the images in pixels
   * @param cacheBytes most bytes of decoded images that stay in memory
   * @param damaged what becomes of images that cannot be decoded
   * @param heldOutShare share of each class that is held out where data have no parts
   */
  public DataOptions(
      Split split, int source, long cacheBytes, Damaged damaged, double heldOutShare) {
    this(split, source, cacheBytes, damaged, heldOutShare, Resize.CENTRE_SQUARE);
  }

  /**
   * Checks the values.
   *
   * @param split which part
   * @param source side in pixels to which every image is brought: 256 for ImageNet, 32 for CIFAR-10
   * @param cacheBytes most memory for decoded images, so that later epochs do not decode again; 0:
   *     none
   * @param damaged what a damaged image does
   * @param heldOutShare share of each class that is held out where the data have no folder {@code
   *     val} or {@code test}
   * @param resize how files become squares
   */
  public DataOptions {
    checkArgument(source >= 1 && source <= 4096, "images of %s pixels; allowed: 1 to 4096", source);
    checkArgument(cacheBytes >= 0, "cache of %s bytes; allowed: 0 or more", cacheBytes);
    checkArgument(
        heldOutShare >= 0 && heldOutShare < 1,
        "held-out share %s; allowed: 0 to 1, not 1 itself",
        heldOutShare);
  }

  /**
   * {@return the training part at 256 pixels; cache of 512 MiB or a quarter of the heap; 10 % held
   * out}
   */
  public static DataOptions train() {
    long cache = Math.min(CACHE_BYTES, Runtime.getRuntime().maxMemory() / 4);
    return new DataOptions(Split.TRAIN, 256, cache, Damaged.FAIL, 0.1);
  }

  /** {@return the test part, otherwise as {@link #train}} */
  public static DataOptions heldOut() {
    return train().withSplit(Split.HELD_OUT);
  }

  /**
   * {@return the same for another part}
   *
   * @param value the part
   */
  public DataOptions withSplit(Split value) {
    return new DataOptions(value, source, cacheBytes, damaged, heldOutShare, resize);
  }

  /**
   * {@return the same with images of another side, in pixels}
   *
   * @param pixels the side
   */
  public DataOptions withSource(int pixels) {
    return new DataOptions(split, pixels, cacheBytes, damaged, heldOutShare, resize);
  }

  /**
   * {@return the same with another limit of memory for decoded images}
   *
   * @param bytes the limit, 0 or more
   */
  public DataOptions withCacheBytes(long bytes) {
    return new DataOptions(split, source, bytes, damaged, heldOutShare, resize);
  }

  /**
   * {@return the same with another answer to damaged images}
   *
   * @param value the answer
   */
  public DataOptions withDamaged(Damaged value) {
    return new DataOptions(split, source, cacheBytes, value, heldOutShare, resize);
  }

  /**
   * {@return the same with another held-out share}
   *
   * @param share 0 or more, and less than 1
   */
  public DataOptions withHeldOutShare(double share) {
    return new DataOptions(split, source, cacheBytes, damaged, share, resize);
  }

  /**
   * {@return the same with squares made in another way}
   *
   * @param value the way
   */
  public DataOptions withResize(Resize value) {
    return new DataOptions(split, source, cacheBytes, damaged, heldOutShare, value);
  }
}
