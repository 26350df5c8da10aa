package org.alexnet4j.tower;

import static org.alexnet4j.tower.SmallNetwork.BATCH;
import static org.alexnet4j.tower.SmallNetwork.load;
import static org.alexnet4j.tower.SmallNetwork.locallyConnected;
import static org.alexnet4j.tower.SmallNetwork.reading;
import static org.alexnet4j.tower.SmallNetwork.small;
import static org.alexnet4j.tower.SmallNetwork.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Devices;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.NetworkSpec;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Promises 2 and 3: the same bits run after run, and on two devices as on one. */
class TowersTest {
  private static final int STEPS = 20;
  private static final int FEW = 5;

  /** Losses of some steps and all weights after them. */
  private record Trace(List<StepResult> steps, List<float[]> weights) {}

  private static Trace train(NetworkSpec spec, String devices) throws IOException {
    return train(spec, devices, STEPS);
  }

  private static Trace train(NetworkSpec spec, String devices, int count) throws IOException {
    Plan plan = Planner.plan(spec, BATCH, Purpose.TRAIN, Mean.CHANNEL, 7);
    List<DeviceId> ids = Devices.choose(devices, spec.towers()).ids();
    try (Towers towers = Towers.create(plan, ids)) {
      ParameterStore store = new ParameterStore(towers);
      Initializer.initialize(store, 7, true);
      towers.mean(new float[] {120, 110, 100});
      List<StepResult> steps = new ArrayList<>();
      for (int step = 0; step < count; step++) {
        load(towers, step);
        steps.add(towers.step(new StepSettings(step, 0.01f, 0.01f, 0.9f)));
      }
      List<float[]> weights = new ArrayList<>();
      for (TensorSpec tensor : store.tensors()) {
        weights.add(tensor(store, tensor, Role.VALUE));
      }
      return new Trace(steps, weights);
    }
  }

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private static void assertSameBits(Trace expected, Trace actual) {
    assertEquals(expected.steps(), actual.steps());
    for (int i = 0; i < expected.weights().size(); i++) {
      assertArrayEquals(expected.weights().get(i), actual.weights().get(i));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void emulatedDevicesGiveTheSameBitsAsOne(int towers) throws IOException {
    StringBuilder several = new StringBuilder("emu:0");
    for (int t = 1; t < towers; t++) {
      several.append(",emu:").append(t);
    }
    int steps = towers == 2 ? STEPS : FEW;
    assertSameBits(
        train(small(towers), "emu:0", steps), train(small(towers), several.toString(), steps));
  }

  @ParameterizedTest
  @CsvSource({"TOWER, TOWER", "PAIR, ALL", "PAIR, PAIR", "ALL, TOWER"})
  void fourTowersMeetAsTheyAreTold(Reads convolution, Reads hidden) throws IOException {
    NetworkSpec four = reading(convolution, hidden, 4);
    Trace cpu = train(four, "cpu:0", FEW);
    assertSameBits(cpu, train(four, "cpu:0,cpu:1,cpu:2,cpu:3", FEW));
    assertSameBits(cpu, train(four, "cpu:0,cpu:1,cpu:0,cpu:1", FEW));
    Trace emu = train(four, "emu:0", FEW);
    assertSameBits(emu, train(four, "emu:0,emu:1,emu:2,emu:3", FEW));
    assertEquals(emu.steps().get(0).loss(), cpu.steps().get(0).loss(), 1e-5);
  }

  @Test
  void cpuDevicesGiveTheSameBitsAsOneAndRunAfterRun() throws IOException {
    Trace one = train(small(2), "cpu:0");
    assertSameBits(one, train(small(2), "cpu:0,cpu:1"));
    assertSameBits(one, train(small(2), "cpu:0,cpu:1"));
  }

  @Test
  void locallyConnectedTowersGiveTheSameBitsOnAnyDevices() throws IOException {
    for (int towers : new int[] {2, 4}) {
      Trace cpu = train(locallyConnected(towers), "cpu:0", FEW);
      Trace emu = train(locallyConnected(towers), "emu:0", FEW);
      String apart = towers == 2 ? "0,%s:1" : "0,%s:1,%s:2,%s:3";
      assertSameBits(
          cpu, train(locallyConnected(towers), "cpu:" + apart.replace("%s", "cpu"), FEW));
      assertSameBits(
          emu, train(locallyConnected(towers), "emu:" + apart.replace("%s", "emu"), FEW));
      assertEquals(emu.steps().get(0).loss(), cpu.steps().get(0).loss(), 1e-5);
    }
  }

  @Test
  void cpuAndEmulatorAgree() throws IOException {
    Trace emu = train(small(2), "emu:0,emu:1", FEW);
    Trace cpu = train(small(2), "cpu:0,cpu:1", FEW);
    for (int step = 0; step < FEW; step++) {
      // Sums of up to 2,000 terms in another order, carried through five updates.
      assertEquals(emu.steps().get(step).loss(), cpu.steps().get(step).loss(), 2e-4);
    }
    for (int i = 0; i < emu.weights().size(); i++) {
      assertArrayEquals(emu.weights().get(i), cpu.weights().get(i), 2e-4f);
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void severalTowersStartFromTheWeightsOfTheWholeNetwork(boolean local) throws IOException {
    NetworkSpec network = local ? locallyConnected(2) : small(2);
    Plan plan = Planner.plan(network, 1, Purpose.INFER, Mean.CHANNEL, 7);
    try (Towers towers = Towers.create(plan, Devices.choose("emu:0", 2).ids())) {
      ParameterStore store = new ParameterStore(towers);
      for (TensorSpec tensor : store.tensors()) {
        int row = tensor.rowCount();
        store.write(
            tensor,
            Role.VALUE,
            (first, rows, values) -> {
              for (int i = 0; i < rows * row; i++) {
                values[i] = first * row + i;
              }
            });
        float[] back = tensor(store, tensor, Role.VALUE);
        for (int i = 0; i < back.length; i++) {
          assertEquals(i, back[i], tensor.name());
        }
      }
    }
  }

  /** Held-out images come without noise, whatever the training batch before them had. */
  @Test
  void aBatchWithoutNoiseHasNone() throws IOException {
    try (Towers towers = SmallRun.open(2, "cpu:0,cpu:1", TowerOptions.DEFAULT)) {
      int[] labels = new int[SmallNetwork.BATCH];
      ByteBuffer images = ByteBuffer.allocateDirect(SmallNetwork.BATCH * 32 * 32 * 3);
      towers.load(SmallNetwork.BATCH, images, new int[3 * SmallNetwork.BATCH], null, labels);
      StepResult clean = towers.evaluate();
      float[] noise = new float[4 * SmallNetwork.BATCH];
      Arrays.fill(noise, 50);
      towers.load(SmallNetwork.BATCH, images, new int[3 * SmallNetwork.BATCH], noise, labels);
      assertNotEquals(clean, towers.evaluate());
      towers.load(SmallNetwork.BATCH, images, new int[3 * SmallNetwork.BATCH], null, labels);
      assertEquals(clean, towers.evaluate());
    }
  }

  @Test
  void wrongInputsAreNamed() {
    Plan plan = Planner.plan(small(2), 2, Purpose.INFER, Mean.CHANNEL, 7);
    try (Towers towers = Towers.create(plan, Devices.choose("emu:0", 2).ids())) {
      ByteBuffer images = ByteBuffer.allocateDirect(2 * 32 * 32 * 3);
      assertMessage(
          "label of image 1 is 4; allowed: 0 to 3",
          () -> towers.load(2, images, new int[6], null, new int[] {0, 4}));
      assertMessage(
          "crop of image 0 starts at 5,0; allowed: 0 to 4",
          () -> towers.load(1, images, new int[] {5, 0, 0}, null, null));
      assertMessage(
          "noise has 6 values; needed: 4 for each of 2 images",
          () -> towers.load(2, images, new int[6], new float[6], null));
      assertMessage(
          "batch has 3 images; allowed: 1 to 2",
          () -> towers.load(3, images, new int[9], null, null));
      assertThrows(IllegalStateException.class, () -> towers.step(new StepSettings(0, 0, 0, 0)));
    }
  }

  private static void assertMessage(String text, Runnable action) {
    IllegalArgumentException e = assertThrows(IllegalArgumentException.class, action::run);
    assertTrue(e.getMessage().contains(text), e.getMessage());
  }
}
