package org.alexnet4j.eval;

import java.io.IOException;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.tower.Towers;

/** Runs a network over the centre windows of a data set, in its order, batch by batch. */
final class Forward {
  private Forward() {}

  /** Sees a batch whose outputs can be read from the towers. */
  interface Visitor {
    /**
     * Looks at a batch.
     *
     * @param first place of its first image in the data set
     */
    void at(Batch batch, int first) throws IOException;
  }

  static void over(Towers towers, Dataset images, int threads, Visitor visitor) throws IOException {
    if (images.size() == 0) {
      return;
    }
    Augmentation centre = Augmentation.centre(towers.plan().spec().inputSize());
    int first = 0;
    try (BatchLoader loader =
        Feeding.feed(
            BatchLoader.sequential(images, towers.plan().batch())
                .threads(threads)
                .augmentation(centre),
            towers)) {
      for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
        towers.load(batch.count(), batch.images(), batch.crops(), null, null);
        towers.evaluate();
        visitor.at(batch, first);
        first += batch.count();
      }
    }
  }
}
