package org.alexnet4j.train;

import java.io.IOException;
import java.util.Optional;
import org.alexnet4j.config.StageSpec;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.eval.Evaluator;
import org.alexnet4j.eval.Feeding;
import org.alexnet4j.eval.Views;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.tower.Towers;

/** Looks at images with a network in training, between two steps, through their centre windows. */
record HeldOutPass(Towers towers, int loaderThreads, RunListener listener) {
  /** Returns nothing if the run was asked to stop meanwhile. */
  Optional<StepResult> over(Dataset images) throws IOException {
    Evaluator evaluator = new Evaluator(towers, Views.CENTRE);
    StepResult sum = StepResult.NONE;
    try (BatchLoader loader =
        Feeding.feed(
            BatchLoader.sequential(images, towers.plan().batch())
                .threads(loaderThreads)
                .part(towers.plan().part().rank(), towers.plan().part().ranks())
                .augmentation(Augmentation.centre(towers.plan().spec().inputSize())),
            towers)) {
      for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
        if (listener.stopRequested()) {
          return Optional.empty();
        }
        sum = sum.plus(evaluator.evaluate(batch));
      }
    }
    return Optional.of(sum);
  }

  /**
   * Returns how a stage does on the training images that it leaves out, if that may end it; {@link
   * StepResult#NONE} if the run was asked to stop meanwhile.
   */
  Optional<StepResult> left(Optional<StageSpec> stage, StageData stages) throws IOException {
    boolean asks =
        stage.flatMap(StageSpec::end).filter(StageSpec.Patience.class::isInstance).isPresent();
    Optional<Dataset> images = asks ? stages.left(stage) : Optional.empty();
    return images.isPresent()
        ? Optional.of(over(images.get()).orElse(StepResult.NONE))
        : Optional.empty();
  }
}
