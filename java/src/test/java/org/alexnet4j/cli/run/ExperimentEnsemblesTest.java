package org.alexnet4j.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.cli.console.Terminal;
import org.alexnet4j.config.ExperimentReader;
import org.alexnet4j.config.ExperimentSpec;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.Npy;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ten views, ensembles and figure 4 of an experiment, against the predictions themselves. */
class ExperimentEnsemblesTest {
  private static final String DATA = "synthetic:train=40,test=40,seed=5";

  private static final String QUESTION =
      """
      base: cifar10-towers
      data: DATA
      seeds: [4, 7]
      scale: {width: 0.25, epochs: 2}
      views: ten
      change: {network: {input: 28}, training: {batch: 16, drops: []}}
      variants:
        slow: {}
        quick: {change: {training: {rate: 0.01}}}
      ensembles:
        both: {members: [slow, quick], shares: [3, 1]}
        four: {members: [{variant: slow, seeds: all}, {variant: quick, seeds: all}], paper: "38.1"}
        fit: {members: [slow, quick], shares: tuned, tune: 1/2}
        centre: {members: [slow], views: centre}
      published: {Sparse coding: "47.1"}
      compare: [{from: slow, to: four}, {from: slow, to: centre}]
      """;

  @TempDir static Path folder;

  @BeforeAll
  static void run() throws IOException {
    Files.writeString(folder.resolve("question.yaml"), QUESTION.replace("DATA", DATA));
    Cli cli = experiment("one", "--devices", "cpu:0");
    assertEquals(0, cli.code(), cli.err());
    assertTrue(cli.out().contains("Sparse coding"), cli.out());
    assertTrue(cli.out().contains("4 networks"), cli.out());
  }

  private static Cli experiment(String into, String... more) {
    List<String> line =
        new ArrayList<>(List.of("experiment", folder.resolve("question.yaml").toString()));
    line.addAll(List.of("--into", folder.resolve(into).toString()));
    line.addAll(List.of(more));
    return Cli.run(line.toArray(String[]::new));
  }

  private static Path evaluations(String into, String run) {
    return folder.resolve(into).resolve(run).resolve("evaluations");
  }

  private static JsonObject json(Path file) throws IOException {
    return JsonParser.parseString(Files.readString(file)).getAsJsonObject();
  }

  private static JsonObject result(String into) throws IOException {
    return json(folder.resolve(into).resolve("experiment.json"));
  }

  private static JsonObject row(String list, String key, String name) throws IOException {
    for (JsonElement row : result("one").getAsJsonArray(list)) {
      if (row.getAsJsonObject().get(key).getAsString().equals(name)) {
        return row.getAsJsonObject();
      }
    }
    throw new AssertionError(name);
  }

  private static float[][] predictions(String run, String views) throws IOException {
    float[][] rows = new float[40][10];
    try (Npy npy = Npy.open(evaluations("one", run).resolve(views + ".npy"))) {
      FloatBuffer values = npy.rows(0, 40).asFloatBuffer();
      for (float[] row : rows) {
        values.get(row);
      }
    }
    return rows;
  }

  /** Image i is of class i modulo 10; no two probabilities of a row are equal here. */
  private static double top1(float[][]... members) {
    double[] equal = new double[members.length];
    Arrays.fill(equal, 1.0 / members.length);
    return top1(equal, members);
  }

  private static double top1(double[] shares, float[][]... members) {
    int wrong = 0;
    for (int i = 0; i < 40; i++) {
      double own = 0;
      double best = 0;
      for (int c = 0; c < 10; c++) {
        double sum = 0;
        for (int m = 0; m < members.length; m++) {
          sum += shares[m] * members[m][i][c];
        }
        best = Math.max(best, sum);
        own = c == i % 10 ? sum : own;
      }
      wrong += own < best ? 1 : 0;
    }
    return wrong / 40.0;
  }

  @Test
  void aVariantIsMeasuredThroughItsViews() throws IOException {
    JsonObject slow = row("variants", "variant", "slow");
    assertEquals(10, slow.get("views").getAsInt());
    double sum = 0;
    for (int i = 0; i < 2; i++) {
      JsonObject run = slow.getAsJsonArray("runs").get(i).getAsJsonObject();
      String name = run.get("run").getAsString();
      double error = run.get("value").getAsDouble();
      assertEquals(top1(predictions(name, "ten")), error, 1e-12);
      Cli eval =
          Cli.run(
              "eval",
              folder.resolve("one").resolve(name).toString(),
              "--data",
              DATA,
              "--views",
              "ten",
              "--devices",
              "cpu:0",
              "--json",
              "--save",
              folder + "/" + name + ".json");
      assertEquals(0, eval.code(), eval.err());
      JsonObject said = JsonParser.parseString(eval.out()).getAsJsonObject();
      assertEquals(said.get("top1Error").getAsDouble(), error, 1e-12);
      assertEquals(said.get("loss").getAsDouble(), run.get("testLoss").getAsDouble(), 1e-6);
      sum += error;
    }
    assertEquals(sum / 2, slow.get("mean").getAsDouble(), 1e-12);
  }

  @Test
  void averagesAreThoseOfThePredictions() throws IOException {
    float[][][] all = {
      predictions("slow-4", "ten"),
      predictions("slow-7", "ten"),
      predictions("quick-4", "ten"),
      predictions("quick-7", "ten")
    };
    JsonObject four = row("ensembles", "ensemble", "four");
    assertEquals(top1(all), four.get("mean").getAsDouble(), 1e-12);
    assertEquals(2, four.getAsJsonArray("top1Interval").size());
    assertEquals("38.1", four.get("paper").getAsString());
    JsonObject both = row("ensembles", "ensemble", "both");
    JsonArray seeds = both.getAsJsonArray("results");
    for (int i = 0; i < 2; i++) {
      JsonObject seed = seeds.get(i).getAsJsonObject();
      assertEquals(i == 0 ? 4 : 7, seed.get("seed").getAsInt());
      assertEquals(
          top1(new double[] {0.75, 0.25}, all[i], all[2 + i]),
          seed.get("top1Error").getAsDouble(),
          1e-12);
    }
    assertTrue(both.has("half95") && !both.has("top1Interval"), both.toString());
    JsonObject centre = row("ensembles", "ensemble", "centre");
    double near = top1(predictions("slow-4", "centre"));
    assertEquals(
        near,
        centre.getAsJsonArray("results").get(0).getAsJsonObject().get("top1Error").getAsDouble());
    JsonArray pairs = result("one").getAsJsonArray("differences");
    double mean = row("variants", "variant", "slow").get("mean").getAsDouble();
    assertEquals(
        mean - four.get("mean").getAsDouble(),
        pairs.get(0).getAsJsonObject().get("mean").getAsDouble(),
        1e-12);
    assertEquals(
        mean - centre.get("mean").getAsDouble(),
        pairs.get(1).getAsJsonObject().get("mean").getAsDouble(),
        1e-12);
  }

  @Test
  void tunedSharesAreThoseOfEval() throws IOException {
    JsonObject fit = row("ensembles", "ensemble", "fit");
    JsonObject seed = fit.getAsJsonArray("results").get(0).getAsJsonObject();
    assertEquals("1/2", seed.get("tunedOn").getAsString());
    assertEquals(20, seed.get("images").getAsInt());
    Cli eval =
        Cli.run(
            "eval",
            "--predictions",
            evaluations("one", "slow-4").resolve("ten.npy").toString(),
            "--predictions",
            evaluations("one", "quick-4").resolve("ten.npy").toString(),
            "--data",
            DATA,
            "--tune-shares",
            "1/2",
            "--json");
    assertEquals(0, eval.code(), eval.err());
    JsonObject said = JsonParser.parseString(eval.out()).getAsJsonObject();
    assertEquals(said.get("top1Error").getAsDouble(), seed.get("top1Error").getAsDouble());
    assertEquals(said.get("loss").getAsDouble(), seed.get("testLoss").getAsDouble());
    assertEquals(
        said.getAsJsonArray("weights").get(0).getAsJsonObject().get("share").getAsDouble(),
        seed.getAsJsonArray("shares").get(0).getAsDouble());
    String page = Files.readString(folder.resolve("one/experiment.html"));
    assertTrue(page.contains("tuned on part 1/2 of the held-out images, 20"), page);
    assertTrue(page.contains("<td>Sparse coding</td>"), page);
  }

  /** As after a kill: what is whole is kept, the rest is made again, with the same numbers. */
  @Test
  void whatIsMadeIsMadeOnce() throws IOException {
    Cli two = experiment("two", "--jobs", "2");
    assertEquals(0, two.code(), two.err());
    String first = Files.readString(folder.resolve("one/experiment.json"));
    assertEquals(first, Files.readString(folder.resolve("two/experiment.json")));
    Path kept = evaluations("two", "slow-4").resolve("ten.npy");
    FileTime old = FileTime.fromMillis(0);
    Files.setLastModifiedTime(kept, old);
    Files.delete(evaluations("two", "slow-7").resolve("ten.json"));
    Files.delete(evaluations("two", "quick-4").resolve("ten.npy"));
    Files.writeString(evaluations("two", "quick-7").resolve("ten.json"), "{");
    Cli again = experiment("two", "--devices", "cpu:0");
    assertEquals(0, again.code(), again.err());
    assertTrue(again.err().contains("slow-4: is there"), again.err());
    assertTrue(again.err().contains("slow-7: is trained"), again.err());
    assertTrue(again.err().contains("damaged and made anew: "), again.err());
    assertFalse(again.err().contains("steps 0 to"), again.err());
    assertEquals(old, Files.getLastModifiedTime(kept));
    assertEquals(first, Files.readString(folder.resolve("two/experiment.json")));
  }

  /** A stop leaves nothing that passes for whole. */
  @Test
  void aStopEndsAnEvaluationWithoutAFile() throws IOException {
    ExperimentSpec spec =
        ExperimentReader.named(folder.resolve("question.yaml").toString(), Optional.empty());
    Path run = folder.resolve("stopped");
    copy(folder.resolve("one/slow-4"), run);
    StopRequest stop = new StopRequest(message -> {});
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    Console console = new Console(nowhere, nowhere, Terminal.of(false, 80));
    RunEvaluations evaluations = new RunEvaluations(console, stop, spec, 1, false);
    RunEvaluations.Ended ended = new RunEvaluations.Ended(spec.variants().get(0), 4, run, DATA);
    assertFalse(evaluations.isMade(ended));
    stop.request();
    assertFalse(evaluations.make(ended, Devices.choose("cpu:0", 2)));
    assertFalse(Files.exists(run.resolve("evaluations/ten.json")));
    RunEvaluations later =
        new RunEvaluations(console, new StopRequest(message -> {}), spec, 1, false);
    assertTrue(later.make(ended, Devices.choose("cpu:0", 2)));
    assertTrue(later.isMade(ended));
  }

  /** Copies a run without its evaluations. */
  private static void copy(Path from, Path to) throws IOException {
    Files.createDirectories(to.resolve("checkpoints"));
    for (Path file : new RunFolder(from).checkpoints()) {
      Files.copy(file, to.resolve("checkpoints").resolve(file.getFileName().toString()));
    }
  }

  private static void change(Path file, String from, String to) throws IOException {
    String text = Files.readString(file);
    assertNotEquals(text, text.replaceAll(from, to), file.toString());
    Files.writeString(file, text.replaceAll(from, to));
  }

  /** A kill between the first step and the first checkpoint leaves lines of steps that are lost. */
  @Test
  void aRunWithoutItsFirstCheckpointBeginsAgain() throws IOException {
    assertEquals(0, experiment("three", "--devices", "cpu:0").code());
    Path checkpoints = folder.resolve("three/quick-7/checkpoints");
    try (DirectoryStream<Path> files = Files.newDirectoryStream(checkpoints)) {
      for (Path file : files) {
        Files.delete(file);
      }
    }
    Cli taken = experiment("three", "--devices", "cpu:0");
    assertEquals(2, taken.code(), taken.err());
    assertTrue(taken.err().contains("no checkpoint is left in checkpoints/"), taken.err());
    RunFolder killed = new RunFolder(folder.resolve("three/quick-7"));
    change(killed.environment(), "\"how\": *\"done\"", "\"how\": null");
    change(killed.metrics(), "(?m)^.*\"kind\":\"test\".*\n", "");
    Cli again = experiment("three", "--devices", "cpu:0");
    assertEquals(0, again.code(), again.err());
    assertTrue(again.err().contains("quick-7: begins"), again.err());
    assertEquals(
        Files.readString(folder.resolve("one/experiment.json")),
        Files.readString(folder.resolve("three/experiment.json")));
  }

  @Test
  void dataThatCannotBeMeasuredAreRefusedBeforeTraining() {
    Cli none = experiment("none", "--data", "synthetic:train=40,test=0", "--devices", "cpu:0");
    assertEquals(3, none.code(), none.err());
    assertTrue(none.err().contains("has no held-out images"), none.err());
    Cli one = experiment("none", "--data", "synthetic:train=40,test=1", "--devices", "cpu:0");
    assertEquals(3, one.code(), one.err());
    assertTrue(
        one.err().contains("what is outside of part 1/2 of its 1 images is empty"), one.err());
    assertTrue(Files.notExists(folder.resolve("none")));
  }

  @Test
  void aForecastSaysWhatComesAfterTheRuns() {
    Cli cli = experiment("none", "--dry-run", "--devices", "cpu:0");
    assertEquals(0, cli.code(), cli.err());
    assertTrue(cli.out().contains("predictions through ten views: 4 of the runs"), cli.out());
    assertTrue(cli.out().contains("predictions through the centre view: 2 of the"), cli.out());
  }
}
