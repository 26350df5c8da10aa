package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;

/**
 * How a layer of Caffe brings images to its network: {@code (pixel - mean) * scale}, the pixels of
 * a crop.
 *
 * @param means grey levels by channel, in the file's order; one is for all channels; none if
 *     nothing is stated
 * @param meanFile name of a file with a mean image, as the layer states it, or nothing
 * @param scale 1 if nothing is stated
 * @param side of what the network sees, rows and columns, or 0 if nothing is stated
 * @param channels 0 if nothing is stated
 */
public record CaffeFeed(
    ImmutableList<Float> means, String meanFile, float scale, int side, int channels) {
  /** Nothing is stated, as of layers that compute. */
  public static final CaffeFeed NONE = new CaffeFeed(ImmutableList.of(), "", 1, 0, 0);

  /** Returns whether grey levels are changed before the network sees them. */
  boolean isChange() {
    return !mean().isEmpty() || scale != 1;
  }

  /** Returns what is subtracted, for comparing and for messages; nothing if nothing is. */
  String mean() {
    return means.isEmpty() ? meanFile : means.toString();
  }
}
