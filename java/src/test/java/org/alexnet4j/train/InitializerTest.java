package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.device.Devices;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.Towers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Start values: golden ones, and what a Gaussian of independent draws must show. */
class InitializerTest {
  private static final int COUNT = 400_000;
  private static final float SIGMA = 0.01f;

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private static float[] draw(long seed, int tensor, long first, int count) {
    float[] values = new float[count];
    Initializer.gaussian(seed, tensor, first, count, SIGMA, values);
    return values;
  }

  /** Computed apart from this program: Philox4x32-10 and Box and Muller's formula, in double. */
  @Test
  void valuesAreWhatTheyAlwaysWere() {
    float[] first = {-0.0175118434f, 0.0129130267f, -0.0257722006f, -0.0134408935f, 0.00366848295f};
    assertArrayEquals(first, draw(7, 0, 0, 5), 1e-9f);
    assertEquals(0.00861888801f, draw(7, 0, 7, 1)[0], 1e-9f);
    assertEquals(0.0076408431f, draw(7, 5, 0, 1)[0], 1e-9f);
    assertEquals(0.0147193871f, draw(7, 5, 1_000_001, 1)[0], 1e-9f);
    assertEquals(0.00222295916f, draw(7, 3, 4 * (1L << 32) + 1, 1)[0], 1e-9f);
    assertEquals(-0.00593740287f, draw((3L << 32) | 9, 1, 6, 1)[0], 1e-9f);
  }

  /** Places whose words are 0, found by search: u is half a unit above 0, and so is the angle. */
  @Test
  void theEndsOfTheUniformNumbersAreNoEnds() {
    long least = 4 * 3_590_024_215L;
    assertArrayEquals(new float[] {-0.0304977869f, -0.0603709896f}, draw(2012, 0, least, 2), 1e-8f);
    long straight = 4 * 1_503_035_138L + 2;
    float[] axis = draw(2012, 0, straight, 2);
    assertEquals(0.0229140547f, axis[0], 1e-8f);
    assertEquals(1.676069e-11, axis[1], 1e-15);
  }

  @Test
  void aValueDependsOnItsPlaceAndNotOnTheChunk() {
    float[] whole = draw(7, 2, 0, 1000);
    for (int first : new int[] {0, 1, 2, 3, 5, 998}) {
      float[] part = draw(7, 2, first, 1000 - first);
      assertArrayEquals(Arrays.copyOfRange(whole, first, 1000), part, "from " + first);
    }
  }

  /** Each moment within five deviations of its estimate over 400,000 draws. */
  @Test
  void momentsAreThoseOfAGaussian() {
    double[] powers = new double[5];
    double largest = 0;
    for (float value : draw(1, 0, 0, COUNT)) {
      double z = value / (double) SIGMA;
      largest = Math.max(largest, Math.abs(z));
      for (int k = 1; k <= 4; k++) {
        powers[k] += Math.pow(z, k) / COUNT;
      }
    }
    double root = Math.sqrt(COUNT);
    assertEquals(0, powers[1], 5 / root, "mean");
    assertEquals(1, powers[2], 5 * Math.sqrt(2) / root, "variance");
    assertEquals(0, powers[3], 5 * Math.sqrt(15) / root, "skew");
    assertEquals(3, powers[4], 5 * Math.sqrt(96) / root, "fourth moment");
    assertEquals(4.8, largest, 0.9, "the largest of 400,000, uncut");
  }

  @Test
  void neighboursTensorsAndSeedsAreIndependent() {
    float[] values = draw(1, 0, 0, COUNT);
    for (int lag : new int[] {1, 2, 3, 4, 8, 363}) {
      assertUncorrelated(
          Arrays.copyOf(values, COUNT - lag),
          Arrays.copyOfRange(values, lag, COUNT),
          "neighbours " + lag + " apart");
    }
    assertUncorrelated(values, draw(1, 1, 0, COUNT), "tensors");
    assertUncorrelated(values, draw(2, 0, 0, COUNT), "seeds");
    assertUncorrelated(values, draw(1 + (1L << 32), 0, 0, COUNT), "seeds of more than 32 bits");
  }

  /** Values and squares: a pair that shares its radius has correlated squares. */
  private static void assertUncorrelated(float[] a, float[] b, String what) {
    double product = 0;
    double squares = 0;
    for (int i = 0; i < a.length; i++) {
      double x = a[i] / (double) SIGMA;
      double y = b[i] / (double) SIGMA;
      product += x * y;
      squares += (x * x - 1) * (y * y - 1);
    }
    assertEquals(0, product / a.length, 5 / Math.sqrt(a.length), what);
    assertEquals(0, squares / a.length, 5 * 2 / Math.sqrt(a.length), "squares of " + what);
  }

  /** The paper: 0.01 everywhere; 1 in conv2, conv4, conv5 and the hidden fc layers, else 0. */
  @Test
  void thePaperStatesDeviationsAndBiases() {
    Map<String, Float> biases = new TreeMap<>();
    for (LayerSpec layer : ConfigReader.preset("paper-2012").network().layers()) {
      if (layer instanceof Conv conv) {
        biases.put(conv.name(), conv.parameters().bias());
        assertEquals(SIGMA, conv.parameters().sigma(), conv.name());
      } else if (layer instanceof Fc fc) {
        biases.put(fc.name(), fc.parameters().bias());
        assertEquals(SIGMA, fc.parameters().sigma(), fc.name());
      }
    }
    Map<String, Float> want = new TreeMap<>();
    for (String layer : new String[] {"conv2", "conv4", "conv5", "fc6", "fc7"}) {
      want.put(layer, 1f);
    }
    for (String layer : new String[] {"conv1", "conv3", "fc8"}) {
      want.put(layer, 0f);
    }
    assertEquals(want, biases);
  }

  /**
   * Every tensor gets its own draws with its layer's deviation, biases their constant, and
   * velocities are zero, whatever was there before.
   */
  @Test
  void towersStartAsTheirLayersSay() throws IOException {
    assertStarts(TinyRun.configuration());
  }

  /** A position's weights lie apart on each tower; the draws are those of the whole tensor. */
  @Test
  void locallyConnectedTowersStartAsTheWholeLayerDoes() throws IOException {
    assertStarts(TinyRun.locallyConnected());
  }

  private static void assertStarts(Configuration tiny) throws IOException {
    Plan plan = Planner.plan(tiny.network(), 2, Purpose.TRAIN, tiny.mean(), 1);
    try (Towers towers = Towers.create(plan, Devices.choose("cpu:0,cpu:1", 2).ids())) {
      ParameterStore store = new ParameterStore(towers);
      for (TensorSpec tensor : store.tensors()) {
        store.write(tensor, Role.VELOCITY, (first, rows, to) -> Arrays.fill(to, 3));
      }
      Initializer.initialize(store, 99, true);
      for (int place = 0; place < store.tensors().size(); place++) {
        TensorSpec tensor = store.tensors().get(place);
        float[] want = new float[(int) tensor.count()];
        float sigma = tensor.name().equals("conv1.weight") ? 0.01f : 0.1f;
        if (tensor.name().endsWith(".weight")) {
          Initializer.gaussian(99, place, 0, want.length, sigma, want);
        } else {
          Arrays.fill(want, tensor.name().equals("fc3.bias") ? 0.1f : 0);
        }
        assertArrayEquals(want, read(store, tensor, Role.VALUE), tensor.name());
        assertArrayEquals(
            new float[want.length], read(store, tensor, Role.VELOCITY), "v of " + tensor.name());
      }
    }
  }

  private static float[] read(ParameterStore store, TensorSpec tensor, Role role)
      throws IOException {
    float[] all = new float[(int) tensor.count()];
    int row = tensor.rowCount();
    store.read(
        tensor,
        role,
        (first, rows, values) -> System.arraycopy(values, 0, all, first * row, rows * row));
    return all;
  }
}
