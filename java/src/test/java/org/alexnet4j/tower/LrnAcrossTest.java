package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.device.Devices;
import org.alexnet4j.eval.ActivationFile;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Softmax;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.plan.Transfer;
import org.alexnet4j.plan.Transfer.Direction;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.tower.ParameterStore.Role;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Normalisation whose windows cross towers: values, what travels, what is refused. */
class LrnAcrossTest {
  private static final int SIDE = 9;

  @TempDir Path folder;

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private static NetworkSpec network(int towers, int maps, int size) {
    Parameters start = Parameters.paper(0);
    return new NetworkSpec(
        "across",
        towers,
        SIDE,
        SIDE,
        ImmutableList.of(
            new Conv("conv1", maps, 3, 1, 0, Reads.TOWER, start),
            new Lrn("norm1", Lrn.Over.ALL_MAPS, size, 1, 0.5f, 0.75f),
            new Fc("fc2", 3, true, start),
            new Softmax("softmax")));
  }

  /** One tower with all maps gives the same bits, which the formula confirms. */
  @ParameterizedTest
  @CsvSource({
    "2, 6, 5, 'cpu:0,cpu:1'",
    "2, 4, 5, emu:0",
    "3, 4, 3, cpu:0",
    "4, 6, 7, 'cpu:0,cpu:1,cpu:0,cpu:1'"
  })
  void windowsAreThoseOfOneTower(int towers, int maps, int size, String devices)
      throws IOException {
    float[] apart = normalised(network(towers, maps, size), devices, "norm1");
    NetworkSpec together = network(1, towers * maps, size);
    assertArrayEquals(
        normalised(together, "cpu:0", "norm1"), apart, devices.startsWith("cpu") ? 0 : 1e-5f);
    float[] x = normalised(together, "cpu:0", "conv1");
    int c = towers * maps;
    for (int i = 0; i < x.length; i++) {
      double sum = 0;
      for (int j = Math.max(0, i % c - size / 2); j <= Math.min(c - 1, i % c + size / 2); j++) {
        sum += Math.pow(x[i / c * c + j], 2);
      }
      assertEquals(x[i] * Math.pow(1 + 0.5 * sum, -0.75), apart[i], 1e-5, "value " + i);
    }
  }

  /** A window of the gradient needs the denominators of maps two windows away. */
  @ParameterizedTest
  @CsvSource({"2, 6, 5, 'cpu:0,cpu:1'", "3, 4, 3, cpu:0", "2, 4, 5, emu:0"})
  void gradientsAreThoseOfOneTower(int towers, int maps, int size, String devices)
      throws IOException {
    float[] apart = gradient(network(towers, maps, size), devices);
    float[] together = gradient(network(1, towers * maps, size), "cpu:0");
    float largest = 0;
    for (float value : together) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertTrue(largest > 0);
    assertArrayEquals(together, apart, 1e-5f * largest);
  }

  private static float[] gradient(NetworkSpec network, String devices) throws IOException {
    try (Towers towers = open(network, devices)) {
      towers.inspect(new StepSettings(0, 0, 0, 0), true);
      ParameterStore store = new ParameterStore(towers);
      return SmallNetwork.tensor(store, store.tensors().get(0), Role.GRADIENT);
    }
  }

  private float[] normalised(NetworkSpec network, String devices, String plane) throws IOException {
    Path path = folder.resolve("activations.safetensors");
    try (Towers towers = open(network, devices)) {
      ActivationFile.write(path, towers, towers.inspect(new StepSettings(0, 0, 0, 0), false));
    }
    try (Safetensors file = Safetensors.open(path)) {
      FloatBuffer values = file.floats(plane);
      float[] all = new float[values.remaining()];
      values.get(all);
      return all;
    }
  }

  private static Towers open(NetworkSpec network, String devices) throws IOException {
    Plan plan = Planner.plan(network, 1, Purpose.INSPECT, Mean.CHANNEL, 1);
    Towers towers = Towers.create(plan, Devices.choose(devices, network.towers()).ids());
    ParameterStore store = new ParameterStore(towers);
    for (TensorSpec tensor : store.tensors()) {
      write(store, tensor);
    }
    Random random = new Random(5);
    float[] pixels = new float[SIDE * SIDE * 3];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = random.nextFloat() - 0.5f;
    }
    towers.loadInput(pixels, new int[] {1});
    return towers;
  }

  /** Values by their place in the tensor, which does not depend on towers. */
  private static void write(ParameterStore store, TensorSpec tensor) throws IOException {
    int row = tensor.rowCount();
    store.write(
        tensor,
        Role.VALUE,
        (first, rows, to) -> {
          for (int i = 0; i < rows * row; i++) {
            to[i] = (float) Math.sin(1.7 * (first * row + i) + tensor.name().length());
          }
        });
  }

  /** Two maps each way in inference; in training four, and four gradients. */
  @Test
  void onlyEdgesTravel() {
    NetworkSpec network = ConfigReader.preset("caffe-alexnet").network();
    long pixels = 55 * 55;
    assertEquals(
        List.of(Direction.FORWARD, Direction.FORWARD),
        transfers(network, Purpose.INFER, 4 * pixels * 2));
    assertEquals(
        List.of(Direction.FORWARD, Direction.FORWARD, Direction.BACKWARD, Direction.BACKWARD),
        transfers(network, Purpose.TRAIN, 4 * pixels * 4));
  }

  private static List<Direction> transfers(NetworkSpec network, Purpose purpose, long bytes) {
    Plan plan = Planner.plan(network, 1, purpose, Mean.CHANNEL, 1);
    List<Transfer> all =
        plan.exchange().transfers().stream().filter(t -> t.layer().equals("norm1")).toList();
    assertTrue(all.stream().allMatch(t -> t.bytes() == bytes), all::toString);
    return all.stream().map(Transfer::direction).toList();
  }

  @Test
  void tooFewMapsAreRefused() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> Planner.plan(network(2, 3, 5), 1, Purpose.TRAIN, Mean.CHANNEL, 1));
    assertEquals(
        "norm1: lrn over all-maps of size 5 takes 4 maps of a neighbouring tower, which has 3;"
            + " allowed: as many maps per tower as size - 1, or more",
        e.getMessage());
  }
}
