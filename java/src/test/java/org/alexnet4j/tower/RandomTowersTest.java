package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Devices;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.Slicing;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Networks that nobody thought of give the same bits on a device per tower as on one device, with
 * dropout, flips and colour noise. {@code -Dalexnet.towers=200} draws more of them.
 */
class RandomTowersTest {
  private static final int STEPS = 4;

  /** What training left: losses, weights, velocities. */
  private record Trace(List<StepResult> steps, List<float[]> values) {}

  static LongStream seeds() {
    return LongStream.range(0, Integer.getInteger("alexnet.towers", 8));
  }

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  @ParameterizedTest
  @MethodSource("seeds")
  void everyTowerOnItsDeviceGivesTheBitsOfOneDevice(long seed) throws IOException {
    NetworkSpec network = RandomNetwork.of(seed);
    String apart =
        IntStream.range(0, network.towers())
            .mapToObj(t -> "emu:" + t)
            .collect(Collectors.joining(","));
    Trace one = train(network, seed, "emu:0");
    Trace several = train(network, seed, apart);
    assertEquals(one.steps(), several.steps(), network::toString);
    // NaN would be memory read before it was written. Infinite is a probability that rounds to 0.
    assertTrue(one.steps().stream().noneMatch(s -> Double.isNaN(s.lossSum())), network::toString);
    for (int i = 0; i < one.values().size(); i++) {
      assertArrayEquals(one.values().get(i), several.values().get(i), network.toString());
    }
  }

  /** The same of steps in slices, whose planes are kept or computed again. */
  @ParameterizedTest
  @MethodSource("seeds")
  void slicesGiveTheSameBitsWhereverAndWheneverTheyAre(long seed) throws IOException {
    int slices = 2 << seed % 3;
    NetworkSpec random = RandomNetwork.of(seed);
    NetworkSpec network =
        random.withLayers(
            layer ->
                layer instanceof Fc f && !f.firstTowerOnly()
                    ? f.withWidth((f.units() + slices - 1) / slices * slices)
                    : layer);
    String apart =
        IntStream.range(0, network.towers())
            .mapToObj(t -> "cpu:" + t)
            .collect(Collectors.joining(","));
    Trace kept = train(network, seed, "cpu:0", new Slicing(slices, false));
    Trace again = train(network, seed, apart, new Slicing(slices, true));
    assertEquals(kept.steps(), again.steps(), network::toString);
    assertTrue(kept.steps().stream().noneMatch(s -> Double.isNaN(s.lossSum())), network::toString);
    for (int i = 0; i < kept.values().size(); i++) {
      assertArrayEquals(kept.values().get(i), again.values().get(i), network.toString());
    }
    StepResult whole = train(network, seed, "cpu:0", Slicing.NONE, slices).steps().get(0);
    assertEquals(whole, kept.steps().get(0), network::toString);
  }

  private static Trace train(NetworkSpec network, long seed, String devices) throws IOException {
    return train(network, seed, devices, Slicing.NONE);
  }

  private static Trace train(NetworkSpec network, long seed, String devices, Slicing slicing)
      throws IOException {
    return train(network, seed, devices, slicing, slicing.count());
  }

  /** Trains with a batch that so many slices divide. */
  private static Trace train(
      NetworkSpec network, long seed, String devices, Slicing slicing, int divisor)
      throws IOException {
    Random random = new Random(seed);
    int batch = (1 + random.nextInt(7)) * divisor;
    Mean mean = random.nextBoolean() ? Mean.CHANNEL : Mean.PIXEL;
    Plan plan = Planner.plan(network, batch, Purpose.TRAIN, mean, seed, slicing);
    List<DeviceId> ids = Devices.choose(devices, network.towers()).ids();
    try (Towers towers = Towers.create(plan, ids)) {
      ParameterStore store = new ParameterStore(towers);
      Initializer.initialize(store, seed, true);
      int side = network.sourceSize();
      float[] means = new float[mean == Mean.CHANNEL ? 3 : 3 * side * side];
      for (int i = 0; i < means.length; i++) {
        means[i] = 100 + 50 * random.nextFloat();
      }
      towers.mean(means);
      List<StepResult> steps = new ArrayList<>();
      for (int i = 0; i < STEPS; i++) {
        load(towers, random);
        steps.add(towers.step(new StepSettings(i, 1e-5f, 2e-5f, 0.9f)));
      }
      List<float[]> values = new ArrayList<>();
      for (TensorSpec tensor : store.tensors()) {
        values.add(SmallNetwork.tensor(store, tensor, Role.VALUE));
        values.add(SmallNetwork.tensor(store, tensor, Role.VELOCITY));
      }
      return new Trace(steps, values);
    }
  }

  private static void load(Towers towers, Random random) {
    NetworkSpec network = towers.plan().spec();
    int batch = towers.plan().batch();
    byte[] pixels = new byte[batch * network.sourceSize() * network.sourceSize() * 3];
    random.nextBytes(pixels);
    int[] crops = new int[3 * batch];
    float[] noise = new float[4 * batch];
    int[] labels = new int[batch];
    for (int i = 0; i < batch; i++) {
      crops[3 * i] = random.nextInt(6);
      crops[3 * i + 1] = random.nextInt(6);
      crops[3 * i + 2] = random.nextInt(2);
      labels[i] = random.nextInt(network.classes());
    }
    for (int i = 0; i < noise.length; i++) {
      noise[i] = i % 4 == 3 ? 1 : (float) (10 * random.nextGaussian());
    }
    ByteBuffer images = ByteBuffer.allocateDirect(pixels.length).put(pixels).flip();
    towers.load(batch, images, crops, noise, labels);
  }
}
