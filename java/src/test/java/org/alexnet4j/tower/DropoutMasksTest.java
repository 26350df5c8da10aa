package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.device.Devices;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Relu;
import org.alexnet4j.net.LayerSpec.Softmax;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The masks of dropout, seen in what two layers of equal size let through: weights are 0 and biases
 * above 0, so a unit is 0 only where it was dropped.
 */
class DropoutMasksTest {
  private static final int UNITS = 512;
  private static final int COUNT = SmallNetwork.BATCH * UNITS;

  /** Five deviations of the share of COUNT fair coins. */
  private static final double BOUND = 5 * 0.5 / Math.sqrt(COUNT);

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private static NetworkSpec network() {
    Parameters constant = new Parameters(0, 2, 1, 1, 0);
    ImmutableList<LayerSpec> layers =
        ImmutableList.of(
            new Conv("conv1", 4, 5, 4, 0, Reads.TOWER, constant),
            new Relu("relu1"),
            new Fc("fc6", UNITS, false, constant),
            new Relu("relu6"),
            new Dropout("drop6", 0.5f),
            new Fc("fc7", UNITS, false, constant),
            new Relu("relu7"),
            new Dropout("drop7", 0.25f),
            new Fc("fc8", 4, true, constant),
            new Softmax("softmax"));
    return new NetworkSpec("masks", 2, 28, 32, layers);
  }

  private static Towers open(String devices, long seed) throws IOException {
    Plan plan = Planner.plan(network(), SmallNetwork.BATCH, Purpose.INSPECT, Mean.CHANNEL, seed);
    Towers towers = Towers.create(plan, Devices.choose(devices, 2).ids());
    Initializer.initialize(new ParameterStore(towers), 1, false);
    towers.mean(new float[] {120, 110, 100});
    SmallNetwork.load(towers, 0);
    return towers;
  }

  /** Returns drop6 of towers a and b, then drop7 of both. */
  private static List<float[]> planes(Towers towers, long step, boolean training) {
    towers.inspect(new StepSettings(step, 0, 0, 0), training);
    List<float[]> planes = new ArrayList<>();
    for (String layer : new String[] {"drop6", "drop7"}) {
      planes.add(towers.read(0, layer));
      planes.add(towers.read(1, layer));
    }
    return planes;
  }

  private static double kept(float[] plane) {
    int kept = 0;
    for (float value : plane) {
      assertTrue(value == 0 || value == 2, "kept values are not scaled up: " + value);
      kept += value == 0 ? 0 : 1;
    }
    assertEquals(COUNT, plane.length);
    return kept / (double) COUNT;
  }

  /** How many places both keep, beside what independent masks of these shares would. */
  private static void assertIndependent(float[] a, float[] b, String what) {
    int both = 0;
    for (int i = 0; i < COUNT; i++) {
      both += a[i] != 0 && b[i] != 0 ? 1 : 0;
    }
    assertEquals(kept(a) * kept(b), both / (double) COUNT, BOUND, what);
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu:0,cpu:1", "emu:0"})
  void layersTowersStepsImagesAndSeedsHaveMasksOfTheirOwn(String devices) throws IOException {
    try (Towers towers = open(devices, 7);
        Towers otherSeed = open(devices, 8)) {
      List<float[]> masks = planes(towers, 3, true);
      for (int i = 0; i < masks.size(); i++) {
        assertEquals(i < 2 ? 0.5 : 0.25, kept(masks.get(i)), BOUND, "keep rate of plane " + i);
        for (int j = 0; j < i; j++) {
          assertIndependent(masks.get(j), masks.get(i), "planes " + j + " and " + i);
        }
      }
      float[] shifted = masks.get(0).clone();
      System.arraycopy(masks.get(0), UNITS, shifted, 0, COUNT - UNITS);
      System.arraycopy(masks.get(0), 0, shifted, COUNT - UNITS, UNITS);
      assertIndependent(masks.get(0), shifted, "image and next image");
      assertIndependent(masks.get(0), planes(otherSeed, 3, true).get(0), "seeds");
      assertIndependent(masks.get(0), planes(towers, 4, true).get(0), "steps");
      assertArrayEquals(masks.get(0), planes(towers, 3, true).get(0), "the same step again");
    }
  }

  /** The paper: at test time all neurons, their outputs times the probability of being kept. */
  @ParameterizedTest
  @ValueSource(strings = {"cpu:0,cpu:1", "emu:0"})
  void testingKeepsAllUnitsTimesTheirProbability(String devices) throws IOException {
    try (Towers towers = open(devices, 7)) {
      List<float[]> planes = planes(towers, 3, false);
      for (int i = 0; i < planes.size(); i++) {
        for (float value : planes.get(i)) {
          assertEquals(i < 2 ? 1 : 0.5f, value, "plane " + i);
        }
      }
    }
  }

  /** Every way to test a network is without masks: twice the same, and as an inspection says. */
  @ParameterizedTest
  @EnumSource(Purpose.class)
  void evaluationIsWithoutMasks(Purpose purpose) throws IOException {
    float[] want;
    float[] masked;
    try (Towers towers = small(Purpose.INSPECT)) {
      towers.inspect(new StepSettings(0, 0, 0, 0), false);
      want = towers.probabilities();
      towers.inspect(new StepSettings(0, 0, 0, 0), true);
      masked = towers.probabilities();
    }
    assertTrue(largestDifference(want, masked) > 1e-3, "masks can be seen");
    try (Towers towers = small(purpose)) {
      towers.evaluate();
      assertEquals(0, largestDifference(want, towers.probabilities()), 1e-5);
    }
  }

  private static Towers small(Purpose purpose) throws IOException {
    Plan plan = Planner.plan(SmallNetwork.small(2), SmallNetwork.BATCH, purpose, Mean.CHANNEL, 7);
    Towers towers = Towers.create(plan, Devices.choose("cpu:0,cpu:1", 2).ids());
    Initializer.initialize(new ParameterStore(towers), 1, purpose == Purpose.TRAIN);
    towers.mean(new float[] {120, 110, 100});
    SmallNetwork.load(towers, 0);
    return towers;
  }

  private static double largestDifference(float[] a, float[] b) {
    double most = 0;
    for (int i = 0; i < a.length; i++) {
      most = Math.max(most, Math.abs(a[i] - b[i]));
    }
    return most;
  }
}
