package org.alexnet4j.train;

import java.util.Optional;
import org.alexnet4j.config.StageSpec;
import org.alexnet4j.config.TrainingSpec;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.DatasetPart;
import org.alexnet4j.run.ScheduleState;

/**
 * What of the training images an epoch takes: all, or the part of its stage.
 *
 * @param train all of them
 * @param spec the stages
 * @param seed decides which images a part has
 */
record StageData(Dataset train, TrainingSpec spec, long seed) {

  /** Returns the images of an epoch. */
  Dataset images(Optional<StageSpec> stage) {
    int count = count(stage);
    return count == train.size() ? train : DatasetPart.of(train, seed, 0, count);
  }

  /** Returns the images that a stage leaves out, none if it takes all. */
  Optional<Dataset> left(Optional<StageSpec> stage) {
    int count = count(stage);
    return count == train.size()
        ? Optional.empty()
        : Optional.of(DatasetPart.of(train, seed, count, train.size() - count));
  }

  private int count(Optional<StageSpec> stage) {
    return stage.map(s -> s.imagesOf(train.size())).orElse(train.size());
  }

  /** Returns the updates of an epoch. */
  int stepsPerEpoch(Optional<StageSpec> stage) {
    return spec.stepsPerEpoch(count(stage));
  }

  /** Returns the most updates that a run may have in all, as far as its schedule knows. */
  long steps(ScheduleState state) {
    if (spec.stages().isEmpty()) {
      return (long) spec.epochs() * stepsPerEpoch(Optional.empty());
    }
    long steps = 0;
    var begins = state.stages().begins();
    for (int i = 0; i < spec.stages().size(); i++) {
      boolean ended = i + 1 < begins.size();
      int epochs = ended ? begins.get(i + 1) - begins.get(i) : spec.stages().get(i).epochs();
      steps += (long) epochs * stepsPerEpoch(Optional.of(spec.stages().get(i)));
    }
    return steps;
  }
}
