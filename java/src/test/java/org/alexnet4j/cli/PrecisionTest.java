package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A precision goes the whole way: train, stop, go on elsewhere or in another one, evaluate. */
class PrecisionTest {
  @TempDir Path folder;

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private void train(String name, String precision, String devices, int steps) throws IOException {
    TinyRun.trainOn(devices, folder, name, "--precision", precision, "--steps", "" + steps);
  }

  private static void assertSame(String one, String other) {
    Cli same = Cli.run("compare", one, other);
    assertEquals(0, same.code(), same.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"tf32", "bf16", "3xtf32"})
  void bitsDependOnItAndOnNothingElse(String precision) throws IOException {
    train("one", precision, "cpu:0", 12);
    train("two", precision, "cpu:0,cpu:1", 12);
    assertSame(path("one"), path("two"));
    train("stopped", precision, "cpu:0", 5);
    Cli resumed =
        Cli.run("train", "--resume", path("stopped"), "--steps", "12", "--devices", "cpu:0,cpu:1");
    assertEquals(0, resumed.code(), resumed.err());
    assertTrue(resumed.err().contains(precision), resumed.err());
    assertSame(path("one"), path("stopped"));
    TinyRun.train(folder, "exact", "--steps", "12");
    assertEquals(1, Cli.run("compare", path("one"), path("exact")).code());
    String line = "  precision: " + precision + "\n";
    assertTrue(Files.readString(folder.resolve("one/config.yaml")).contains(line));
    assertFalse(Files.readString(folder.resolve("exact/config.yaml")).contains("precision"));
    assertEquals(
        precision.equals("bf16") ? moved("exact") / 2 : moved("exact"), moved("two"), "bytes");
  }

  /** Returns the bytes that crossed between the towers in the first interval of the log. */
  private long moved(String run) throws IOException {
    String first = Files.readAllLines(folder.resolve(run).resolve("exchange.jsonl")).get(0);
    long bytes = 0;
    for (JsonElement one :
        JsonParser.parseString(first).getAsJsonObject().getAsJsonArray("transfers")) {
      bytes += one.getAsJsonObject().get("bytes").getAsLong();
    }
    return bytes;
  }

  @ParameterizedTest
  @CsvSource({"tf32, fp32", "bf16, fp32", "fp32, bf16", "bf16, tf32"})
  void aRunGoesOnInAnotherAndSaysSo(String first, String then) throws IOException {
    train("run", first, "cpu:0", 5);
    Cli resumed = Cli.run("train", "--resume", path("run"), "--precision", then, "--steps", "8");
    assertEquals(0, resumed.code(), resumed.err());
    String change = "training.precision " + shown(first) + " to " + shown(then);
    assertTrue(resumed.err().contains(change), resumed.err());
    String config = Files.readString(folder.resolve("run/config.yaml"));
    assertEquals(!then.equals("fp32"), config.contains("precision: " + then), config);
  }

  /**
   * What is explained of a step is of its own arithmetic: the largest number of eight bits is one.
   */
  @Test
  void anExplanationIsOfTheStepItself() throws IOException {
    double[] largest = new double[2];
    for (int i = 0; i < 2; i++) {
      String precision = i == 0 ? "bf16" : "fp32";
      Cli cli =
          TinyRun.train(
              TinyRun.CONFIG,
              "cpu:0",
              folder,
              precision,
              "--precision",
              precision,
              "--steps",
              "1",
              "--explain",
              "0");
      Matcher said = Pattern.compile("step 0, relu2: .*largest ([^,]*),").matcher(cli.err());
      assertTrue(said.find(), cli.err());
      largest[i] = Double.parseDouble(said.group(1));
    }
    assertNotEquals(largest[1], largest[0]);
    assertEquals(largest[1], largest[0], largest[1] / 64);
  }

  private static String shown(String precision) {
    return precision.equals("fp32") ? "-" : precision;
  }

  /** A network in two bytes a weight gives what its training gave. */
  @Test
  void anEvaluationIsThatOfItsTraining() throws IOException {
    train("run", "bf16", "cpu:0", 5);
    Cli own = Cli.run("eval", path("run"), "--data", TinyRun.DATA);
    assertEquals(0, own.code(), own.err());
    double evaluated = loss(Files.readString(folder.resolve("run/results.json")));
    List<String> metrics = Files.readAllLines(folder.resolve("run/metrics.jsonl"));
    double trained =
        metrics.stream()
            .filter(line -> line.contains("\"kind\":\"test\""))
            .map(line -> JsonParser.parseString(line).getAsJsonObject().get("loss"))
            .mapToDouble(JsonElement::getAsDouble)
            .reduce((before, last) -> last)
            .orElseThrow();
    assertEquals(trained, evaluated, 1e-7);
  }

  @Test
  void resultsSayIt() throws IOException {
    train("run", "tf32", "cpu:0", 5);
    Cli own = Cli.run("eval", path("run"), "--data", TinyRun.DATA);
    assertEquals(0, own.code(), own.err());
    assertTrue(own.out().contains("centre view, tf32: error"), own.out());
    String results = Files.readString(folder.resolve("run/results.json"));
    assertTrue(results.contains("\"precision\":\"tf32\""), results);
    Cli exact = Cli.run("eval", path("run"), "--data", TinyRun.DATA, "--precision", "fp32");
    assertEquals(0, exact.code(), exact.err());
    assertTrue(exact.out().contains("centre view: error"), exact.out());
    assertNotEquals(loss(results), loss(Files.readString(folder.resolve("run/results.json"))));
    Cli bench =
        Cli.run(
            "bench",
            "--preset",
            "cifar10-80sec",
            "--batch",
            "2",
            "--steps",
            "2",
            "--devices",
            "cpu:0",
            "--precision",
            "tf32");
    assertEquals(0, bench.code(), bench.err());
    assertTrue(bench.out().contains("batch 2, tf32, 2 steps"), bench.out());
    Cli described = Cli.run("describe", "--precision", "tf32");
    assertTrue(described.out().contains(", tf32"), described.out());
  }

  @Test
  void threeProductsAreNearFloat32AndNotItsBits() throws IOException {
    TinyRun.train(folder, "three", "--precision", "3xtf32", "--steps", "5");
    TinyRun.train(folder, "exact", "--steps", "5");
    train("rounded", "tf32", "cpu:0", 5);
    assertEquals(1, Cli.run("compare", path("three"), path("exact")).code());
    assertTrue(
        Files.readString(folder.resolve("three/config.yaml")).contains("  precision: 3xtf32\n"));
    double exact = lossOf("exact");
    assertTrue(
        Math.abs(lossOf("three") - exact) < Math.abs(lossOf("rounded") - exact) / 16,
        lossOf("three") + ", " + exact + ", " + lossOf("rounded"));
  }

  private double lossOf(String run) throws IOException {
    Cli eval = Cli.run("eval", path(run), "--data", TinyRun.DATA);
    assertEquals(0, eval.code(), eval.err());
    return loss(Files.readString(folder.resolve(run + "/results.json")));
  }

  private static double loss(String results) {
    return JsonParser.parseString(results).getAsJsonObject().get("loss").getAsDouble();
  }

  @Test
  void whatCannotBeIsRefused() throws IOException {
    Cli unknown = Cli.run("bench", "--precision", "tf16");
    assertEquals(2, unknown.code());
    assertTrue(
        unknown.err().contains("--precision is 'tf16'; allowed: fp32, tf32, bf16, 3xtf32"),
        unknown.err());
    for (String what : new String[] {"sheet", "feed"}) {
      Cli images = Cli.run("data", what, TinyRun.DATA, "--precision", "tf32");
      assertEquals(2, images.code(), images.out());
      assertTrue(
          images.err().contains("--precision is tf32, which changes no image"), images.err());
    }
    String[] rates = {
      "train",
      "--rate-test",
      "--steps",
      "4",
      "--data",
      TinyRun.DATA,
      "--preset",
      "cifar10-80sec",
      "--batch",
      "4",
      "--devices",
      "cpu:0",
      "--precision",
      "tf32",
      "--run",
      path("rates")
    };
    Cli test = Cli.run(rates);
    assertFalse(test.err().contains("--precision is for"), test.err());
    Cli library =
        Cli.run("bench", "--precision", "tf32", "--engine", "onednn", "--devices", "cpu:0");
    assertEquals(2, library.code(), library.err());
    assertTrue(
        library.err().contains("precision is tf32, and the engine onednn multiplies in fp32"));
  }
}
