package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Devices;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerSpec.Pool;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Relu;
import org.alexnet4j.net.LayerSpec.Softmax;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Promises 2 and 3: the same bits run after run, and on two devices as on one. */
class TowersTest {
  private static final int BATCH = 6;
  private static final int STEPS = 5;

  /** Every kind of layer of the paper on small images, towers that meet as in the paper. */
  private static NetworkSpec small(int towers) {
    Parameters start = new Parameters(0.1f, 0.1f, 1, 2, 0.0005f);
    ImmutableList<LayerSpec> layers =
        ImmutableList.of(
            new Conv("conv1", 8, 5, 2, 0, Reads.TOWER, new Parameters(0.01f, 0, 1, 1, 0.0005f)),
            new Relu("relu1"),
            new Lrn("norm1", 5, 2, 1e-4f, 0.75f),
            new Pool("pool1", 3, 2, PoolShape.Mode.MAX, PoolShape.Ties.ALL),
            new Conv("conv2", 8, 3, 1, 1, Reads.TOWER, start),
            new Relu("relu2"),
            new Pool("pool2", 3, 2, PoolShape.Mode.MAX, PoolShape.Ties.ALL),
            new Conv("conv3", 8, 3, 1, 1, Reads.ALL, start),
            new Relu("relu3"),
            new Fc("fc6", 16, false, start),
            new Relu("relu6"),
            new Dropout("drop6", 0.5f),
            new Fc("fc7", 16, false, start),
            new Relu("relu7"),
            new Dropout("drop7", 0.5f),
            new Fc("fc8", 4, true, start),
            new Softmax("softmax"));
    return new NetworkSpec("small", towers, 28, 32, layers);
  }

  /** Losses of some steps and all weights after them. */
  private record Trace(List<StepResult> steps, List<float[]> weights) {}

  private static Trace train(NetworkSpec spec, String devices) throws IOException {
    Plan plan = Planner.plan(spec, BATCH, Purpose.TRAIN, Mean.CHANNEL, 7);
    List<DeviceId> ids = Devices.choose(devices, spec.towers()).ids();
    try (Towers towers = Towers.create(plan, ids)) {
      ParameterStore store = new ParameterStore(towers);
      Initializer.initialize(store, 7, true);
      towers.mean(new float[] {120, 110, 100});
      List<StepResult> steps = new ArrayList<>();
      for (int step = 0; step < STEPS; step++) {
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

  private static void load(Towers towers, int step) {
    Random random = new Random(step);
    byte[] pixels = new byte[BATCH * 32 * 32 * 3];
    random.nextBytes(pixels);
    ByteBuffer images = ByteBuffer.allocateDirect(pixels.length).put(pixels).flip();
    int[] crops = new int[3 * BATCH];
    int[] labels = new int[BATCH];
    float[] noise = new float[3 * BATCH];
    for (int i = 0; i < BATCH; i++) {
      crops[3 * i] = random.nextInt(5);
      crops[3 * i + 1] = random.nextInt(5);
      crops[3 * i + 2] = random.nextInt(2);
      labels[i] = random.nextInt(4);
      noise[3 * i] = random.nextFloat();
    }
    towers.load(BATCH, images, crops, noise, labels);
  }

  private static float[] tensor(ParameterStore store, TensorSpec tensor, Role role)
      throws IOException {
    float[] all = new float[(int) tensor.count()];
    int row = tensor.rowCount();
    store.read(
        tensor,
        role,
        (first, rows, values) -> System.arraycopy(values, 0, all, first * row, rows * row));
    return all;
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
    assertSameBits(train(small(towers), "emu:0"), train(small(towers), several.toString()));
  }

  @Test
  void cpuDevicesGiveTheSameBitsAsOneAndRunAfterRun() throws IOException {
    Trace one = train(small(2), "cpu:0");
    assertSameBits(one, train(small(2), "cpu:0,cpu:1"));
    assertSameBits(one, train(small(2), "cpu:0,cpu:1"));
  }

  @Test
  void cpuAndEmulatorAgree() throws IOException {
    Trace emu = train(small(2), "emu:0,emu:1");
    Trace cpu = train(small(2), "cpu:0,cpu:1");
    for (int step = 0; step < STEPS; step++) {
      // Sums of up to 2,000 terms in another order, carried through five updates.
      assertEquals(emu.steps().get(step).loss(), cpu.steps().get(step).loss(), 2e-4);
    }
    for (int i = 0; i < emu.weights().size(); i++) {
      assertArrayEquals(emu.weights().get(i), cpu.weights().get(i), 2e-4f);
    }
  }

  @Test
  void severalTowersStartFromTheWeightsOfTheWholeNetwork() throws IOException {
    Plan plan = Planner.plan(small(2), 1, Purpose.INFER, Mean.CHANNEL, 7);
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
