package org.alexnet4j.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.cli.TinyRun;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The range test as a command: what it writes, what it says, what it refuses. */
class RateTestCommandTest {
  @TempDir Path folder;

  @BeforeEach
  void config() throws IOException {
    Files.writeString(folder.resolve("tiny.yaml"), TinyRun.CONFIG);
  }

  private Cli run(String more) {
    String line =
        "train --rate-test --data " + TinyRun.DATA + " --config @tiny.yaml --devices cpu:0 " + more;
    return Cli.run(line.replace("@", folder + "/").strip().split(" +"));
  }

  private List<String> files(String name) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(name))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void lossesAndAPictureAreWrittenAndNoRun() throws IOException {
    Cli cli = run("--run @test --steps 30 --from 1e-5 --to 1e-3");
    assertEquals(0, cli.code(), cli.err());
    assertEquals(List.of("rate-test.csv", "rate-test.svg"), files("test"));
    List<String> lines = Files.readAllLines(folder.resolve("test/rate-test.csv"));
    assertEquals(31, lines.size());
    assertTrue(lines.get(1).startsWith("0,1.0E-5,"), lines.get(1));
    assertTrue(lines.get(30).startsWith("29,0.001,"), lines.get(30));
    assertTrue(
        cli.out().contains("where the smoothed loss falls most steeply")
            || cli.out().contains("no suggestion"),
        cli.out());
    // The first step has no update before it: its loss is that of any run of this seed.
    Cli train =
        Cli.run(
            ("train --data %s --config @tiny.yaml --devices cpu:0 --run @run --steps 1 --inspect 0")
                .replace("%s", TinyRun.DATA)
                .replace("@", folder + "/")
                .split(" "));
    assertEquals(0, train.code(), train.err());
    JsonObject step =
        JsonParser.parseString(Files.readAllLines(folder.resolve("run/metrics.jsonl")).get(0))
            .getAsJsonObject();
    assertEquals(step.get("loss").getAsString(), lines.get(1).split(",")[2]);
    assertTrue(run("--run @test").err().contains("which is not empty; allowed: a new folder"));
  }

  /** In the arithmetic that is asked for: its first losses are those of a run, and no other's. */
  @ParameterizedTest
  @ValueSource(strings = {"--precision tf32", "--precision bf16", "--algorithm winograd4"})
  void itComputesAsARunOfTheSameArithmetic(String arithmetic) throws IOException {
    // Kernels of other algorithms than direct take 16 channels or more.
    String wider = TinyRun.CONFIG.replace("maps: 8", "maps: 16");
    Files.writeString(folder.resolve("tiny.yaml"), wider);
    String losses = firstLoss("test", arithmetic);
    Cli train =
        Cli.run(
            ("train --data %s --config @tiny.yaml --devices cpu:0 --run @run --steps 1 --inspect 0 ")
                .concat(arithmetic)
                .replace("%s", TinyRun.DATA)
                .replace("@", folder + "/")
                .split(" "));
    assertEquals(0, train.code(), train.err());
    String line = Files.readAllLines(folder.resolve("run/metrics.jsonl")).get(0);
    JsonObject step = JsonParser.parseString(line).getAsJsonObject();
    assertEquals(step.get("loss").getAsString(), losses);
    assertNotEquals(firstLoss("usual", ""), losses);
  }

  private String firstLoss(String into, String arithmetic) throws IOException {
    Cli cli = run("--run @" + into + " --steps 10 " + arithmetic);
    assertEquals(0, cli.code(), cli.err());
    return Files.readAllLines(folder.resolve(into + "/rate-test.csv")).get(1).split(",")[2];
  }

  @Test
  void aRateThatIsTooHighEndsTheTest() throws IOException {
    Cli cli = run("--run @test --from 1e-3 --to 1e9 --json");
    assertEquals(0, cli.code(), cli.err());
    JsonObject json = JsonParser.parseString(cli.out()).getAsJsonObject();
    assertTrue(json.get("steps").getAsInt() < 100);
    assertTrue(json.get("ended").getAsString().startsWith("the loss "), cli.out());
    assertTrue(cli.err().contains("the test ended early: the loss "), cli.err());
    assertEquals(
        json.get("steps").getAsInt() + 1,
        Files.readAllLines(folder.resolve("test/rate-test.csv")).size());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "--from 1 --to 0.1 | --rate-test: rates from 1.0 to 0.1; allowed: above 0, the second larger",
        "--steps 9 | --rate-test: 9 steps; allowed: 10 or more",
        "--resume | --resume is for a run that is kept, --rate-test keeps none",
        "--epochs 3 | --epochs is for a run that is kept",
        "--checkpoint-every 3 | --checkpoint-every is for a run that is kept",
        "--inspect 3 | --inspect is for a run that is kept",
        "--from x | --from is 'x'; allowed: a number",
      })
  void whatCouldDoNothingIsRefused(String more, String text) {
    Cli cli = run("--run @test " + more);
    assertEquals(2, cli.code(), cli.err());
    assertTrue(cli.err().contains(text), cli.err());
    assertFalse(Files.exists(folder.resolve("test")));
  }

  @Test
  void itsOptionsAreForItAlone() {
    Cli cli = Cli.run("train", "--data", TinyRun.DATA, "--to", "1");
    assertEquals(2, cli.code());
    assertTrue(cli.err().contains("--to is for --rate-test"), cli.err());
  }
}
