package org.alexnet4j.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkElementIndex;

import java.util.Optional;

/**
 * Says which window of a source×source image the network sees: crop offsets, mirroring, colour
 * noise.
 *
 * <p>A window is a triple (top, left, flip); the pixel at row r, column q of the network's input is
 * pixel (top + r, left + (flip ? size - 1 - q : q)) of the image. Random windows are a pure
 * function of (seed, epoch, image index).
 *
 * @param size side of the window in pixels: 224 of 256 in the paper
 * @param random true: random offsets; false: the centre
 * @param flip true: mirror every second window on average; needs {@code random}
 * @param lastOffset true: offsets 0 to source - size; false: one fewer, as the paper's 32 · 32 · 2
 *     patches say (D10)
 * @param chunk 1: every image has its own window; n: n consecutive images of the epoch share one,
 *     as in the 2012 source with n = 32 (D11)
 * @param noise colour noise per image, if any
 */
public record Augmentation(
    int size,
    boolean random,
    boolean flip,
    boolean lastOffset,
    int chunk,
    Optional<ColourNoise> noise) {

  /** Views of an image in ten-view testing. */
  public static final int VIEWS = 10;

  private static final int CENTRE_VIEW = 2;

  /**
   * Checks the values.
   *
   * @param size side of the window in pixels: 224 of 256 in the paper
   * @param random true: random offsets; false: the centre
   * @param flip true: mirror every second window on average; needs {@code random}
   * @param lastOffset true: offsets 0 to source - size; false: one fewer, as the paper's 32 · 32 ·
   *     2 patches say (D10)
   * @param chunk 1: every image has its own window; n: n consecutive images of the epoch share one,
   *     as in the 2012 source with n = 32 (D11)
   * @param noise colour noise per image, if any
   */
  public Augmentation {
    checkArgument(size >= 1, "window of %s pixels; allowed: 1 or more", size);
    checkArgument(chunk >= 1, "chunk of %s images; allowed: 1 or more", chunk);
    checkArgument(random || !flip, "mirroring needs random windows");
  }

  /**
   * {@return the window in the middle of the image, unchanged; for testing}
   *
   * @param size side of the window in pixels
   */
  public static Augmentation centre(int size) {
    return new Augmentation(size, false, false, true, 1, Optional.empty());
  }

  /**
   * {@return the paper's random windows: 32 offsets per axis for 224 of 256, mirrored half of the
   * time}
   *
   * @param size side of the window in pixels
   */
  public static Augmentation paper2012(int size) {
    return new Augmentation(size, true, true, false, 1, Optional.empty());
  }

  /**
   * {@return the same with offsets up to and including source - size: 33 per axis for 224 of 256
   * (D10)}
   */
  public Augmentation withLastOffset() {
    return new Augmentation(size, random, flip, true, chunk, noise);
  }

  /**
   * {@return the same with one window for {@code images} consecutive images of an epoch (D11)}
   *
   * @param images images that share a window
   */
  public Augmentation withChunk(int images) {
    return new Augmentation(size, random, flip, lastOffset, images, noise);
  }

  /** {@return the same without mirroring} */
  public Augmentation withoutFlip() {
    return new Augmentation(size, random, false, lastOffset, chunk, noise);
  }

  /**
   * {@return the same with colour noise}
   *
   * @param colourNoise noise of each image
   */
  public Augmentation withNoise(ColourNoise colourNoise) {
    return new Augmentation(size, random, flip, lastOffset, chunk, Optional.of(colourNoise));
  }

  /**
   * Writes the window of one image.
   *
   * @param seed of the run
   * @param epoch from 0
   * @param index of the image in the data set
   * @param position place of the image in the order of the epoch; used with chunks only
   * @param source side of the image in pixels
   * @param to receives top, left, flip (0 or 1) from {@code at} on
   * @param at first element that is written
   */
  public void window(long seed, int epoch, int index, long position, int source, int[] to, int at) {
    checkSource(source);
    if (!random) {
      view(CENTRE_VIEW, source, to, at);
      return;
    }
    PhiloxStream bits =
        chunk == 1
            ? new PhiloxStream(seed, PhiloxStream.CROP, epoch, index)
            : new PhiloxStream(seed, PhiloxStream.CHUNK_CROP, epoch, (int) (position / chunk));
    int offsets = lastOffset ? source - size + 1 : Math.max(1, source - size);
    to[at] = bits.below(offsets);
    to[at + 1] = bits.below(offsets);
    to[at + 2] = flip ? bits.below(2) : 0;
  }

  /**
   * Writes one of the ten test windows (paper, section 4.1): 0 to 4 are top left, top right,
   * centre, bottom left, bottom right; 5 to 9 the same mirrored.
   *
   * @param view window in [0, 10)
   * @param to receives top, left, flip (0 or 1) from {@code at} on
   */
  void view(int view, int source, int[] to, int at) {
    checkElementIndex(view, VIEWS, "view");
    checkSource(source);
    int far = source - size;
    int place = view % 5;
    to[at] = place == CENTRE_VIEW ? far / 2 : place < 2 ? 0 : far;
    to[at + 1] = place == CENTRE_VIEW ? far / 2 : place == 0 || place == 3 ? 0 : far;
    to[at + 2] = view / 5;
  }

  private void checkSource(int source) {
    checkArgument(
        source >= size,
        "a window of %s pixels does not fit into images of %s; allowed: 1 to %s",
        size,
        source,
        source);
  }
}
