package org.alexnet4j.train;

import java.io.IOException;
import java.util.Optional;
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
        BatchLoader.sequential(images, towers.plan().batch())
            .threads(loaderThreads)
            .augmentation(Augmentation.centre(towers.plan().spec().inputSize()))
            .memory(Feeding.memory(towers))) {
      for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
        if (listener.stopRequested()) {
          return Optional.empty();
        }
        sum = sum.plus(evaluator.evaluate(batch));
      }
    }
    return Optional.of(sum);
  }
}
