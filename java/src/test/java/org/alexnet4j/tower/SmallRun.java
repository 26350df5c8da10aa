package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.device.Devices;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.Slicing;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.train.Initializer;

/**
 * Some steps of the small network, with dropout, flips and noise.
 *
 * @param steps what each step gave
 * @param weights all weights afterwards
 */
record SmallRun(List<StepResult> steps, List<float[]> weights) {

  /** Opens the small network on devices, with its start values. */
  static Towers open(int towers, String devices, TowerOptions options) throws IOException {
    return open(towers, devices, options, Slicing.NONE);
  }

  static Towers open(int towers, String devices, TowerOptions options, Slicing slicing)
      throws IOException {
    Plan plan =
        Planner.plan(
            SmallNetwork.small(towers),
            SmallNetwork.BATCH,
            Purpose.TRAIN,
            Mean.CHANNEL,
            7,
            slicing);
    Towers open = Towers.create(plan, Devices.choose(devices, towers).ids(), options);
    Initializer.initialize(new ParameterStore(open), 7, true);
    open.mean(new float[] {120, 110, 100});
    return open;
  }

  /** Takes one step. */
  static StepResult step(Towers towers, int step) {
    SmallNetwork.load(towers, step);
    return towers.step(new StepSettings(step, 0.01f, 0.02f, 0.9f));
  }

  static SmallRun of(int towers, String devices, TowerOptions options, int count)
      throws IOException {
    try (Towers open = open(towers, devices, options)) {
      return of(open, count);
    }
  }

  static SmallRun of(Towers towers, int count) throws IOException {
    List<StepResult> steps = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      steps.add(step(towers, i));
    }
    List<float[]> weights = new ArrayList<>();
    ParameterStore store = new ParameterStore(towers);
    for (TensorSpec tensor : store.tensors()) {
      weights.add(SmallNetwork.tensor(store, tensor, Role.VALUE));
    }
    return new SmallRun(steps, weights);
  }

  void assertSameBits(SmallRun other) {
    assertEquals(steps, other.steps);
    for (int i = 0; i < weights.size(); i++) {
      assertArrayEquals(weights.get(i), other.weights.get(i));
    }
  }
}
