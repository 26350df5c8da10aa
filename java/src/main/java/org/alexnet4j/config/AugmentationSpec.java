package org.alexnet4j.config;

/**
 * What is done to training images (paper, section 4.1).
 *
 * @param randomCrop random windows, else the centre
 * @param flip mirror half of the images
 * @param lastOffset whether the last offset is drawn too: 33 instead of 32 of 256 to 224 (D10)
 * @param chunk consecutive images that share a window, 1 in the paper, 32 in the source (D11)
 * @param colourNoise noise along the principal components of colour (D12)
 */
public record AugmentationSpec(
    boolean randomCrop, boolean flip, boolean lastOffset, int chunk, boolean colourNoise) {}
