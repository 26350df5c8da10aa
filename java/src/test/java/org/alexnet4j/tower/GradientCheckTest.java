package org.alexnet4j.tower;

import static org.alexnet4j.tower.SmallNetwork.BATCH;
import static org.alexnet4j.tower.SmallNetwork.load;
import static org.alexnet4j.tower.SmallNetwork.locallyConnected;
import static org.alexnet4j.tower.SmallNetwork.reading;
import static org.alexnet4j.tower.SmallNetwork.small;
import static org.alexnet4j.tower.SmallNetwork.stepped;
import static org.alexnet4j.tower.SmallNetwork.tensor;
import static org.alexnet4j.tower.SmallNetwork.withoutDecay;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.alexnet4j.device.Devices;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Relu;
import org.alexnet4j.net.LayerSpec.Sigmoid;
import org.alexnet4j.net.LayerSpec.Tanh;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The gradient of the whole network, exchanges included, against finite differences of its loss:
 * along each tensor's own gradient g, the loss changes by e |g|^2 for a small step e.
 */
class GradientCheckTest {
  private static final StepSettings STEP = new StepSettings(3, 0, 0, 0);
  private static final StepSettings UPDATE = new StepSettings(3, 1, 1, 0);

  /** Change of the summed loss that a step aims at: far above float noise, small against it. */
  private static final double AIM = 1e-3;

  /** Where the function bends more; rounding is 0.5 % of it. */
  private static final double SMALLER_AIM = 1e-4;

  /**
   * Second-order terms cancel between the two sides; what is left are kinks of relu and max-pooling
   * that a step crosses, and rounding of the loss (about 1e-6 in 2e-3).
   */
  private static final double TOLERANCE = 0.02;

  @ParameterizedTest
  @CsvSource({
    "1, cpu:0, INSPECT",
    "2, cpu:0, INSPECT",
    "3, cpu:0, INSPECT",
    "2, emu:0, INSPECT",
    "1, cpu:0, TRAIN",
    "2, cpu:0, TRAIN",
    "3, cpu:0, TRAIN",
    "2, emu:0, TRAIN"
  })
  void lossFallsAsTheGradientSays(int count, String devices, Purpose purpose) throws IOException {
    assertFalls(small(count), devices, purpose, AIM);
  }

  private static void assertFalls(NetworkSpec network, String devices, Purpose purpose, double aim)
      throws IOException {
    Plan plan = Planner.plan(withoutDecay(network), BATCH, purpose, Mean.CHANNEL, 7);
    try (Towers towers = Towers.create(plan, Devices.choose(devices, network.towers()).ids())) {
      ParameterStore store = new ParameterStore(towers);
      Initializer.initialize(store, 11, purpose == Purpose.TRAIN);
      towers.mean(new float[] {120, 110, 100});
      load(towers, 1);
      for (TensorSpec tensor : store.tensors()) {
        check(towers, store, tensor, gradient(towers, store, tensor), aim);
      }
    }
  }

  /** Windows that outweigh k, so that a wrong neighbour in the gradient shows. */
  @ParameterizedTest
  @CsvSource({"cpu:0, INSPECT", "cpu:0, TRAIN", "emu:0, TRAIN"})
  void lossFallsThroughNormalisationInsideMaps(String devices, Purpose purpose) throws IOException {
    NetworkSpec network =
        small(2)
            .withLayers(
                layer ->
                    layer instanceof Lrn l
                        ? new Lrn(l.name(), Lrn.Over.PIXELS, 3, 1, 1, 0.75f)
                        : layer);
    assertFalls(network, devices, purpose, SMALLER_AIM);
  }

  /** The same across towers, of which the middle one has two neighbours. */
  @ParameterizedTest
  @CsvSource({
    "2, 'cpu:0,cpu:1', INSPECT",
    "3, cpu:0, INSPECT",
    "3, 'cpu:0,cpu:1,cpu:0', TRAIN",
    "2, emu:0, TRAIN"
  })
  void lossFallsThroughNormalisationAcrossTowers(int count, String devices, Purpose purpose)
      throws IOException {
    NetworkSpec network =
        small(count)
            .withLayers(
                layer ->
                    layer instanceof Lrn l
                        ? new Lrn(l.name(), Lrn.Over.ALL_MAPS, 5, 1, 1, 0.75f)
                        : layer);
    assertFalls(network, devices, purpose, SMALLER_AIM);
  }

  @ParameterizedTest
  @CsvSource({"cpu:0, INSPECT", "cpu:0, TRAIN", "emu:0, TRAIN"})
  void lossFallsThroughHyperbolicTangents(String devices, Purpose purpose) throws IOException {
    NetworkSpec network =
        small(2).withLayers(layer -> layer instanceof Relu r ? new Tanh(r.name()) : layer);
    assertFalls(network, devices, purpose, SMALLER_AIM);
  }

  /**
   * A sigmoid passes a quarter of a gradient at best; of seven in a row hardly any comes through.
   */
  @ParameterizedTest
  @CsvSource({"cpu:0, INSPECT", "cpu:0, TRAIN", "emu:0, TRAIN"})
  void lossFallsThroughLogisticFunctions(String devices, Purpose purpose) throws IOException {
    NetworkSpec network =
        small(2)
            .withLayers(
                layer -> layer.name().matches("relu[16]") ? new Sigmoid(layer.name()) : layer);
    assertFalls(network, devices, purpose, SMALLER_AIM);
  }

  /** One of them reads its tower's plane, the other one all planes. */
  @ParameterizedTest
  @CsvSource({"1, cpu:0, INSPECT", "2, cpu:0, INSPECT", "2, cpu:0, TRAIN", "2, emu:0, TRAIN"})
  void lossFallsThroughLocallyConnectedLayers(int count, String devices, Purpose purpose)
      throws IOException {
    assertFalls(locallyConnected(count), devices, purpose, AIM);
  }

  @ParameterizedTest
  @CsvSource({"TOWER, TOWER", "PAIR, ALL", "PAIR, PAIR"})
  void lossFallsWhoeverReadsWhom(Reads convolution, Reads hidden) throws IOException {
    assertFalls(reading(convolution, hidden, 4), "cpu:0", Purpose.TRAIN, AIM);
  }

  /** A plan that trains keeps no gradients; one step with rate 1 tells them. */
  private static float[] gradient(Towers towers, ParameterStore store, TensorSpec tensor)
      throws IOException {
    if (towers.plan().purpose() == Purpose.INSPECT) {
      towers.inspect(STEP, true);
      return tensor(store, tensor, Role.GRADIENT);
    }
    towers.step(UPDATE);
    float[] gradient = stepped(store, tensor);
    Initializer.initialize(store, 11, true);
    return gradient;
  }

  private static double loss(Towers towers) {
    StepResult result =
        towers.plan().purpose() == Purpose.INSPECT ? towers.inspect(STEP, true) : towers.step(STEP);
    return result.lossSum();
  }

  private static void check(
      Towers towers, ParameterStore store, TensorSpec tensor, float[] gradient, double aim)
      throws IOException {
    double square = 0;
    for (float g : gradient) {
      square += (double) g * g;
    }
    assertTrue(square > 0, tensor.name() + " has no gradient");
    float[] values = tensor(store, tensor, Role.VALUE);
    double e = aim / (BATCH * square);
    double up = lossAt(towers, store, tensor, values, gradient, e);
    double down = lossAt(towers, store, tensor, values, gradient, -e);
    lossAt(towers, store, tensor, values, gradient, 0);
    double expected = 2 * e * square;
    assertEquals(expected, (up - down) / BATCH, TOLERANCE * expected, tensor.name());
  }

  private static double lossAt(
      Towers towers,
      ParameterStore store,
      TensorSpec tensor,
      float[] values,
      float[] gradient,
      double e)
      throws IOException {
    int row = tensor.rowCount();
    store.write(
        tensor,
        Role.VALUE,
        (first, rows, to) -> {
          for (int i = 0; i < rows * row; i++) {
            int at = first * row + i;
            to[i] = (float) (values[at] + e * gradient[at]);
          }
        });
    return loss(towers);
  }
}
