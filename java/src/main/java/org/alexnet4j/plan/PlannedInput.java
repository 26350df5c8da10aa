package org.alexnet4j.plan;

import java.util.HashMap;
import java.util.Map;
import org.alexnet4j.plan.BufferSpec.Kind;
import org.alexnet4j.shape.InputShape;

/**
 * Plans the input of the network: stored images to the values that the first layers read. Each
 * slice has images, crops and noise of its own, and reads them again if it is computed again.
 */
final class PlannedInput {
  /** Size of an {@code alexnet_step_settings}. */
  private static final int SETTINGS_BYTES = 24;

  /** What a slice reads on a tower, and the mean. */
  private record Source(int images, int crops, int mean, int noise) {}

  private final Drafts drafts;
  private final InputShape.Mean mean;
  private final Map<Integer, Source> sources = new HashMap<>(); // by slice and tower

  PlannedInput(Drafts drafts, InputShape.Mean mean) {
    this.drafts = drafts;
    this.mean = mean;
  }

  /** Plans it for the present slice. */
  void plan() {
    int side = drafts.spec.inputSize();
    InputShape shape =
        new InputShape(
            drafts.batch, drafts.spec.sourceSize(), side, mean, drafts.slicing.imageSlots());
    for (TowerDraft draft : drafts.towers) {
      int key = drafts.slice * drafts.towers.size() + draft.tower;
      Source from = sources.computeIfAbsent(key, k -> source(draft, shape));
      int x =
          draft.plane("input", "input", Kind.ACTIVATION, new Extent(side, side, 3), drafts.batch);
      draft.forward.add(
          new Operation.Input(
              "input", shape, from.images(), from.crops(), from.mean(), from.noise(), x));
      drafts.value[draft.tower] = x;
    }
  }

  private Source source(TowerDraft draft, InputShape shape) {
    if (drafts.slice == 0) {
      draft.common("settings", "input", Kind.STEP, SETTINGS_BYTES, null);
    }
    int images = draft.buffer("images", "input", Kind.IMAGES, shape.imageBytes(), null);
    int crops = draft.buffer("crops", "input", Kind.STEP, 12L * drafts.batch, null);
    Source first = sources.get(draft.tower);
    int meanId =
        first == null
            ? draft.common("mean", "input", Kind.BATCH, 4L * shape.meanCount(), null)
            : first.mean();
    int noise = draft.buffer("noise", "input", Kind.STEP, 16L * drafts.batch, null);
    return new Source(images, crops, meanId, noise);
  }
}
