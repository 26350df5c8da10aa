package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.alexnet4j.device.Devices;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.BufferSpec;
import org.alexnet4j.plan.ParameterSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.ranks.RankWay;
import org.alexnet4j.shape.Algorithm;
import org.alexnet4j.shape.Arithmetic;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.Precision;
import org.alexnet4j.shape.Slicing;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Steps in each precision and by each algorithm: what they share, and what bfloat16 stores how. */
class PrecisionTowersTest {
  private static final int BATCH = 16;
  private static final Slicing KEEP = new Slicing(4, false);

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private static List<?> train(Slicing slicing, String devices, int ranks, Arithmetic arithmetic)
      throws Exception {
    // Kernels of other algorithms than direct take 16 channels or more, as this has.
    NetworkSpec network = RanksTest.network(2, 7).scaled(2);
    return RanksTest.train(network, BATCH, slicing, devices, ranks, RankWay.AUTO, arithmetic, 3);
  }

  static Stream<Arithmetic> arithmetics() {
    return Stream.concat(
            Arrays.stream(Precision.values()).map(Arithmetic::of),
            Arrays.stream(Algorithm.values()).map(Arithmetic::of))
        .distinct();
  }

  private static Plan plan(Purpose purpose, Precision precision) {
    NetworkSpec network = SmallNetwork.small(2).withClasses(7);
    return Planner.plan(network, BATCH, purpose, Mean.CHANNEL, 7).in(Arithmetic.of(precision));
  }

  @ParameterizedTest
  @MethodSource("arithmetics")
  void whereAndByHowManyItIsComputedDoesNotMatter(Arithmetic arithmetic) throws Exception {
    List<?> whole = train(Slicing.NONE, "cpu:0", 1, arithmetic);
    RanksTest.assertSame(whole, train(Slicing.NONE, "cpu:0", 1, arithmetic), "again");
    RanksTest.assertSame(whole, train(Slicing.NONE, "cpu:0,cpu:1", 1, arithmetic), "two devices");
    List<?> sliced = train(KEEP, "cpu:0", 1, arithmetic);
    RanksTest.assertSame(sliced, train(KEEP, "cpu:0,cpu:1", 2, arithmetic), "two ranks");
    Slicing again = new Slicing(4, true);
    RanksTest.assertSame(sliced, train(again, "cpu:0", 4, arithmetic), "four, computed again");
    if (arithmetic.algorithm() == Algorithm.DIRECT) {
      List<?> emulated = train(Slicing.NONE, "emu:0", 1, arithmetic);
      RanksTest.assertSame(
          emulated, train(Slicing.NONE, "emu:0,emu:1", 1, arithmetic), "emulators");
    }
    if (!arithmetic.equals(Arithmetic.DEFAULT)) {
      List<?> usual = train(Slicing.NONE, "cpu:0", 1, Arithmetic.DEFAULT);
      assertThrows(AssertionError.class, () -> RanksTest.assertSame(whole, usual, "the usual"));
    }
  }

  /** Kernels for other algorithms are those of cpu; an emulator refuses before any is opened. */
  @Test
  void devicesWithoutItRefuseAnAlgorithm() {
    Plan plan = plan(Purpose.TRAIN, Precision.FP32).in(Arithmetic.of(Algorithm.WINOGRAD4));
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Towers.create(plan, Devices.choose("emu:1", 2).ids()));
    assertEquals(
        "algorithm is winograd4, and emu:1 multiplies directly; allowed: devices cpu:N, or"
            + " algorithm direct",
        e.getMessage());
  }

  /** What crosses between towers, and what layers keep, has half the bytes; parameters have not. */
  @Test
  void bfloat16HalvesWhatIsNoParameter() {
    for (Purpose purpose : Purpose.values()) {
      Plan exact = plan(purpose, Precision.FP32);
      Plan half = plan(purpose, Precision.BF16);
      assertEquals(exact.exchange().bytes(), 2 * half.exchange().bytes());
      for (int t = 0; t < 2; t++) {
        for (BufferSpec one : exact.towers().get(t).buffers()) {
          BufferSpec other = half.towers().get(t).buffer(one.name());
          boolean halved =
              switch (one.kind()) {
                case ACTIVATION, GRADIENT, RECEIVED -> true;
                case PARAMETER -> purpose == Purpose.INFER && one.name().contains("weight");
                default -> false;
              };
          assertEquals(halved ? one.bytes() / 2 : one.bytes(), other.bytes(), one.name());
          assertEquals(one.count(), other.count(), one.name());
        }
      }
    }
  }

  /** The nearest number of eight significant bits, by exponent and fraction. */
  private static float rounded(float value) {
    if (value == 0) {
      return value;
    }
    int last = Math.getExponent(value) - 7;
    return (float) Math.scalb(Math.rint(Math.scalb((double) value, -last)), last);
  }

  private static List<String> copies(Plan plan, int tower) {
    List<String> names = new ArrayList<>();
    for (ParameterSpec p : plan.towers().get(tower).parameters()) {
      if (p.copy() >= 0) {
        names.add(plan.towers().get(tower).buffers().get(p.value()).name());
      }
    }
    return names;
  }

  /** Products read a copy of the weights, made anew by each step from float32 ones. */
  @Test
  void weightsHaveACopyThatFollowsThem() throws IOException {
    Plan plan = plan(Purpose.TRAIN, Precision.BF16);
    try (Towers towers = towers(plan)) {
      for (int step = 0; step < 3; step++) {
        boolean finer = false;
        for (int t = 0; t < 2; t++) {
          List<String> names = copies(plan, t);
          assertEquals(t == 0 ? 10 : 8, names.size(), names.toString());
          for (String name : names) {
            float[] values = towers.read(t, name);
            float[] copy = towers.read(t, "copy." + name);
            for (int i = 0; i < values.length; i++) {
              assertEquals(rounded(values[i]), copy[i], name);
              finer |= values[i] != copy[i];
            }
          }
        }
        assertTrue(finer, "the values themselves are rounded");
        RanksTest.load(towers, step, BATCH);
        towers.step(new StepSettings(step, 0.05f, 0.05f, 0.9f));
      }
    }
  }

  private static Towers towers(Plan plan) throws IOException {
    Towers towers = Towers.create(plan, Devices.choose("cpu:0", 2).ids());
    Initializer.initialize(new ParameterStore(towers), 5, plan.purpose() == Purpose.TRAIN);
    towers.mean(new float[] {100, 110, 120});
    return towers;
  }

  /** Predictions have rounded weights alone, and are those of the training's network. */
  @Test
  void predictionsAreTheSameWithoutFloat32Weights() throws IOException {
    float[] trained = probabilities(Purpose.TRAIN);
    assertArrayEquals(trained, probabilities(Purpose.INFER));
    assertArrayEquals(trained, probabilities(Purpose.INSPECT));
  }

  private static float[] probabilities(Purpose purpose) throws IOException {
    try (Towers towers = towers(plan(purpose, Precision.BF16))) {
      RanksTest.load(towers, 1, BATCH);
      if (purpose == Purpose.INSPECT) {
        towers.inspect(new StepSettings(0, 0, 0, 0), false);
      } else {
        towers.evaluate();
      }
      return towers.probabilities();
    }
  }

  /** Images that a short batch lacks have no gradient, with an odd number of classes as well. */
  @Test
  void whatAShortBatchLacksMovesNothing() throws IOException {
    float[][] moved = new float[2][];
    for (int earlier = 0; earlier < 2; earlier++) {
      try (Towers towers = towers(plan(Purpose.TRAIN, Precision.BF16))) {
        RanksTest.load(towers, 50 + earlier, BATCH);
        towers.evaluate();
        RanksTest.load(towers, 1, BATCH - 3);
        towers.step(new StepSettings(0, 0.01f, 0.01f, 0));
        ParameterStore store = new ParameterStore(towers);
        TensorSpec first = store.tensors().get(0);
        moved[earlier] = SmallNetwork.tensor(store, first, Role.VALUE);
      }
    }
    assertArrayEquals(moved[0], moved[1]);
  }
}
