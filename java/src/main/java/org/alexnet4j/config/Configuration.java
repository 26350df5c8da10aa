package org.alexnet4j.config;

import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.shape.InputShape;

/**
 * Everything that describes an experiment except its data, its seed and its devices.
 *
 * @param network what is trained
 * @param mean what is subtracted from the input (D14)
 * @param training how it is trained
 * @param augmentation what is done to training images
 */
public record Configuration(
    NetworkSpec network,
    InputShape.Mean mean,
    TrainingSpec training,
    AugmentationSpec augmentation) {

  /** Returns the same for another network. */
  public Configuration withNetwork(NetworkSpec other) {
    return new Configuration(other, mean, training, augmentation);
  }

  /** Returns the same with other settings of training. */
  public Configuration withTraining(TrainingSpec other) {
    return new Configuration(network, mean, other, augmentation);
  }
}
