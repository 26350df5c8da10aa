package org.alexnet4j.train;

import java.io.IOException;
import java.util.Optional;
import org.alexnet4j.config.AugmentationSpec;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.ColourNoise;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Statistics;

/**
 * What a configuration does to the training images of a data set.
 *
 * @hidden
 */
public final class TrainingWindows {
  private TrainingWindows() {}

  /**
   * {@return windows and noise; the noise follows the colours of the data where these are known,
   * else those of ImageNet}
   *
   * @param configuration of the run
   * @param train training images
   * @throws IOException if the data's colours cannot be read
   */
  public static Augmentation of(Configuration configuration, Dataset train) throws IOException {
    return of(configuration, train, configuration.augmentation().colourNoise());
  }

  /** Returns the same with colour noise or without, whatever the configuration says of it. */
  static Augmentation of(Configuration configuration, Dataset train, boolean noisy)
      throws IOException {
    AugmentationSpec spec = configuration.augmentation();
    int size = configuration.network().inputSize();
    if (!spec.randomCrop()) {
      return Augmentation.centre(size);
    }
    Augmentation augmentation = Augmentation.paper2012(size).withChunk(spec.chunk());
    augmentation = spec.lastOffset() ? augmentation.withLastOffset() : augmentation;
    augmentation = spec.flip() ? augmentation : augmentation.withoutFlip();
    if (!noisy) {
      return augmentation;
    }
    Optional<Statistics> known = train.statistics();
    ColourNoise noise =
        known.isPresent() ? known.get().components().noise() : ColourNoise.imageNet();
    return augmentation.withNoise(
        noise.withDivisor(spec.noiseDivisor()).withEpochs(spec.noiseEpochs()));
  }
}
