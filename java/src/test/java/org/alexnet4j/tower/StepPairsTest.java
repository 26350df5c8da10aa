package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Devices;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.device.ForcedKernel;
import org.alexnet4j.device.Transport;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Operation;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.plan.TowerPlan;
import org.alexnet4j.shape.Arithmetic;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.Precision;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.time.OperationTime;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Products of two towers of one device that are queued together: the same bits as one by one, and
 * as many launches fewer as there are products of a kernel that can do both.
 */
class StepPairsTest {
  private static final int BATCH = 8;
  private static final int SHORT = 5;
  private static final int STEPS = 3; // of whole batches, the first of which is walked

  // conv1 has three channels, which no kernel for bf16 takes by itself.
  private static final Set<String> OF_BF16 =
      Set.of("conv.dgrad", "fc.fprop", "fc.dgrad", "fc.wgrad", "fc.wgrad_update");
  private static final Set<String> OF_TF32 =
      Set.of(
          "conv.fprop",
          "conv.dgrad",
          "conv.wgrad",
          "fc.fprop",
          "fc.dgrad",
          "fc.wgrad",
          "fc.wgrad_update");

  private static final Set<String> OF_CONV = Set.of("conv.fprop", "conv.wgrad");

  private record Trace(List<StepResult> steps, List<float[]> weights, long pairs) {}

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private static Set<String> passes(Precision precision) {
    return precision == Precision.BF16 ? OF_BF16 : OF_TF32;
  }

  private static Plan plan(Precision precision) {
    NetworkSpec network = SmallNetwork.small(2).withClasses(8).scaled(2);
    return Planner.plan(network, BATCH, Purpose.TRAIN, Mean.CHANNEL, 7)
        .in(Arithmetic.of(precision));
  }

  private static Towers open(Precision precision, String devices, StepMode mode, Transport way)
      throws IOException {
    String variant = precision == Precision.BF16 ? "mma_bf16" : "mma_tf32";
    List<ForcedKernel> kernels =
        passes(precision).stream()
            .sorted()
            .map(pass -> ForcedKernel.parse("test", pass + "=" + variant))
            .toList();
    TowerOptions options = TowerOptions.DEFAULT.with(mode).with(way).with(kernels);
    Towers towers = Towers.create(plan(precision), Devices.choose(devices, 2).ids(), options);
    Initializer.initialize(new ParameterStore(towers), 7, true);
    towers.mean(new float[] {120, 110, 100});
    return towers;
  }

  private static StepResult step(Towers towers, int step, int images) {
    RanksTest.load(towers, step, images);
    return towers.step(new StepSettings(step, 0.02f, 0.04f, 0.9f));
  }

  /** Whole batches, then two short ones, of which the first is walked. */
  private static Trace train(Precision precision, String devices, StepMode mode, Transport way)
      throws IOException {
    try (Towers towers = open(precision, devices, mode, way)) {
      List<StepResult> steps = new ArrayList<>();
      for (int i = 0; i < STEPS + 2; i++) {
        steps.add(step(towers, i, i < STEPS ? BATCH : SHORT));
      }
      List<float[]> weights = new ArrayList<>();
      ParameterStore store = new ParameterStore(towers);
      for (TensorSpec tensor : store.tensors()) {
        weights.add(SmallNetwork.tensor(store, tensor, Role.VALUE));
      }
      return new Trace(steps, weights, towers.pairLaunches());
    }
  }

  private static void assertSame(Trace want, Trace got) {
    assertEquals(want.steps(), got.steps());
    for (int i = 0; i < want.weights().size(); i++) {
      assertArrayEquals(want.weights().get(i), got.weights().get(i));
    }
  }

  /** Of a step: tower a has all that tower b has, in the same layers and shapes. */
  private static long products(Precision precision) {
    TowerPlan other = plan(precision).towers().get(1);
    return other.operations().filter(o -> passes(precision).contains(pass(o))).count();
  }

  /** {@code FcWgradUpdate} is {@code fc.wgrad_update}. */
  private static String pass(Operation operation) {
    String name = operation.getClass().getSimpleName();
    String words = name.replaceAll("([a-z])([A-Z])", "$1_$2").toLowerCase(Locale.ROOT);
    return words.replaceFirst("_", ".");
  }

  @ParameterizedTest
  @CsvSource({"TF32, AUTO", "BF16, AUTO", "BF16, STORE"})
  void bitsAreThoseOfOneByOne(Precision precision, Transport way) throws IOException {
    Trace walked = train(precision, "emu:0", StepMode.WALK, way);
    Trace recorded = train(precision, "emu:0", StepMode.GRAPH, way);
    Trace paired = train(precision, "emu:0", StepMode.PAIRS, way);
    assertSame(walked, recorded);
    assertSame(walked, paired);
    assertEquals(0, walked.pairs() + recorded.pairs());
    assertTrue(products(precision) >= 10, () -> "products: " + products(precision));
    int steps = STEPS - 1 + 1; // whole batches but the first, short ones but the first
    assertEquals(steps * products(precision), paired.pairs());
  }

  @Test
  void towersOfTwoDevicesAreNotPaired() throws IOException {
    Trace walked = train(Precision.BF16, "emu:0", StepMode.WALK, Transport.AUTO);
    Trace apart = train(Precision.BF16, "emu:0,emu:1", StepMode.PAIRS, Transport.AUTO);
    assertSame(walked, apart);
    assertEquals(0, apart.pairs());
  }

  @ParameterizedTest
  @CsvSource({
    "BF16, emu:0, KERNELS, ",
    "TF32, emu:0, KERNELS, ",
    "BF16, 'emu:0,emu:1', KERNELS, each tower has a device of its own",
    "FP32, emu:0, KERNELS, the kernels of fp32 are for one tower each",
    "TF32, cpu:0, KERNELS, 'kernels of cpu are called, not launched'",
    "FP32, cpu:0, ONEDNN, this engine queues its products by itself"
  })
  void saysWhyThereAreNone(Precision precision, String devices, EngineKind engine, String why)
      throws IOException {
    TowerOptions options = TowerOptions.DEFAULT.with(StepMode.PAIRS).with(engine);
    List<DeviceId> ids = Devices.choose(devices, 2).ids();
    try (Towers towers = Towers.create(plan(precision), ids, options)) {
      List<String> notes = towers.notes().stream().filter(n -> n.startsWith("pairs: ")).toList();
      assertEquals(why == null ? 0 : 1, notes.size());
      assertTrue(why == null || notes.get(0).contains(why), notes::toString);
    }
    try (Towers towers = Towers.create(plan(precision), ids, options.with(StepMode.GRAPH))) {
      assertTrue(towers.notes().stream().noneMatch(note -> note.startsWith("pairs: ")));
    }
  }

  /** Any two of more towers that stand at equal products. */
  @Test
  void fourTowersOfOneDevice() throws IOException {
    Plan plan =
        Planner.plan(SmallNetwork.small(4).withClasses(8), BATCH, Purpose.TRAIN, Mean.CHANNEL, 7)
            .in(Arithmetic.of(Precision.TF32));
    List<ForcedKernel> kernels =
        List.of(
            ForcedKernel.parse("test", "conv.fprop=mma_tf32"),
            ForcedKernel.parse("test", "conv.wgrad=mma_tf32"));
    List<DeviceId> ids = Devices.choose("emu:0", 4).ids();
    List<List<StepResult>> results = new ArrayList<>();
    for (StepMode mode : List.of(StepMode.GRAPH, StepMode.PAIRS)) {
      TowerOptions options = TowerOptions.DEFAULT.with(mode).with(kernels);
      try (Towers towers = Towers.create(plan, ids, options)) {
        Initializer.initialize(new ParameterStore(towers), 7, true);
        towers.mean(new float[] {120, 110, 100});
        results.add(
            List.of(step(towers, 0, BATCH), step(towers, 1, BATCH), step(towers, 2, BATCH)));
        long products =
            plan.towers()
                .get(1)
                .operations()
                .map(StepPairsTest::pass)
                .filter(OF_CONV::contains)
                .count();
        long pairs = mode == StepMode.PAIRS ? 2 * 2 * products : 0; // of four, in two recordings
        assertEquals(pairs, towers.pairLaunches());
      }
    }
    assertEquals(results.get(0), results.get(1));
  }

  /** The marks around a pair stand outside of it. */
  @Test
  void operationsAreTimed() throws IOException {
    try (Towers towers = open(Precision.BF16, "emu:0", StepMode.PAIRS, Transport.AUTO)) {
      towers.time(true);
      for (int i = 0; i < STEPS; i++) {
        step(towers, i, BATCH);
      }
      assertEquals((STEPS - 1) * products(Precision.BF16), towers.pairLaunches());
      List<OperationTime> products =
          towers.times().stream().filter(time -> time.operation().startsWith("Conv")).toList();
      assertTrue(products.size() >= 6, products::toString);
      assertTrue(products.stream().allMatch(time -> time.nanos() > 0), products::toString);
    }
  }
}
