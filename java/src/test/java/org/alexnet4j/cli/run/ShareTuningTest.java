package org.alexnet4j.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.cli.TinyRun;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code eval --tune-shares}: on one part, of networks and of files, measured on the other. */
class ShareTuningTest {
  @TempDir static Path folder;

  @BeforeAll
  static void train() throws IOException {
    TinyRun.train(folder, "one", "--steps", "6", "--inspect", "0", "--seed", "1");
    TinyRun.train(folder, "two", "--steps", "8", "--inspect", "0", "--seed", "2");
    for (String name : new String[] {"one", "two"}) {
      assertEquals(0, run("eval @" + name + " --out @" + name + ".npy").code());
    }
  }

  private static Cli run(String line) {
    String all = line + " --data " + TinyRun.DATA;
    return Cli.run(all.replace("@", folder + "/").strip().split(" +"));
  }

  private static JsonObject json(Cli cli) {
    assertEquals(0, cli.code(), cli.err());
    return JsonParser.parseString(cli.out()).getAsJsonObject();
  }

  @Test
  void whatIsTunedOnOnePartIsMeasuredOnTheOther() throws IOException {
    JsonObject result =
        json(run("eval @one --with @two --tune-shares 1/2 --out @half.npy --save @s.json --json"));
    JsonObject tuning = result.getAsJsonObject("tuning");
    assertEquals("1/2", tuning.get("part").getAsString());
    assertEquals(20, tuning.get("images").getAsInt());
    assertEquals(20, tuning.get("measuredImages").getAsInt());
    assertEquals(20, result.get("images").getAsInt());
    assertTrue(tuning.get("loss").getAsDouble() <= tuning.get("lossOfEqualShares").getAsDouble());
    JsonArray weights = result.getAsJsonArray("weights");
    double one = weights.get(0).getAsJsonObject().get("share").getAsDouble();
    double two = weights.get(1).getAsJsonObject().get("share").getAsDouble();
    assertEquals(1, one + two, 1e-9);
    // Class c has images c, 10 + c, ...: with four of each every second one is of the other part.
    String list = Files.readString(folder.resolve("half.npy.tsv"));
    assertEquals(21, list.lines().count());
    assertTrue(list.contains("synthetic/test/00010 ") && list.contains("synthetic/test/00030 "));
    assertTrue(!list.contains("synthetic/test/00000 ") && !list.contains("/00020 "), list);
    assertEquals(result, JsonParser.parseString(Files.readString(folder.resolve("s.json"))));
  }

  /** Networks and what they said give the same, as stated shares do on the same images. */
  @Test
  void filesGiveWhatTheirNetworksGive() {
    JsonObject networks = json(run("eval @one --with @two --tune-shares 2/4 --json"));
    String files = "eval --predictions @one.npy --predictions @two.npy --tune-shares 2/4";
    JsonObject saved = json(run(files + " --json"));
    for (String key : new String[] {"images", "loss", "top1Error", "top5Error"}) {
      assertEquals(networks.get(key).getAsDouble(), saved.get(key).getAsDouble(), 1e-9, key);
    }
    assertEquals(30, saved.get("images").getAsInt());
    assertEquals(
        networks.getAsJsonArray("weights").get(0).getAsJsonObject().get("share"),
        saved.getAsJsonArray("weights").get(0).getAsJsonObject().get("share"));
    Cli text = run(files);
    assertTrue(
        text.out()
            .matches(
                "(?s)shares [01]\\.\\d{4}, [01]\\.\\d{4}: tuned on part 2/4, 10 images,"
                    + " loss .*; what follows is of the other 30\n30 images, 2 networks, .*"),
        text.out());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "eval @one --tune-shares 1/2 | 2 | --tune-shares has one network to tune; allowed: two or",
        "eval --predictions @one.npy --tune-shares 1/2 | 2 | has one network to tune",
        "eval @one --with @two --tune-shares half | 2 | --tune-shares: 'half' is no part; allowed",
        "eval @one --with @two --tune-shares 1/1 | 2 | '1/1' is no part; allowed: one of two parts",
        "eval @one --with @two --tune-shares 1/2 --shares 1,2 | 2 | allowed: one of them",
        "eval @one --with @two --tune-shares 41/41 | 3 | part 41/41 of its 40 images is empty",
      })
  void mistakesAreNamed(String line, int code, String text) {
    Cli cli = run(line);
    assertEquals(code, cli.code(), cli.err());
    assertTrue(cli.err().contains(text), cli.err());
  }
}
