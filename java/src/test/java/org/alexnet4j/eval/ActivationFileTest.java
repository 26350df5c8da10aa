package org.alexnet4j.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every layer of the paper's network is in the file, joined, and the numbers fit together. */
class ActivationFileTest {
  private static final int N = 2;

  @TempDir Path folder;

  private static float[] floats(Safetensors file, String name) throws Exception {
    FloatBuffer buffer = file.floats(name);
    float[] values = new float[buffer.remaining()];
    buffer.get(values);
    return values;
  }

  @Test
  void paperNetworkGivesEveryActivationAndGradient() throws Exception {
    NetworkSpec spec = ConfigReader.preset("paper-small-sets").network();
    NetworkSpec network = spec.scaled(0.125).withClasses(10).withInputSize(227);
    Plan plan = Planner.plan(network, N, Purpose.INSPECT, Mean.CHANNEL, 1);
    Path path = folder.resolve("activations.safetensors");
    try (Towers towers = Towers.create(plan, Devices.choose("cpu:0", 2).ids())) {
      Initializer.initialize(new ParameterStore(towers), 3, false);
      float[] input = new float[N * 227 * 227 * 3];
      Random random = new Random(4);
      for (int i = 0; i < input.length; i++) {
        input[i] = random.nextFloat() * 200 - 100;
      }
      towers.loadInput(input, new int[] {3, 7});
      StepResult result = towers.inspect(new StepSettings(0, 0, 0, 0), false);
      assertEquals(
          List.of("grad.input", "grad.softmax"), ActivationFile.write(path, towers, result));
      try (Safetensors file = Safetensors.open(path)) {
        check(file, input, result);
      }
    }
    assertEquals(0, Devices.liveHandles());
  }

  private static void check(Safetensors file, float[] input, StepResult result) throws Exception {
    assertArrayEquals(input, floats(file, "input"));
    assertEquals(List.of(2L, 55L, 55L, 16L), file.tensors().get("conv1").shape());
    assertEquals(List.of(2L, 6L, 6L, 32L), file.tensors().get("pool5").shape());
    assertEquals(List.of(2L, 512L), file.tensors().get("fc6").shape());
    assertEquals(List.of(48L, 32L, 3L, 3L), file.tensors().get("grad.conv3.weight").shape());
    float[] probabilities = floats(file, "softmax");
    assertEquals(
        -Math.log(probabilities[3]) / 2 - Math.log(probabilities[17]) / 2,
        floats(file, "loss")[0],
        1e-6);
    assertEquals(result.loss(), floats(file, "loss")[0], 1e-6);
    float[] logits = floats(file, "grad.fc8");
    float[] bias = floats(file, "grad.fc8.bias");
    for (int c = 0; c < 10; c++) {
      float expected = (probabilities[c] - (c == 3 ? 1 : 0)) / N;
      assertEquals(expected, logits[c], 1e-6f);
      assertEquals(logits[c] + logits[10 + c], bias[c], 1e-6f);
    }
    float[] fc7 = floats(file, "relu7");
    float[] drop7 = floats(file, "drop7");
    for (int i = 0; i < fc7.length; i++) {
      assertEquals(fc7[i] / 2, drop7[i]);
    }
    assertTrue(floats(file, "grad.drop7").length == fc7.length);
    float[] above = floats(file, "grad.drop7");
    float[] below = floats(file, "grad.relu7");
    for (int i = 0; i < above.length; i++) {
      assertEquals(above[i] / 2, below[i]);
    }
  }
}
