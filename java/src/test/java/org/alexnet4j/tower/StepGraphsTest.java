package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.Devices;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A step that is one recorded graph gives the bits of one that is walked: nothing that changes from
 * step to step is part of the recording.
 */
class StepGraphsTest {
  private static final int STEPS = 20;

  private record Trace(List<StepResult> steps, List<float[]> weights, int recorded) {}

  /** Trains with dropout, flips and noise; rate and momentum change, evaluations lie in between. */
  private static Trace train(String devices, StepMode mode) throws IOException {
    Plan plan =
        Planner.plan(SmallNetwork.small(2), SmallNetwork.BATCH, Purpose.TRAIN, Mean.CHANNEL, 7);
    try (Towers towers = Towers.create(plan, Devices.choose(devices, 2).ids(), mode)) {
      assertEquals(mode, towers.mode());
      ParameterStore store = new ParameterStore(towers);
      Initializer.initialize(store, 7, true);
      towers.mean(new float[] {120, 110, 100});
      List<StepResult> steps = new ArrayList<>();
      for (int i = 0; i < STEPS; i++) {
        SmallNetwork.load(towers, i);
        float rate = i < 8 ? 0.02f : 0.002f;
        float momentum = i < 13 ? 0.9f : 0.5f;
        steps.add(towers.step(new StepSettings(i, rate, 2 * rate, momentum)));
        if (i % 7 == 3) {
          SmallNetwork.load(towers, 100 + i);
          steps.add(towers.evaluate());
        }
      }
      List<float[]> weights = new ArrayList<>();
      for (TensorSpec tensor : store.tensors()) {
        weights.add(SmallNetwork.tensor(store, tensor, Role.VALUE));
      }
      return new Trace(steps, weights, towers.recordedForms());
    }
  }

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  @ParameterizedTest
  @ValueSource(strings = {"emu:0", "emu:0,emu:1", "cpu:0", "cpu:0,cpu:1"})
  void aRecordedStepGivesTheBitsOfAWalkedOne(String devices) throws IOException {
    Trace walked = train(devices, StepMode.WALK);
    assertEquals(0, walked.recorded());
    for (StepMode mode : List.of(StepMode.GRAPH, StepMode.PAIRS)) {
      Trace recorded = train(devices, mode);
      // The evaluations that are recorded happen to have the same turn.
      assertEquals(3, recorded.recorded(), "a graph to train in each turn, and one to evaluate");
      assertEquals(walked.steps(), recorded.steps());
      for (int i = 0; i < walked.weights().size(); i++) {
        assertArrayEquals(walked.weights().get(i), recorded.weights().get(i));
      }
    }
  }

  @Test
  void theModeFollowsDevicesAndSetting() {
    assertEquals(StepMode.GRAPH, StepMode.choose(null, DeviceKind.CUDA, true));
    assertEquals(StepMode.WALK, StepMode.choose(null, DeviceKind.CUDA, false));
    assertEquals(StepMode.WALK, StepMode.choose(null, DeviceKind.CPU, true));
    assertEquals(StepMode.GRAPH, StepMode.choose("on", DeviceKind.EMU, true));
    assertEquals(StepMode.WALK, StepMode.choose("off", DeviceKind.CUDA, true));
    assertEquals(StepMode.PAIRS, StepMode.choose("pairs", DeviceKind.CUDA, true));
    for (String recorded : List.of("on", "pairs")) {
      assertThrows(
          IllegalArgumentException.class, () -> StepMode.choose(recorded, DeviceKind.CPU, false));
    }
    assertThrows(
        IllegalArgumentException.class, () -> StepMode.choose("yes", DeviceKind.CPU, true));
  }
}
