package org.alexnet4j.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.Npy;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerSpec.Pool;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Relu;
import org.alexnet4j.net.LayerSpec.Softmax;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Weights that Caffe trained, on a picture whose activations Caffe wrote down: convolution,
 * rectifier, pooling and normalisation as the world computes them. (CaffeNet pools before it
 * normalises.)
 */
class TrainedWeightsTest {
  @TempDir Path folder;

  private static NetworkSpec firstLayersOfCaffeNet() {
    Parameters none = new Parameters(0, 0, 1, 1, 0);
    ImmutableList<LayerSpec> layers =
        ImmutableList.of(
            new Conv("conv1", 48, 11, 4, 0, Reads.TOWER, none),
            new Relu("relu1"),
            new Pool("pool1", 3, 2, PoolShape.Mode.MAX, PoolShape.Ties.ALL),
            new Lrn("norm1", 5, 1, 1e-4f / 5, 0.75f),
            new Fc("fc2", 2, true, none),
            new Softmax("softmax"));
    return new NetworkSpec("caffenet", 2, 227, 227, layers);
  }

  private Path unpack() throws Exception {
    Path archive = Path.of(System.getProperty("alexnet.data", ""), "alexnet-weights.tar.xz");
    assumeTrue(Files.isRegularFile(archive), "needs alexnet-weights.tar.xz in -Dalexnet.data=DIR");
    Process tar =
        new ProcessBuilder("tar", "-xJf", archive.toString(), "-C", folder.toString())
            .inheritIO()
            .start();
    assumeTrue(tar.waitFor() == 0, "needs tar with xz");
    try (var files = Files.walk(folder)) {
      return files.filter(p -> p.endsWith("caffenet")).findFirst().orElseThrow();
    }
  }

  private static float[] npy(Path file) throws IOException {
    try (Npy npy = Npy.open(file)) {
      return npy.readFloats();
    }
  }

  @Test
  void activationsAreThoseOfCaffe() throws Exception {
    Path caffenet = unpack();
    Plan plan = Planner.plan(firstLayersOfCaffeNet(), 1, Purpose.INSPECT, Mean.CHANNEL, 1);
    try (Towers towers = Towers.create(plan, Devices.choose("cpu:0,cpu:1", 2).ids())) {
      ParameterStore store = new ParameterStore(towers);
      for (TensorSpec tensor : store.tensors()) {
        float[] values =
            switch (tensor.name()) {
              case "conv1.weight" -> npy(caffenet.resolve("conv1_w.npy"));
              case "conv1.bias" -> npy(caffenet.resolve("conv1_b.npy"));
              default -> new float[(int) tensor.count()];
            };
        int row = tensor.rowCount();
        store.write(
            tensor,
            Role.VALUE,
            (first, rows, to) -> System.arraycopy(values, first * row, to, 0, rows * row));
      }
      Path activations = caffenet.resolve("activations");
      towers.loadInput(pixelsFirst(npy(activations.resolve("00_input.npy")), 3), null);
      towers.inspect(new StepSettings(0, 0, 0, 0), false);
      // The file was printed with few digits: 0.005 at relu1, below 0.001 from pool1 on.
      compare(towers, "relu1", npy(activations.resolve("01_relu1.npy")), 0.006, false);
      compare(towers, "pool1", npy(activations.resolve("02_pool1.npy")), 0.006, false);
      compare(towers, "norm1", npy(activations.resolve("03_norm1.npy")), 0.001, true);
    }
  }

  /** Turns [C,H,W] into [H,W,C]. */
  private static float[] pixelsFirst(float[] values, int channels) {
    int pixels = values.length / channels;
    float[] result = new float[values.length];
    for (int c = 0; c < channels; c++) {
      for (int p = 0; p < pixels; p++) {
        result[p * channels + c] = values[c * pixels + p];
      }
    }
    return result;
  }

  private static void compare(
      Towers towers, String name, float[] expected, double tolerance, boolean lrn) {
    int pixels = expected.length / 96;
    double largest = 0;
    for (int tower = 0; tower < 2; tower++) {
      float[] actual = towers.read(tower, name);
      for (int c = 0; c < 48; c++) {
        int whole = 48 * tower + c;
        // CaffeNet's window crosses between maps 47 and 48; a tower's does not (D6).
        boolean crosses = lrn && whole >= 46 && whole <= 49;
        for (int p = 0; p < pixels && !crosses; p++) {
          assertEquals(
              expected[whole * pixels + p],
              actual[p * 48 + c],
              tolerance,
              name + " map " + whole + " pixel " + p);
          largest = Math.max(largest, actual[p * 48 + c]);
        }
      }
    }
    assertTrue(largest > 10, name + " is nearly zero everywhere");
  }
}
