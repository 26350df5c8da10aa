package org.alexnet4j.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.alexnet4j.plan.BufferSpec.Kind;
import org.alexnet4j.shape.ChannelsShape;

/**
 * Plans a step in slices: the convolutional part once for each slice of the images, what it ends in
 * side by side as one batch, the fully-connected part with the whole batch, and back. The
 * convolutions' gradients of the slices are added as an aligned binary tree.
 */
final class SlicedStep {
  private final Drafts drafts;
  private final Supplier<List<Runnable>> convolutional;
  private final Supplier<List<Runnable>> connected;
  private final int[] whole;

  /**
   * Creates the plan.
   *
   * @param convolutional plans the present slice's way from the images forward, and returns how to
   *     go back
   * @param connected the same from the whole batch to the end
   */
  SlicedStep(
      Drafts drafts, Supplier<List<Runnable>> convolutional, Supplier<List<Runnable>> connected) {
    this.drafts = drafts;
    this.convolutional = convolutional;
    this.connected = connected;
    this.whole = new int[drafts.towers.size()];
  }

  void plan() {
    int count = drafts.own;
    List<List<Runnable>> kept = new ArrayList<>();
    for (int slice = 0; slice < count; slice++) {
      drafts.enter(slice);
      kept.add(convolutional.get());
      join();
    }
    drafts.leave();
    for (TowerDraft draft : drafts.towers) {
      drafts.moves.gatherImages(draft, whole[draft.tower]);
    }
    System.arraycopy(whole, 0, drafts.value, 0, whole.length);
    Planner.backward(connected.get());
    int[] gradient = drafts.gradient.clone();
    for (int slice = 0; slice < count; slice++) {
      drafts.enter(slice);
      take(gradient);
      List<Runnable> back = kept.get(slice);
      if (drafts.slicing.recompute()) {
        List<List<Runnable>> again = new ArrayList<>();
        drafts.again(() -> again.add(convolutional.get()));
        back = again.get(0);
      }
      Planner.backward(back);
    }
    drafts.leave();
  }

  /** Puts the slice's planes beside those of the other slices. */
  private void join() {
    for (TowerDraft draft : drafts.towers) {
      int t = draft.tower;
      int x = drafts.value[t];
      BufferSpec plane = draft.buffers.get(x);
      if (drafts.slice == 0) {
        long count = plane.count() * drafts.slicing.count();
        String name = draft.plainName(x);
        whole[t] = draft.commonStored(name, plane.layer(), Kind.ACTIVATION, count, plane.extent());
      }
      int values = values(plane);
      draft.forward.add(
          copy(
              plane,
              x,
              values,
              0,
              whole[t],
              values * drafts.slicing.count(),
              drafts.wholeSlice * values));
    }
    Arrays.fill(drafts.value, -1);
  }

  /** Takes the slice's gradients out of the whole batch's. */
  private void take(int[] gradient) {
    Arrays.fill(drafts.gradient, -1);
    for (TowerDraft draft : drafts.towers) {
      int t = draft.tower;
      if (gradient[t] >= 0) {
        BufferSpec plane = draft.buffers.get(gradient[t]);
        int dx =
            draft.plane(plane.name(), plane.layer(), Kind.GRADIENT, plane.extent(), drafts.batch);
        int values = values(draft.buffers.get(dx));
        draft.backward.add(
            copy(
                plane,
                gradient[t],
                values * drafts.slicing.count(),
                drafts.wholeSlice * values,
                dx,
                values,
                0));
        drafts.gradient[t] = dx;
      }
    }
  }

  /** Returns the values of a slice's plane, of which all slices together make one row. */
  private int values(BufferSpec plane) {
    long values = plane.count();
    long most = (1 << 30) / drafts.slicing.count();
    if (values > most) {
      throw new Misfit(
          plane.layer(),
          new IllegalArgumentException(
              "a slice ends in "
                  + values
                  + " values on a tower; allowed: "
                  + most
                  + ", as the slices together have at most 2^30; take a smaller batch"));
    }
    return (int) values;
  }

  /** Copies a slice, which lies together, as one row. */
  private static Operation copy(
      BufferSpec plane, int x, int xValues, int xFirst, int y, int yValues, int yFirst) {
    int count = Math.min(xValues, yValues);
    ChannelsShape shape = new ChannelsShape(1, xValues, xFirst, yValues, yFirst, count);
    return new Operation.ChannelsCopy(plane.layer(), shape, x, y);
  }
}
