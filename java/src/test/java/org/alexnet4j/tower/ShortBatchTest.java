package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.TreeMap;
import org.alexnet4j.device.Devices;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A short batch moves the weights as it does in a plan of its own size: gradients are means over
 * the images that are there (paper-facts, section 6), and those of the batch before, which still
 * lie behind them, have no part.
 */
class ShortBatchTest {
  private static final int SHORT = 2;

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  @ParameterizedTest
  @CsvSource({"cpu:0,WALK,TRAIN", "cpu:0,GRAPH,TRAIN", "emu:0,WALK,TRAIN", "cpu:0,WALK,INSPECT"})
  void gradientsAreMeansOverTheImagesThere(String devices, StepMode mode, Purpose purpose)
      throws IOException {
    NetworkSpec network = SmallNetwork.small(2).withLayers(ShortBatchTest::keepAll);
    try (Towers whole = open(network, SmallNetwork.BATCH, devices, mode, purpose);
        Towers small = open(network, SHORT, devices, mode, purpose)) {
      for (int step = 0; step < 3; step++) { // walked, recorded, and once more
        Initializer.initialize(new ParameterStore(whole), 7, purpose == Purpose.TRAIN);
        SmallNetwork.load(whole, step);
        pass(whole, step);
        Initializer.initialize(new ParameterStore(whole), 7, purpose == Purpose.TRAIN);
        Initializer.initialize(new ParameterStore(small), 7, purpose == Purpose.TRAIN);
        load(whole, step);
        load(small, step);
        assertEquals(pass(small, step).lossSum(), pass(whole, step).lossSum(), 1e-5);
        Map<String, float[]> want = gradients(small);
        gradients(whole)
            .forEach((name, got) -> assertArrayEquals(want.get(name), got, bound(got), name));
      }
    }
  }

  /** Sums over more rows, of which some are zero, round in another order. */
  private static float bound(float[] values) {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return 1e-5f * largest;
  }

  private static Towers open(
      NetworkSpec network, int batch, String devices, StepMode mode, Purpose purpose) {
    Towers towers =
        Towers.create(
            Planner.plan(network, batch, purpose, Mean.CHANNEL, 7),
            Devices.choose(devices, 2).ids(),
            mode);
    towers.mean(new float[] {120, 110, 100});
    return towers;
  }

  private static void load(Towers towers, int step) {
    ByteBuffer images = ByteBuffer.allocate(SmallNetwork.IMAGE_BYTES);
    for (int i = 0; i < images.capacity(); i++) {
      images.put(i, (byte) (31 * i + 7 * step + i / 97));
    }
    towers.load(SHORT, images, new int[3 * SHORT], null, new int[] {step % 3, 2});
  }

  /** A tower's masks follow the size of the plan's batch. */
  private static LayerSpec keepAll(LayerSpec layer) {
    return layer instanceof Dropout dropout ? new Dropout(dropout.name(), 1) : layer;
  }

  private static StepResult pass(Towers towers, int step) {
    StepSettings settings = new StepSettings(step, 0.5f, 0.5f, 0);
    return towers.plan().purpose() == Purpose.TRAIN
        ? towers.step(settings)
        : towers.inspect(settings, true);
  }

  /** What an inspection stores, or the velocities that one step without momentum leaves. */
  private static Map<String, float[]> gradients(Towers towers) throws IOException {
    Role role = towers.plan().purpose() == Purpose.TRAIN ? Role.VELOCITY : Role.GRADIENT;
    Map<String, float[]> all = new TreeMap<>();
    ParameterStore store = new ParameterStore(towers);
    for (TensorSpec tensor : store.tensors()) {
      all.put(tensor.name(), SmallNetwork.tensor(store, tensor, role));
    }
    return all;
  }
}
