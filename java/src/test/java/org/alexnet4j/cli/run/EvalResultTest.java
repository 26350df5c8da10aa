package org.alexnet4j.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.hash.Hashing;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.cli.TinyRun;
import org.alexnet4j.report.Wilson;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The record of an evaluation: what was found, of what, and where it goes. */
class EvalResultTest {
  @TempDir Path folder;

  @BeforeEach
  void train() throws IOException {
    TinyRun.train(folder, "run", "--steps", "6", "--inspect", "0");
  }

  private Cli run(String line) {
    return Cli.run(
        line.replace("DATA", TinyRun.DATA).replace("@", folder + "/").strip().split(" +"));
  }

  private JsonObject read(String name) throws IOException {
    return JsonParser.parseString(Files.readString(folder.resolve(name))).getAsJsonObject();
  }

  @Test
  void aRunKeepsWhatItsLastEvaluationFound() throws IOException {
    Cli cli = run("eval @run --data DATA --devices cpu:0 --json");
    assertEquals(0, cli.code(), cli.err());
    assertTrue(cli.err().contains("results in " + folder + "/run/results.json\n"), cli.err());
    JsonObject result = read("run/results.json");
    assertEquals(JsonParser.parseString(cli.out()), result);
    assertEquals(40, result.get("images").getAsInt());
    assertEquals(1, result.get("views").getAsInt());
    for (String top : new String[] {"top1", "top5"}) {
      double error = result.get(top + "Error").getAsDouble();
      JsonArray interval = result.getAsJsonArray(top + "Interval");
      assertEquals(Wilson.of(error, 40).low(), interval.get(0).getAsDouble(), 1e-12);
      assertEquals(Wilson.of(error, 40).high(), interval.get(1).getAsDouble(), 1e-12);
      assertEquals(40 * (1 - error), result.get(top + "Right").getAsDouble(), 1e-9);
    }
    JsonObject weights = result.getAsJsonArray("weights").get(0).getAsJsonObject();
    assertEquals(6, weights.get("step").getAsInt());
    assertEquals(
        Hashing.sha256()
            .hashBytes(Files.readAllBytes(folder.resolve("run/config.yaml")))
            .toString(),
        weights.get("configurationSha256").getAsString());
    assertTrue(weights.get("file").getAsString().endsWith("step-00000006.safetensors"));
    JsonObject data = result.getAsJsonObject("data");
    assertEquals(TinyRun.DATA, data.get("name").getAsString());
    assertEquals("held_out", data.get("split").getAsString());
    assertTrue(data.get("fingerprint").getAsString().matches("2:[0-9a-f]{64}"));
    Cli ten = run("eval @run --data DATA --devices cpu:0 --views ten");
    assertTrue(ten.err().contains("results.json, in place of those before"), ten.err());
    assertEquals(10, read("run/results.json").get("views").getAsInt());
    assertTrue(
        ten.out()
            .matches("(?s)40 images, ten views: .*\n95 % intervals of the errors: [0-9.]+ to .*"),
        ten.out());
  }

  @Test
  void ofSeveralNetworksAndElsewhereOnlyIfAsked() throws IOException {
    String weights = folder + "/run/checkpoints/step-00000006.safetensors";
    String both = "eval @run --with " + weights + " --shares 3,1 --data DATA --devices cpu:0";
    assertEquals(0, run(both).code());
    assertFalse(Files.exists(folder.resolve("run/results.json")));
    Cli saved = run(both + " --save @both.json");
    assertEquals(0, saved.code(), saved.err());
    JsonArray members = read("both.json").getAsJsonArray("weights");
    assertEquals(3, members.get(0).getAsJsonObject().get("share").getAsInt());
    assertEquals(1, members.get(1).getAsJsonObject().get("share").getAsInt());
    assertFalse(Files.exists(folder.resolve("run/results.json")));
    Cli refused = run("eval @run --data DATA --save @run/env.json");
    assertEquals(2, refused.code(), refused.err());
    assertTrue(refused.err().contains("--save is " + folder + "/run/env.json"), refused.err());
  }
}
