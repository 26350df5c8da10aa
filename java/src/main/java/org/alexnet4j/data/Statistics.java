package org.alexnet4j.data;

/**
 * What training subtracts and how its colours vary, over the training images.
 *
 * @param perPixel mean of every pixel, grey levels [source,source,3]
 * @param perChannel mean over all pixels, for red, green, blue
 * @param components principal components of the colours
 */
public record Statistics(float[] perPixel, float[] perChannel, ColourComponents components) {
  /**
   * Computes both from sums over images.
   *
   * @param sums over training images
   * @return their mean and components
   */
  public static Statistics of(PixelSums sums) {
    return new Statistics(sums.mean().perPixel(), sums.mean().perChannel(), sums.components());
  }
}
