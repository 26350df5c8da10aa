package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.device.Devices;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Softmax;
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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Steps in slices: what they share with undivided ones, and what does not change their bits. */
class SlicesTest {
  private static final int BATCH = 16;
  private static final StepSettings FIRST = new StepSettings(0, 1, 1, 0);

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  /** What a training left. */
  private record Trace(List<StepResult> steps, List<float[]> values) {
    void assertSame(Trace other, String what) {
      assertEquals(steps, other.steps, what);
      for (int i = 0; i < values.size(); i++) {
        assertArrayEquals(values.get(i), other.values.get(i), what);
      }
    }
  }

  /** The small network, with dropout in its convolutional part as well. */
  private static NetworkSpec network(int towers) {
    NetworkSpec small = SmallNetwork.small(towers).withClasses(8);
    List<LayerSpec> layers = new ArrayList<>(small.layers());
    layers.add(7, new Dropout("drop2", 0.5f));
    return new NetworkSpec(
        "sliced", towers, small.inputSize(), small.sourceSize(), ImmutableList.copyOf(layers));
  }

  private static Plan plan(NetworkSpec network, Slicing slicing) {
    return Planner.plan(network, BATCH, Purpose.TRAIN, Mean.PIXEL, 7, slicing);
  }

  private static Trace train(NetworkSpec network, Slicing slicing, String devices, int steps)
      throws IOException {
    try (Towers towers =
        Towers.create(plan(network, slicing), Devices.choose(devices, network.towers()).ids())) {
      ParameterStore store = open(towers);
      List<StepResult> results = new ArrayList<>();
      for (int i = 0; i < steps; i++) {
        load(towers, i, BATCH);
        results.add(towers.step(new StepSettings(i, 1e-3f, 2e-3f, 0.9f)));
      }
      load(towers, steps, BATCH - 3);
      results.add(towers.evaluate());
      List<float[]> values = new ArrayList<>();
      for (TensorSpec tensor : store.tensors()) {
        values.add(SmallNetwork.tensor(store, tensor, Role.VALUE));
        values.add(SmallNetwork.tensor(store, tensor, Role.VELOCITY));
      }
      return new Trace(results, values);
    }
  }

  private static ParameterStore open(Towers towers) throws IOException {
    ParameterStore store = new ParameterStore(towers);
    Initializer.initialize(store, 5, true);
    int side = towers.plan().spec().sourceSize();
    float[] mean = new float[3 * side * side];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = 100 + i % 50;
    }
    towers.mean(mean);
    return store;
  }

  private static void load(Towers towers, int step, int count) {
    Random random = new Random(step);
    NetworkSpec network = towers.plan().spec();
    byte[] pixels = new byte[count * network.sourceSize() * network.sourceSize() * 3];
    random.nextBytes(pixels);
    int[] crops = new int[3 * count];
    int[] labels = new int[count];
    float[] noise = new float[4 * count];
    for (int i = 0; i < count; i++) {
      crops[3 * i] = random.nextInt(5);
      crops[3 * i + 1] = random.nextInt(5);
      crops[3 * i + 2] = random.nextInt(2);
      labels[i] = random.nextInt(network.classes());
      noise[4 * i] = (float) random.nextGaussian();
      noise[4 * i + 3] = 1;
    }
    ByteBuffer images = ByteBuffer.allocateDirect(pixels.length).put(pixels).flip();
    towers.load(count, images, crops, noise, labels);
  }

  /** Kept or computed again, on one device or on one for each tower, on kernels of either kind. */
  @ParameterizedTest
  @CsvSource({
    "1, 2, cpu, 8",
    "2, 4, cpu, 10",
    "2, 8, cpu, 3",
    "3, 4, cpu, 8",
    "4, 2, cpu, 8",
    "2, 4, emu, 7"
  })
  void whereAndWhenDoesNotMatter(int towers, int slices, String kind, int classes)
      throws IOException {
    NetworkSpec network = network(towers).withClasses(classes);
    Trace kept = train(network, new Slicing(slices, false), kind + ":0", 3);
    assertTrue(kept.steps().stream().noneMatch(s -> Double.isNaN(s.lossSum())));
    kept.assertSame(train(network, new Slicing(slices, true), kind + ":0", 3), "recompute");
    StringBuilder apart = new StringBuilder(kind + ":0");
    for (int t = 1; t < towers; t++) {
      apart.append(',').append(kind).append(':').append(t % 2);
    }
    kept.assertSame(train(network, new Slicing(slices, false), apart.toString(), 3), "apart");
    kept.assertSame(train(network, new Slicing(slices, true), apart.toString(), 3), "both");
  }

  /** What is computed of an image is what an undivided step computes, to the bit. */
  @ParameterizedTest
  @CsvSource({"2, 4, cpu:0, 10", "3, 8, cpu:0, 3", "2, 2, emu:0, 8"})
  void theWayForwardHasTheBitsOfAnUndividedStep(int towers, int slices, String devices, int classes)
      throws IOException {
    NetworkSpec network = network(towers).withClasses(classes);
    StepResult whole = train(network, Slicing.NONE, devices, 1).steps().get(0);
    assertEquals(whole, train(network, new Slicing(slices, false), devices, 1).steps().get(0));
  }

  /** Gradients are the same sums in another order. */
  @ParameterizedTest
  @CsvSource({
    "2, 4, cpu:0, 10",
    "1, 8, cpu:0, 2",
    "3, 2, cpu:0, 8",
    "4, 4, cpu:0, 5",
    "2, 8, emu:0, 12"
  })
  void gradientsAreThoseOfAnUndividedStep(int towers, int slices, String devices, int classes)
      throws IOException {
    NetworkSpec network = SmallNetwork.withoutDecay(network(towers).withClasses(classes));
    List<float[]> whole = gradients(network, Slicing.NONE, devices);
    List<float[]> sliced = gradients(network, new Slicing(slices, true), devices);
    for (int i = 0; i < whole.size(); i++) {
      float largest = 0;
      for (float value : whole.get(i)) {
        largest = Math.max(largest, Math.abs(value));
      }
      assertTrue(largest > 0);
      assertArrayEquals(whole.get(i), sliced.get(i), 2e-5f * largest, "tensor " + i);
    }
  }

  private static List<float[]> gradients(NetworkSpec network, Slicing slicing, String devices)
      throws IOException {
    try (Towers towers =
        Towers.create(plan(network, slicing), Devices.choose(devices, network.towers()).ids())) {
      ParameterStore store = open(towers);
      load(towers, 3, BATCH);
      towers.step(FIRST);
      List<float[]> all = new ArrayList<>();
      for (TensorSpec tensor : store.tensors()) {
        all.add(SmallNetwork.stepped(store, tensor));
      }
      return all;
    }
  }

  /** How a step is divided is a part of what it computes. */
  @Test
  void slicesAreNotWithoutEffect() throws IOException {
    Trace two = train(network(2), new Slicing(2, false), "cpu:0", 2);
    Trace four = train(network(2), new Slicing(4, false), "cpu:0", 2);
    assertNotEquals(two.steps(), four.steps());
  }

  @Test
  void computedAgainTheyNeedLessMemory() {
    Configuration paper = ConfigReader.preset("paper-2012");
    long limit = 635_000_000;
    long images = 128L * 256 * 256 * 3;
    for (Slicing slicing : List.of(Slicing.NONE, new Slicing(8, false), new Slicing(8, true))) {
      Plan plan = Planner.plan(paper.network(), 128, Purpose.TRAIN, paper.mean(), 1, slicing);
      long bytes =
          plan.towers().stream().mapToLong(t -> t.memory().bytes()).sum() + plan.imageBytes();
      assertEquals(slicing.recompute(), bytes < limit, slicing + " needs " + bytes);
      assertEquals(slicing.recompute() ? images : 2 * images, plan.imageBytes());
    }
  }

  /** With room for one batch of images, the next one waits for the step that reads them. */
  @Test
  void imagesThatAStepReadsAreNotOverwritten() throws IOException {
    Slicing again = new Slicing(2, true);
    Trace awaited = train(network(2), again, "cpu:0", 3);
    List<StepResult> queued = new ArrayList<>();
    try (Towers towers =
        Towers.create(plan(network(2), again), Devices.choose("cpu:0,cpu:1", 2).ids())) {
      open(towers);
      for (int i = 0; i < 3; i++) {
        load(towers, i, BATCH);
        towers.queueStep(new StepSettings(i, 1e-3f, 2e-3f, 0.9f));
        int next = i + 1;
        IllegalStateException early =
            assertThrows(IllegalStateException.class, () -> load(towers, next, BATCH));
        assertEquals("load: 1 queued step was not awaited", early.getMessage());
        queued.add(towers.awaitStep());
      }
    }
    assertEquals(awaited.steps().subList(0, 3), queued);
  }

  /** 65,536 images of 28 x 28 pixels and 27 maps: more than fit into a row of 2^30 values. */
  @Test
  void tooLargeABatchIsRefusedByTheLayerThatItEndsIn() {
    NetworkSpec wide =
        new NetworkSpec(
            "wide",
            1,
            28,
            32,
            ImmutableList.of(
                new Conv("conv1", 27, 1, 1, 0, Reads.TOWER, Parameters.paper(0)),
                new Fc("fc2", 4, true, Parameters.paper(0)),
                new Softmax("softmax")));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Planner.plan(wide, 65_536, Purpose.TRAIN, Mean.CHANNEL, 1, new Slicing(2, false)));
    assertEquals(
        "conv1: a slice ends in 693633024 values on a tower; allowed: 536870912, as the slices"
            + " together have at most 2^30; take a smaller batch",
        e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 3, 12, 2048, -4})
  void onlyPowersOfTwoDivide(int count) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> new Slicing(count, false));
    assertTrue(
        e.getMessage()
            .startsWith("slices are " + count + "; allowed: a power of two from 1 to 1024"),
        e.getMessage());
  }

  @Test
  void whatSlicesDoNotDivideIsRefused() {
    IllegalArgumentException units =
        assertThrows(
            IllegalArgumentException.class, () -> plan(network(2), new Slicing(32, false)));
    assertEquals("batch is 16, which 32 slices do not divide; allowed: 32", units.getMessage());
    NetworkSpec odd =
        network(2)
            .withLayers(
                layer -> layer instanceof Fc f && f.name().equals("fc6") ? f.withWidth(12) : layer);
    units = assertThrows(IllegalArgumentException.class, () -> plan(odd, new Slicing(8, false)));
    assertEquals(
        "fc6: its number of units on a tower is 12, which 8 slices do not divide; allowed: 8 or 16",
        units.getMessage());
    IllegalArgumentException images =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                Planner.plan(
                    network(2), 10, Purpose.TRAIN, Mean.CHANNEL, 1, new Slicing(4, false)));
    assertEquals(
        "batch is 10, which 4 slices do not divide; allowed: 8 or 12", images.getMessage());
  }
}
