package org.alexnet4j.config;

/**
 * What is done to training images (paper, section 4.1).
 *
 * @param randomCrop random windows, else the centre
 * @param flip mirror half of the images
 * @param lastOffset whether the last offset is drawn too: 33 instead of 32 of 256 to 224 (D10)
 * @param chunk consecutive images that share a window, 1 in the paper, 32 in the source (D11)
 * @param colourNoise noise along the principal components of colour (D12)
 * @param noiseDivisor what an image is divided by once it has its noise, 1 in the paper, 1.1 in the
 *     source (D13)
 * @param noiseEpochs epochs with colour noise, all if {@link #ALL_EPOCHS} (D9)
 */
public record AugmentationSpec(
    boolean randomCrop,
    boolean flip,
    boolean lastOffset,
    int chunk,
    boolean colourNoise,
    float noiseDivisor,
    int noiseEpochs) {
  /** Colour noise to the end. */
  public static final int ALL_EPOCHS = Integer.MAX_VALUE;
}
