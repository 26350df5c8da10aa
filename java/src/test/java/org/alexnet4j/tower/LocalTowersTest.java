package org.alexnet4j.tower;

import static org.alexnet4j.tower.SmallNetwork.BATCH;
import static org.alexnet4j.tower.SmallNetwork.load;
import static org.alexnet4j.tower.SmallNetwork.locallyConnected;
import static org.alexnet4j.tower.SmallNetwork.small;
import static org.alexnet4j.tower.SmallNetwork.tensor;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.util.List;
import org.alexnet4j.device.Devices;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Locally connected layers of one and several towers against convolutions. */
class LocalTowersTest {
  private static final StepSettings STEP = new StepSettings(3, 0, 0, 0);

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private static Towers open(NetworkSpec spec, String devices) {
    return Towers.create(
        Planner.plan(spec, BATCH, Purpose.INSPECT, Mean.CHANNEL, 7),
        Devices.choose(devices, spec.towers()).ids());
  }

  /**
   * With the same filters at every position the outputs are a convolution's, to the bit, as the
   * sums have one order; a convolution's gradient is the sum over the positions.
   */
  @ParameterizedTest
  @CsvSource({"1, cpu:0", "2, 'cpu:0,cpu:1'", "3, cpu:0", "2, emu:0"})
  void equalFiltersAreAConvolution(int count, String devices) throws IOException {
    try (Towers conv = open(small(count), devices);
        Towers local = open(locallyConnected(count), devices)) {
      ParameterStore of = new ParameterStore(conv);
      ParameterStore to = new ParameterStore(local);
      Initializer.initialize(of, 11, false);
      for (int i = 0; i < of.tensors().size(); i++) {
        repeat(tensor(of, of.tensors().get(i), Role.VALUE), to, to.tensors().get(i));
      }
      for (Towers towers : List.of(conv, local)) {
        towers.mean(new float[] {120, 110, 100});
        load(towers, 1);
      }
      assertEquals(conv.inspect(STEP, true), local.inspect(STEP, true));
      for (int i = 0; i < of.tensors().size(); i++) {
        float[] want = tensor(of, of.tensors().get(i), Role.GRADIENT);
        float[] got = summed(tensor(to, to.tensors().get(i), Role.GRADIENT), want.length);
        assertArrayEquals(want, got, 1e-5f * largest(want), to.tensors().get(i).name());
      }
    }
  }

  /** Writes a convolution's tensor to every position of another one. */
  private static void repeat(float[] values, ParameterStore store, TensorSpec tensor)
      throws IOException {
    int row = tensor.rowCount();
    store.write(
        tensor,
        Role.VALUE,
        (first, rows, to) -> {
          for (int i = 0; i < rows * row; i++) {
            to[i] = values[(first * row + i) % values.length];
          }
        });
  }

  private static float[] summed(float[] values, int length) {
    double[] sums = new double[length];
    for (int i = 0; i < values.length; i++) {
      sums[i % length] += values[i];
    }
    float[] rounded = new float[length];
    for (int i = 0; i < length; i++) {
      rounded[i] = (float) sums[i];
    }
    return rounded;
  }

  private static float largest(float[] values) {
    float largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  /** Checkpoints are written in the order in which rows come. */
  @ParameterizedTest
  @CsvSource({"1, emu:0", "2, 'emu:0,emu:1'", "3, emu:0"})
  void rowsComeInAscendingOrder(int count, String devices) throws IOException {
    try (Towers towers = open(locallyConnected(count), devices)) {
      ParameterStore store = new ParameterStore(towers);
      Initializer.initialize(store, 11, false);
      for (TensorSpec tensor : store.tensors()) {
        int[] next = {0};
        store.read(
            tensor,
            Role.VALUE,
            (first, rows, values) -> {
              assertEquals(next[0], first, tensor.name());
              next[0] += rows;
            });
        assertEquals(tensor.count(), (long) next[0] * tensor.rowCount(), tensor.name());
      }
    }
  }

  @Test
  void aValueThatIsNoNumberIsNamedWithItsPosition() {
    try (Towers towers = open(locallyConnected(2), "emu:0")) {
      ParameterStore store = new ParameterStore(towers);
      TensorSpec tensor =
          store.tensors().stream()
              .filter(t -> t.name().equals("local2.weight"))
              .findFirst()
              .orElseThrow();
      int wanted = 16 * (2 * tensor.shape().get(1).intValue() + 1) + 9;
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () ->
                  store.write(
                      tensor,
                      Role.VALUE,
                      (first, rows, to) -> {
                        if (first <= wanted && wanted < first + rows) {
                          to[(wanted - first) * tensor.rowCount() + 5] = Float.NaN;
                        }
                      }));
      assertEquals(
          "tensor local2.weight, output 9 at [2,1], value 5 is NaN; allowed: finite numbers",
          e.getMessage());
    }
  }
}
