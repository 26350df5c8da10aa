package org.alexnet4j.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.cli.TinyRun;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.io.Safetensors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Norms of gradients, updates and weights against checkpoints, and against runs without the rest.
 */
class NormsTest {
  private static final List<String> LAYERS = List.of("conv1", "conv2", "fc3", "fc4");

  @TempDir Path folder;

  @BeforeEach
  void config() throws IOException {
    Files.writeString(folder.resolve("tiny.yaml"), TinyRun.CONFIG.replace("0.0005", "0.5"));
  }

  private Cli run(String line) {
    return Cli.run(line.replace("@", folder + "/").strip().split(" +"));
  }

  private void train(String more) {
    Cli cli =
        run(
            "train --data "
                + TinyRun.DATA
                + " --config @tiny.yaml --devices cpu:0,cpu:1 --inspect 0 --set training.rate=0.001 "
                + more);
    assertEquals(0, cli.code(), cli.err());
  }

  private List<JsonObject> norms(String name) throws IOException {
    return JsonLines.read(folder.resolve(name).resolve("metrics.jsonl")).stream()
        .filter(line -> line.get("kind").getAsString().equals("norms"))
        .toList();
  }

  private static double value(JsonObject line, String layer, String key) {
    return line.getAsJsonObject("layers").getAsJsonObject(layer).get(key).getAsDouble();
  }

  private double norm(String checkpoint, String tensor) throws IOException {
    try (Safetensors read = Safetensors.open(folder.resolve(checkpoint))) {
      FloatBuffer values = read.floats(tensor);
      double sum = 0;
      while (values.hasRemaining()) {
        double value = values.get();
        sum += value * value;
      }
      return Math.sqrt(sum);
    }
  }

  @Test
  void updatesAndWeightsAreThoseOfTheCheckpoint() throws IOException {
    train("--run @run --steps 4 --norms 2 --checkpoint-every 1 --keep 9");
    List<JsonObject> lines = norms("run");
    assertEquals(List.of(1L, 3L), lines.stream().map(l -> l.get("step").getAsLong()).toList());
    for (JsonObject line : lines) {
      long after = line.get("step").getAsLong() + 1;
      String file = "run/checkpoints/step-0000000" + after + ".safetensors";
      for (String layer : LAYERS) {
        double weight = norm(file, layer + ".weight");
        double update = norm(file, "velocity." + layer + ".weight");
        assertEquals(weight, value(line, layer, "weight"), 1e-9 * weight);
        assertEquals(update, value(line, layer, "update"), 1e-9 * update);
        assertEquals(update / weight, value(line, layer, "ratio"), 1e-9);
      }
    }
  }

  /**
   * Without momentum and decay the update is the rate times the gradient. A run that goes on
   * without them from the same weights has the same gradient in its next step.
   */
  @Test
  void theGradientIsThatOfARunWithoutMomentumAndDecay() throws IOException {
    train("--run @whole --steps 3 --norms 1");
    train("--run @parts --steps 2 --norms 1");
    Files.writeString(
        folder.resolve("plain.yaml"),
        TinyRun.CONFIG
            .replace("decay: 0.0005", "decay: 0")
            .replace("momentum: 0.9", "momentum: 0")
            .replace("rate: 0.0001", "rate: 0.001"));
    Cli plain =
        run(
            "train --resume @parts --config @plain.yaml --steps 3 --norms 1 --inspect 0"
                + " --devices cpu:0,cpu:1");
    assertEquals(0, plain.code(), plain.err());
    JsonObject wanted = norms("parts").get(2);
    JsonObject got = norms("whole").get(2);
    assertEquals(2, got.get("step").getAsInt());
    for (String layer : LAYERS) {
      double gradient = value(wanted, layer, "update") / 0.001f;
      assertTrue(gradient > 0, layer);
      assertEquals(gradient, value(wanted, layer, "gradient"), 1e-5 * gradient, layer);
      assertEquals(gradient, value(got, layer, "gradient"), 1e-4 * gradient, layer);
    }
  }

  @Test
  void measuringChangesNothingAndOthersDoNotMeasure() throws IOException {
    train("--run @none --steps 17");
    assertEquals(0, norms("none").size());
    train("--run @zero --steps 17 --norms 0");
    assertEquals( // the end of the epoch of 15 steps, and the end
        List.of(14, 16), norms("zero").stream().map(l -> l.get("step").getAsInt()).toList());
    train("--run @three --steps 8 --norms 3");
    Cli rest = run("train --resume @three --steps 17 --norms 3 --inspect 0 --devices cpu:0,cpu:1");
    assertEquals(0, rest.code(), rest.err());
    for (String other : new String[] {"zero", "three"}) {
      Cli same = run("compare @none @" + other);
      assertEquals(0, same.code(), same.out());
    }
    Cli wrong = run("train --data synthetic: --run @x --norms -1");
    assertEquals(2, wrong.code());
    assertTrue(wrong.err().contains("--norms is -1; allowed: 0 or more"), wrong.err());
  }

  @Test
  void whatIsFrozenDoesNotMove() throws IOException {
    train("--run @run --steps 2 --norms 1 --set training.weightRates.conv1.0=0");
    JsonObject layer = norms("run").get(1).getAsJsonObject("layers").getAsJsonObject("conv1");
    assertEquals(0, layer.get("update").getAsDouble());
    assertEquals(0, layer.get("ratio").getAsDouble());
    assertTrue(!layer.has("gradient") || layer.get("gradient").isJsonNull(), layer.toString());
  }
}
