package org.alexnet4j.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.config.ExperimentReader;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Experiments from the command line, at the scale of toys. */
class ExperimentCommandTest {
  static final List<String> SHIPPED = ExperimentReader.SHIPPED;

  private static final String SMALL =
      """
      title: Two rates & <one> question
      paper: It says nothing.
      base: cifar10-80sec
      data: synthetic:train=40,test=20,seed=5
      seeds: [4, 7]
      scale: {width: 0.1, epochs: 2}
      change: {training: {batch: 16, drops: []}}
      variants:
        slow: {paper: "30"}
        quick: {change: {training: {rate: 0.01}}}
        on: {start: {variant: slow, layers: {fc5: new}}}
      compare: [{from: slow, to: quick, paper: "1"}]
      """;

  @TempDir Path folder;

  @BeforeEach
  void file() throws IOException {
    Files.writeString(folder.resolve("small.yaml"), SMALL);
  }

  private Cli experiment(String name, String into, String... more) {
    List<String> arguments = new ArrayList<>(List.of("experiment", name));
    arguments.addAll(List.of("--into", folder.resolve(into).toString()));
    arguments.addAll(List.of(more));
    return Cli.run(arguments.toArray(String[]::new));
  }

  private Cli small(String into, String... more) {
    return experiment(folder.resolve("small.yaml").toString(), into, more);
  }

  private JsonObject result(String into) throws IOException {
    String text = Files.readString(folder.resolve(into).resolve("experiment.json"));
    return JsonParser.parseString(text).getAsJsonObject();
  }

  @ParameterizedTest
  @FieldSource("SHIPPED")
  void shippedOnesRunAtTheScaleOfAToy(String name) throws IOException {
    boolean staged = name.equals("cifar10"); // has networks of four stages, an epoch at least each
    Cli cli =
        experiment(
            name,
            name,
            "--data",
            "synthetic:train=" + (staged ? 160 : 640) + ",test=20,seed=5",
            "--scale",
            "width=0.1,classes=10,epochs=" + (staged ? 4 : 1),
            "--devices",
            "cpu:0");
    assertEquals(0, cli.code(), cli.err());
    JsonObject result = result(name);
    assertTrue(result.get("scale").getAsString().startsWith("width 0.1"), cli.out());
    assertTrue(Files.isRegularFile(folder.resolve(name).resolve("experiment.html")));
  }

  @Test
  void theTableHasMeansAndPairs() throws IOException {
    Cli cli = small("one", "--devices", "cpu:0");
    assertEquals(0, cli.code(), cli.err());
    JsonObject result = result("one");
    JsonObject slow = result.getAsJsonArray("variants").get(0).getAsJsonObject();
    JsonObject quick = result.getAsJsonArray("variants").get(1).getAsJsonObject();
    double[] a = values(slow);
    double[] b = values(quick);
    assertEquals((a[0] + a[1]) / 2, slow.get("mean").getAsDouble(), 1e-12);
    JsonObject pair = result.getAsJsonArray("differences").get(0).getAsJsonObject();
    assertEquals((a[0] - b[0] + a[1] - b[1]) / 2, pair.get("mean").getAsDouble(), 1e-12);
    assertEquals("1", pair.get("paper").getAsString());
    String page = Files.readString(folder.resolve("one/experiment.html"));
    assertTrue(page.contains("Two rates &amp; &lt;one&gt; question"), page);
    assertTrue(page.contains("<polyline"), page);
    assertTrue(cli.out().contains("page: "), cli.out());
    assertEquals(7, Files.readAllLines(folder.resolve("one/experiment.csv")).size());
    String started = Files.readString(folder.resolve("one/on-4/config.yaml"));
    assertTrue(started.contains("slow-4"), started);
  }

  private static double[] values(JsonObject variant) {
    double[] values = new double[2];
    for (int i = 0; i < 2; i++) {
      JsonObject run = variant.getAsJsonArray("runs").get(i).getAsJsonObject();
      assertEquals(i == 0 ? 4 : 7, run.get("seed").getAsInt());
      values[i] = run.get("value").getAsDouble();
    }
    return values;
  }

  /** Two at a time, a run that is gone, and one that lost its last checkpoint: the same numbers. */
  @Test
  void whatIsThereIsKeptAndTheRestIsDoneAgainWithTheSameNumbers() throws IOException {
    assertEquals(0, small("one", "--devices", "cpu:0").code());
    String first = Files.readString(folder.resolve("one/experiment.json"));
    Cli again = small("one", "--jobs", "2");
    assertEquals(0, again.code(), again.err());
    assertTrue(again.err().contains("[1/6] slow-4: is there"), again.err());
    assertEquals(first, Files.readString(folder.resolve("one/experiment.json")));
    Cli two = small("two", "--jobs", "2", "--kernel", "add.fprop=vector");
    assertEquals(0, two.code(), two.err());
    assertEquals(first, Files.readString(folder.resolve("two/experiment.json")));
    RunFolder run = new RunFolder(folder.resolve("two/quick-7"));
    Files.delete(run.latest().orElseThrow());
    String sessions = Files.readString(run.environment());
    assertTrue(sessions.contains("add.fprop=vector"), sessions);
    Files.writeString(run.environment(), sessions.replace("\"how\": \"done\"", "\"how\": null"));
    Cli gone = small("two", "--devices", "cpu:0");
    assertEquals(0, gone.code(), gone.err());
    assertTrue(gone.err().contains("quick-7: goes on"), gone.err());
    assertEquals(first, Files.readString(folder.resolve("two/experiment.json")));
  }

  @Test
  void aFolderOfOtherRunsIsRefused() throws IOException {
    assertEquals(0, small("one", "--devices", "cpu:0").code());
    Files.writeString(folder.resolve("small.yaml"), SMALL.replace("rate: 0.01", "rate: 0.02"));
    Cli other = small("one", "--devices", "cpu:0");
    assertNotEquals(0, other.code());
    assertTrue(
        other.err().contains("was trained with training.rate 0.01, not 0.02; name another folder"),
        other.err());
    Cli data = small("one", "--data", "synthetic:train=48,test=20,seed=5", "--devices", "cpu:0");
    assertTrue(data.err().contains("was trained with data synthetic:train=40"), data.err());
  }

  /** More at a time than there are runs are as many as there are. */
  @Test
  void moreAtATimeThanRunsAreNone() {
    Cli cli = small("x", "--jobs", "2000000000", "--dry-run");
    assertEquals(0, cli.code(), cli.err());
    assertTrue(cli.out().contains("by 6 at a time less"), cli.out());
  }

  @Test
  void mistakesAreNamed() {
    Cli unknown = experiment("section-33", "x");
    assertEquals(2, unknown.code());
    assertTrue(unknown.err().contains("did you mean 'section-3'?"), unknown.err());
    assertTrue(small("x", "--scale", "size=3").err().contains("--scale has 'size'; allowed:"));
    assertTrue(small("x", "--scale", "width=x").err().contains("--scale width is 'x'"));
    assertTrue(
        small("x", "--scale", "width=0.5", "--scale", "width=0.25,epochs=3")
            .err()
            .contains("--scale has width twice; allowed: each key once"));
    assertTrue(small("x", "--scale", "3").err().contains("--scale is '3'; allowed: KEY=N, as in"));
    assertTrue(small("x", "--jobs", "0").err().contains("--jobs is 0; allowed: 1 or more"));
    assertTrue(
        small("x", "--jobs", "2", "--devices", "cpu:0")
            .err()
            .contains("--devices has 1 for --jobs 2"));
    assertTrue(
        small("x", "--jobs", "2000000000", "--devices", "cpu:0", "--dry-run")
            .err()
            .contains("--devices has 1 for --jobs 2000000000"));
  }

  /**
   * It tries what the runs will do: in two bytes they need less, and where they cannot be it says
   * so.
   */
  @Test
  void aForecastComputesAsItsVariantsDo() throws IOException {
    String text = SMALL.replaceAll("(?s)variants:.*", "variants:\n  one: {}\n");
    List<Double> mebibytes = new ArrayList<>();
    for (String precision : List.of("fp32", "bf16")) {
      String changed = text.replace("batch: 16", "batch: 16, precision: " + precision);
      Files.writeString(folder.resolve("small.yaml"), changed);
      Cli cli = small("x", "--dry-run", "--devices", "cpu:0");
      assertEquals(0, cli.code(), cli.err());
      String row = cli.out().lines().filter(l -> l.startsWith("one ")).findFirst().orElseThrow();
      mebibytes.add(Double.parseDouble(row.replaceFirst(".* ([0-9.]+) MiB.*", "$1")));
    }
    assertTrue(mebibytes.get(1) < mebibytes.get(0), mebibytes.toString());
    String changed = text.replace("batch: 16", "batch: 16, algorithm: winograd2");
    Files.writeString(folder.resolve("small.yaml"), changed);
    Cli cli = small("x", "--dry-run", "--devices", "emu:0");
    assertEquals(2, cli.code(), cli.err());
    assertTrue(cli.err().contains("algorithm is winograd2, and emu:0 multiplies"), cli.err());
  }

  @Test
  void aForecastTrainsNothing() {
    Cli cli = small("x", "--dry-run", "--devices", "cpu:0");
    assertEquals(0, cli.code(), cli.err());
    assertTrue(cli.out().contains("in all "), cli.out());
    assertTrue(Files.notExists(folder.resolve("x")));
  }

  @Test
  void aForecastOfSeveralVariantsTellsTheirDevicesOnce() {
    Cli cli = small("x", "--dry-run");
    assertEquals(0, cli.code(), cli.err());
    assertEquals(2, cli.err().split("devices \\[", -1).length, cli.err());
  }
}
