package org.alexnet4j.data.prepare;

import static com.google.common.base.Preconditions.checkArgument;

import java.nio.file.Path;
import java.util.Optional;
import org.alexnet4j.data.DataOptions.Damaged;

/**
 * How images are packed.
 *
 * @param side side in pixels to which every image is brought: 256 for ImageNet
 * @param heldOutShare share of each class that is held out where the source has no part for that
 * @param upright whether EXIF's orientation is honoured; in 2012 it was not
 * @param damaged what a damaged image does
 * @param canonical whether labels count among all 1,000 classes of ILSVRC-2012
 * @param valLabels labels of the validation images, where the source has them apart
 * @param shardImages images per file
 * @param threads threads that decode
 * @param shareAsked whether a person asked for the share, and so for a source without a part for it
 */
public record PrepareOptions(
    int side,
    double heldOutShare,
    boolean upright,
    Damaged damaged,
    boolean canonical,
    Optional<Path> valLabels,
    int shardImages,
    int threads,
    boolean shareAsked) {

  /** Creates options with a share that is for sources that need one. */
  public PrepareOptions(
      int side,
      double heldOutShare,
      boolean upright,
      Damaged damaged,
      boolean canonical,
      Optional<Path> valLabels,
      int shardImages,
      int threads) {
    this(side, heldOutShare, upright, damaged, canonical, valLabels, shardImages, threads, false);
  }

  /** Most images per file: their sums of pixel values fit into 32 bits, the file into a mapping. */
  public static final int MAX_SHARD_IMAGES = 8192;

  /** Checks the values. */
  public PrepareOptions {
    checkArgument(side >= 1 && side <= 1024, "images of %s pixels; allowed: 1 to 1024", side);
    checkArgument(
        heldOutShare >= 0 && heldOutShare < 1,
        "held-out share %s; allowed: 0 to 1, not 1 itself",
        heldOutShare);
    checkArgument(
        shardImages >= 1
            && shardImages <= MAX_SHARD_IMAGES
            && 3L * side * side * shardImages < Integer.MAX_VALUE,
        "%s images per file; allowed: 1 to %s, and less than 2 GiB",
        shardImages,
        MAX_SHARD_IMAGES);
    checkArgument(threads >= 1, "%s threads; allowed: 1 or more", threads);
  }

  /** Returns the choices for ImageNet: 256 pixels, 10 % held out, all cores, 1,024 a file. */
  public static PrepareOptions standard() {
    return new PrepareOptions(
        256,
        0.1,
        false,
        Damaged.FAIL,
        false,
        Optional.empty(),
        1024,
        Runtime.getRuntime().availableProcessors());
  }
}
