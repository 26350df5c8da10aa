package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.alexnet4j.device.Devices;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Layers whose weights learn more slowly than the others, or not at all, from some step on. */
class FrozenLayersTest {
  private static final RateFactors ALL = RateFactors.NONE;
  private static final ImmutableMap<String, Float> HALF = ImmutableMap.of("conv1", .5f, "fc6", .5f);
  private static final RateFactors SLOW = RateFactors.ofWeights(HALF);
  private static final RateFactors FROZEN =
      new RateFactors(
          ImmutableMap.of("conv1", 0f, "conv3", 0f, "fc6", 0f, "fc8", 0f),
          ImmutableMap.of("conv1", 0f, "fc7", 0f));
  private static final Set<String> STILL =
      Set.of("conv1.weight", "conv3.weight", "fc6.weight", "fc8.weight", "conv1.bias", "fc7.bias");

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private static Towers open(NetworkSpec network, String devices, StepMode mode)
      throws IOException {
    Towers towers =
        Towers.create(
            Planner.plan(network, SmallNetwork.BATCH, Purpose.TRAIN, Mean.CHANNEL, 7),
            Devices.choose(devices, 2).ids(),
            mode);
    Initializer.initialize(new ParameterStore(towers), 7, true);
    towers.mean(new float[] {120, 110, 100});
    return towers;
  }

  private static void steps(Towers towers, int from, int to, RateFactors factors) {
    for (int step = from; step < to; step++) {
      SmallNetwork.load(towers, step);
      towers.step(new StepSettings(step, 0.01f, 0.02f, 0.9f, factors));
    }
  }

  /** Returns values and velocities, by name of the tensor. */
  private static Map<String, float[]> state(Towers towers) throws IOException {
    Map<String, float[]> state = new TreeMap<>();
    ParameterStore store = new ParameterStore(towers);
    for (TensorSpec tensor : store.tensors()) {
      state.put(tensor.name(), SmallNetwork.tensor(store, tensor, Role.VALUE));
      state.put("v." + tensor.name(), SmallNetwork.tensor(store, tensor, Role.VELOCITY));
    }
    return state;
  }

  private static void assertSame(Map<String, float[]> want, Map<String, float[]> got) {
    assertEquals(want.keySet(), got.keySet());
    want.forEach((name, values) -> assertArrayEquals(values, got.get(name), name));
  }

  /** Frozen and free again: only what is free moves, and the old velocity is where it was. */
  @ParameterizedTest
  @CsvSource({"cpu:0,WALK", "cpu:0,GRAPH", "emu:0,WALK"})
  void whatIsFrozenStaysWithItsVelocities(String devices, StepMode mode) throws IOException {
    try (Towers towers = open(SmallNetwork.small(2), devices, mode)) {
      steps(towers, 0, 3, ALL);
      Map<String, float[]> before = state(towers);
      steps(towers, 3, 6, FROZEN);
      Map<String, float[]> after = state(towers);
      for (Map.Entry<String, float[]> tensor : before.entrySet()) {
        boolean still = STILL.contains(tensor.getKey().replaceFirst("^v\\.", ""));
        assertEquals(
            still, Arrays.equals(tensor.getValue(), after.get(tensor.getKey())), tensor.getKey());
      }
      steps(towers, 6, 7, ALL);
      assertFalse(
          Arrays.equals(after.get("conv1.weight"), state(towers).get("conv1.weight")),
          "free again");
    }
  }

  /** Two devices and one, walked and recorded: the same bits through all three sets of factors. */
  @Test
  void theBitsDoNotDependOnDevicesOrRecording() throws IOException {
    Map<String, float[]> first = null;
    for (String devices : new String[] {"cpu:0", "cpu:0,cpu:1"}) {
      for (StepMode mode : StepMode.values()) {
        try (Towers towers = open(SmallNetwork.small(2), devices, mode)) {
          steps(towers, 0, 3, ALL);
          steps(towers, 3, 6, SLOW);
          steps(towers, 6, 9, FROZEN);
          assertEquals(mode == StepMode.WALK ? 0 : 3 * Passes.TURNS, towers.recordedForms());
          Map<String, float[]> state = state(towers);
          first = first == null ? state : first;
          assertSame(first, state);
        }
      }
    }
  }

  /** A factor of a step does what the layer's own, for the whole run, does. */
  @Test
  void aFactorOfAStepIsThatOfTheLayer() throws IOException {
    NetworkSpec slow = SmallNetwork.small(2).withLayers(FrozenLayersTest::slowed);
    try (Towers own = open(slow, "cpu:0", StepMode.WALK);
        Towers step = open(SmallNetwork.small(2), "cpu:0", StepMode.WALK)) {
      steps(own, 0, 5, ALL);
      steps(step, 0, 5, SLOW);
      assertSame(state(own), state(step));
    }
  }

  private static LayerSpec slowed(LayerSpec layer) {
    if (layer instanceof Conv c && HALF.containsKey(c.name())) {
      Parameters p = slowed(c.parameters());
      return new Conv(c.name(), c.maps(), c.kernel(), c.stride(), c.pad(), c.reads(), p);
    }
    return layer instanceof Fc f && HALF.containsKey(f.name())
        ? new Fc(f.name(), f.units(), f.firstTowerOnly(), f.reads(), slowed(f.parameters()))
        : layer;
  }

  private static Parameters slowed(Parameters p) {
    return new Parameters(p.sigma(), p.bias(), p.weightRate() / 2, p.biasRate(), p.decay());
  }
}
