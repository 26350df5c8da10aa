package org.alexnet4j.tower;

import static org.alexnet4j.tower.SmallNetwork.BATCH;
import static org.alexnet4j.tower.SmallNetwork.load;
import static org.alexnet4j.tower.SmallNetwork.small;
import static org.alexnet4j.tower.SmallNetwork.tensor;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.alexnet4j.device.Devices;
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

  /** Change of the summed loss that a step aims at: far above float noise, small against it. */
  private static final double AIM = 1e-3;

  /**
   * Second-order terms cancel between the two sides; what is left are kinks of relu and max-pooling
   * that a step crosses, and rounding of the loss (about 1e-6 in 2e-3).
   */
  private static final double TOLERANCE = 0.02;

  @ParameterizedTest
  @CsvSource({"1, cpu:0", "2, cpu:0", "3, cpu:0", "2, emu:0"})
  void lossFallsAsTheGradientSays(int count, String devices) throws IOException {
    Plan plan = Planner.plan(small(count), BATCH, Purpose.INSPECT, Mean.CHANNEL, 7);
    try (Towers towers = Towers.create(plan, Devices.choose(devices, count).ids())) {
      ParameterStore store = new ParameterStore(towers);
      Initializer.initialize(store, 11, false);
      towers.mean(new float[] {120, 110, 100});
      load(towers, 1);
      for (TensorSpec tensor : store.tensors()) {
        towers.inspect(STEP, true);
        float[] gradient = tensor(store, tensor, Role.GRADIENT);
        check(towers, store, tensor, gradient);
      }
    }
  }

  private static void check(
      Towers towers, ParameterStore store, TensorSpec tensor, float[] gradient) throws IOException {
    double square = 0;
    for (float g : gradient) {
      square += (double) g * g;
    }
    assertTrue(square > 0, tensor.name() + " has no gradient");
    float[] values = tensor(store, tensor, Role.VALUE);
    double e = AIM / (BATCH * square);
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
    return towers.inspect(STEP, true).lossSum();
  }
}
