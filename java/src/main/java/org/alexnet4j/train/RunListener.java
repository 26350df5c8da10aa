package org.alexnet4j.train;

import java.nio.file.Path;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.tower.StepResult;

/** Hears what a training run does. All methods are called by the run's thread. */
public interface RunListener {

  /**
   * The run folder is there, and nobody else writes it.
   *
   * @param run the run folder
   */
  default void opened(Path run) {}

  /**
   * The run ended before its first step was done; what it wrote is about to be removed.
   *
   * @param run the run folder
   */
  default void discarded(Path run) {}

  /**
   * The network is ready; {@code steps} updates are to be done in all, {@code done} are.
   *
   * @param plan the network laid out
   * @param trainImages how many images are trained on
   * @param testImages how many are held out
   * @param done updates that are done already
   * @param steps updates in all
   */
  default void started(Plan plan, int trainImages, int testImages, long done, long steps) {}

  /**
   * One update is done; the next one may be under way.
   *
   * @param step number of the update, from 0
   * @param epoch its epoch, from 0
   * @param result loss and errors of its batch
   * @param rate learning rate of the weights
   * @param imagesPerSecond images of this step over its time, loading included
   * @param loaderShare share of that time in which the step waited for images
   */
  default void step(
      long step,
      int epoch,
      StepResult result,
      float rate,
      double imagesPerSecond,
      double loaderShare) {}

  /**
   * The held-out images were looked at after an epoch.
   *
   * @param step updates that are done
   * @param epoch from 0
   * @param result loss and errors over these images
   */
  default void evaluated(long step, int epoch, StepResult result) {}

  /**
   * A checkpoint was written.
   *
   * @param checkpoint the file
   */
  default void saved(Path checkpoint) {}

  /**
   * Something that a person should know, on one line.
   *
   * @param line what it is
   */
  default void note(String line) {}

  /**
   * {@return a set to be read in another one's place, for who wants to hear how far that is}
   *
   * @param images the set
   * @param what is read, in the plural
   * @param total how many images will be read
   */
  default Dataset watched(Dataset images, String what, int total) {
    return images;
  }

  /** {@return whether to save after the step under way and go on; asking takes the wish back} */
  default boolean saveRequested() {
    return false;
  }

  /** {@return whether to save and end after the step under way, which was queued already} */
  default boolean stopRequested() {
    return false;
  }
}
