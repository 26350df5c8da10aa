package org.alexnet4j.config;

import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.shape.InputShape;

/**
 * Everything that describes an experiment except its data, its seed and its devices.
 *
 * @param network what is trained
 * @param mean what is subtracted from the input (D14)
 * @param training how it is trained
 * @param augmentation what is done to training images
 * @param start another network whose values it starts from
 * @param stated how many classes a person's file states; otherwise the data decide
 */
public record Configuration(
    NetworkSpec network,
    InputShape.Mean mean,
    TrainingSpec training,
    AugmentationSpec augmentation,
    Optional<StartSpec> start,
    Optional<StatedClasses> stated) {

  /**
   * Classes that a file states as units of the last layer.
   *
   * @param layer the layer
   * @param units how many
   * @param change whether the file changes a preset in this, and so means it; a file of its own has
   *     to say something
   */
  public record StatedClasses(String layer, int units, boolean change) {}

  /**
   * Refuses data or weights of other classes than a file states on purpose.
   *
   * @param classes how many there are
   * @param where the data or weights
   * @return this configuration, with so many classes
   * @throws ConfigException if they differ; the text has both numbers
   */
  public Configuration requireClasses(int classes, String where) {
    if (stated.isPresent() && stated.get().change() && stated.get().units() != classes) {
      throw new ConfigException(
          String.format(
              Locale.ROOT,
              "network.layers.%s.units is %d, and %s has %d classes; allowed: %d, or none stated",
              stated.get().layer(),
              stated.get().units(),
              where,
              classes,
              classes));
    }
    return this;
  }

  /** Two are equal if they are the same experiment, whoever stated the number of its classes. */
  @Override
  public boolean equals(Object other) {
    return other instanceof Configuration that
        && network.equals(that.network)
        && mean == that.mean
        && training.equals(that.training)
        && augmentation.equals(that.augmentation)
        && start.equals(that.start);
  }

  @Override
  public int hashCode() {
    return Objects.hash(network, mean, training, augmentation, start);
  }

  /**
   * {@return the same for another network}
   *
   * @param other the network in place of this one
   */
  public Configuration withNetwork(NetworkSpec other) {
    return new Configuration(other, mean, training, augmentation, start, stated);
  }

  /** Returns the same with the classes that a file states. */
  Configuration withStated(Optional<StatedClasses> classes) {
    return new Configuration(network, mean, training, augmentation, start, classes);
  }

  /**
   * {@return the same with other settings of training}
   *
   * @param other the settings of training in place of these
   */
  public Configuration withTraining(TrainingSpec other) {
    return new Configuration(network, mean, other, augmentation, start, stated);
  }

  /** Returns the same with other settings of images. */
  Configuration withAugmentation(AugmentationSpec other) {
    return new Configuration(network, mean, training, other, start, stated);
  }

  /**
   * {@return the same with another start}
   *
   * @param other what the weights start from; nothing: random values
   */
  public Configuration withStart(Optional<StartSpec> other) {
    return new Configuration(network, mean, training, augmentation, other, stated);
  }
}
