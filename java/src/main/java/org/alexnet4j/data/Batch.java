package org.alexnet4j.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.nio.ByteBuffer;
import java.util.function.IntFunction;

/**
 * The images of one step with labels and windows, in buffers that are used again.
 *
 * <ul>
 *   <li>images: uint8 [count,source,source,3]
 *   <li>labels, indices: [count]
 *   <li>crops: [count,3], top, left, flip (0 or 1)
 *   <li>noise: [count,4], grey levels for red, green, blue to add, then a factor; or null
 * </ul>
 *
 * <p>The arrays are as long as the largest batch; only the first {@code count} entries mean
 * anything. A batch from a {@link BatchLoader} belongs to the caller until the next call of {@link
 * BatchLoader#next}.
 */
public final class Batch {
  private final int capacity;
  private final int source;
  private final ByteBuffer images;
  private final int[] labels;
  private final int[] crops;
  private final int[] indices;
  private final float[] noise;
  private final int firstOwn;
  private final int mostOwn;
  private int count;
  private int epoch;
  private int step;
  private volatile boolean ended;

  /**
   * Allocates an empty batch.
   *
   * @param capacity most images it can hold
   * @param source side of the images in pixels
   * @param withNoise true: it has colour noise
   * @param allocator returns a direct buffer of the asked bytes; {@code
   *     ByteBuffer::allocateDirect}, or pinned memory
   */
  public Batch(int capacity, int source, boolean withNoise, IntFunction<ByteBuffer> allocator) {
    this(capacity, 0, capacity, source, withNoise, allocator);
  }

  /**
   * Allocates an empty batch that has the pixels of some neighbouring images only.
   *
   * @param firstOwn the first of them
   * @param mostOwn how many, of a full batch
   */
  Batch(
      int capacity,
      int firstOwn,
      int mostOwn,
      int source,
      boolean withNoise,
      IntFunction<ByteBuffer> allocator) {
    checkArgument(capacity >= 1, "batch of %s images; allowed: 1 or more", capacity);
    this.firstOwn = firstOwn;
    this.mostOwn = mostOwn;
    long bytes = 3L * source * source * mostOwn;
    checkArgument(
        bytes <= Integer.MAX_VALUE,
        "batch of %s images of %s pixels is %s bytes; allowed: up to %s",
        capacity,
        source,
        bytes,
        Integer.MAX_VALUE);
    this.capacity = capacity;
    this.source = source;
    this.images = allocator.apply((int) bytes);
    checkArgument(
        images.isDirect() && images.capacity() >= bytes,
        "image buffer: allowed is a direct one of at least %s bytes",
        bytes);
    this.labels = new int[capacity];
    this.crops = new int[3 * capacity];
    this.indices = new int[capacity];
    this.noise = withNoise ? new float[ColourNoise.VALUES * capacity] : null;
  }

  /** Sets how many images the batch holds and where in the run it stands. */
  void begin(int imageCount, int epochOfBatch, int stepOfBatch) {
    count = imageCount;
    epoch = epochOfBatch;
    step = stepOfBatch;
    images.clear().limit(3 * source * source * own());
  }

  /** Returns how many images it has the pixels of. */
  int own() {
    return Math.max(0, Math.min(mostOwn, count - firstOwn));
  }

  /** Returns the first of these. */
  int firstOwn() {
    return firstOwn;
  }

  /** The memory of its images goes. */
  void end() {
    ended = true;
  }

  /** {@return the number of images in it} */
  public int count() {
    return count;
  }

  /** {@return the most images it can hold} */
  public int capacity() {
    return capacity;
  }

  /** {@return the side of the images in pixels} */
  public int source() {
    return source;
  }

  /** {@return the epoch it belongs to, from 0} */
  public int epoch() {
    return epoch;
  }

  /** {@return its place in the epoch, from 0} */
  public int step() {
    return step;
  }

  /**
   * {@return the pixels, from position 0 to the end of the last image; a direct buffer that is
   * valid until the loader is closed} Of a part of a batch ({@link BatchLoader#part}) they are
   * those of its own images.
   *
   * @throws IllegalStateException if it is
   */
  public ByteBuffer images() {
    checkState(!ended, "the loader of this batch is closed");
    return images;
  }

  /** {@return the classes of the images; -1 where not known} */
  public int[] labels() {
    return labels;
  }

  /** {@return the windows: top, left, flip of each image} */
  public int[] crops() {
    return crops;
  }

  /** {@return the place of each image in the data set} */
  public int[] indices() {
    return indices;
  }

  /** {@return the colour noise, four values for each image, or null if the run has none} */
  public float[] noise() {
    return noise;
  }

  /**
   * Sets the window of every image to one of the ten test views.
   *
   * @param augmentation has ten views
   * @param view window in [0, 10), in the order of {@link Augmentation#view}
   */
  public void setView(Augmentation augmentation, int view) {
    for (int i = 0; i < count; i++) {
      augmentation.view(view, source, crops, 3 * i);
    }
  }
}
