package org.alexnet4j.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.cli.console.Terminal;
import org.alexnet4j.cli.option.DeviceOptions;
import org.alexnet4j.config.ExperimentReader;
import org.alexnet4j.config.ExperimentSpec;
import org.alexnet4j.data.Pictures;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.run.RunSessions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An experiment that is asked for once more: what is kept, what is refused, and what is not. */
class ExperimentAgainTest {
  private static final String DATA = "synthetic:train=40,test=20,seed=5";

  private static final String QUESTION =
      """
      base: cifar10-80sec
      data: DATA
      seeds: [4]
      scale: {width: 0.1, epochs: 2}
      change: {training: {batch: 16, drops: []}}
      variants:
        slow: {}
        quick: {change: {training: {rate: 0.01}}}
        on: {start: {variant: slow, layers: {fc5: new}}}
      """;

  @TempDir static Path shared;
  @TempDir Path folder;

  @BeforeAll
  static void run() throws IOException {
    Files.writeString(shared.resolve("question.yaml"), QUESTION.replace("DATA", DATA));
    Cli cli = experiment(shared.resolve("question.yaml"), shared.resolve("one"));
    assertEquals(0, cli.code(), cli.err());
  }

  private static Cli experiment(Path file, Path into, String... more) {
    List<String> line = new ArrayList<>(List.of("experiment", file.toString()));
    line.addAll(List.of("--into", into.toString(), "--devices", "cpu:0"));
    line.addAll(List.of(more));
    return Cli.run(line.toArray(String[]::new));
  }

  private Path copy() throws IOException {
    Path from = shared.resolve("one");
    Path to = folder.resolve("one");
    try (Stream<Path> files = Files.walk(from)) {
      for (Path file : files.toList()) {
        Files.copy(file, to.resolve(from.relativize(file).toString()));
      }
    }
    return to;
  }

  private Path question(String from, String to) throws IOException {
    String text = QUESTION.replace("DATA", DATA).replace(from, to);
    return Files.writeString(folder.resolve("question.yaml"), text);
  }

  /** The files of the table and the names of the runs. */
  private static Map<String, String> table(Path into) throws IOException {
    Map<String, String> table = new TreeMap<>();
    try (Stream<Path> files = Files.list(into)) {
      for (Path file : files.toList()) {
        String text = Files.isRegularFile(file) ? Files.readString(file) : "a folder";
        table.put(file.getFileName().toString(), text);
      }
    }
    return table;
  }

  private static void remove(Path run) throws IOException {
    try (Stream<Path> files = Files.walk(run)) {
      for (Path file : files.sorted((a, b) -> b.compareTo(a)).toList()) {
        Files.delete(file);
      }
    }
  }

  /** The variant that does not fit comes last; nothing before it is trained. */
  @Test
  void aRefusalLeavesTheTableAndTrainsNothing() throws IOException {
    Path into = copy();
    remove(into.resolve("slow-4"));
    Map<String, String> before = table(into);
    Cli other = experiment(question("rate: 0.01", "rate: 0.02"), into);
    assertEquals(2, other.code(), other.err());
    assertTrue(other.err().contains("training.rate 0.01, not 0.02"), other.err());
    assertEquals(before, table(into));
  }

  @Test
  void aStoppedRerunLeavesTheTable() throws IOException {
    Path into = copy();
    Map<String, String> before = table(into);
    StopRequest stop = new StopRequest(message -> {});
    stop.request();
    PrintStream nowhere =
        new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    ExperimentSpec spec =
        ExperimentReader.named(shared.resolve("question.yaml").toString(), Optional.empty());
    Console console = new Console(nowhere, nowhere, Terminal.of(false, 80));
    new ExperimentRuns(console, stop, spec, DATA, into, new DeviceOptions(), 1).run();
    assertEquals(before, table(into));
  }

  private Path images() throws IOException {
    for (String part : List.of("train", "val")) {
      for (String name : List.of("a", "b")) {
        Path images = Files.createDirectories(folder.resolve("set").resolve(part).resolve(name));
        for (int i = 0; i < 20; i++) {
          Files.write(images.resolve(i + ".png"), Pictures.plain(32, 10 * i, 50, 60));
        }
      }
    }
    return folder.resolve("set");
  }

  @Test
  void noTableIsWrittenAmongTheImages() throws IOException {
    Path set = images();
    Map<String, String> before = table(set);
    Cli cli = experiment(shared.resolve("question.yaml"), set, "--data", set.toString());
    assertTrue(cli.code() != 0 && cli.err().contains("lies inside of the input"), cli.err());
    assertEquals(before, table(set));
  }

  /** Errors through the centre are measured while a run trains, so no evaluation asks for them. */
  @Test
  void dataWithoutHeldOutImagesAreRefusedBeforeTraining() throws IOException {
    Path into = folder.resolve("none");
    String none = "synthetic:train=40,test=0";
    Cli cli = experiment(shared.resolve("question.yaml"), into, "--data", none);
    assertEquals(3, cli.code(), cli.err());
    assertTrue(cli.err().contains("has no held-out images"), cli.err());
    assertTrue(cli.err().contains("data that hold out some, to measure errors"), cli.err());
    assertTrue(Files.notExists(into));
    Path file = question("  quick: {change: {training: {rate: 0.01}}}\n", "");
    Files.writeString(file, Files.readString(file) + "measure: epochs-to-quarter\n");
    Cli quarter = experiment(file, into, "--data", none);
    assertEquals(0, quarter.code(), quarter.err());
  }

  /** The path is the same; an image of either part is another one. */
  @Test
  void runsAreNotKeptBesideThoseOfOtherImages() throws IOException {
    Path set = images();
    Path file = question("  quick: {change: {training: {rate: 0.01}}}\n", "");
    Path into = folder.resolve("two");
    assertEquals(0, experiment(file, into, "--data", set.toString()).code());
    Map<String, String> before = table(into);
    for (String part : List.of("train", "val")) {
      Path image = set.resolve(part).resolve("a/7.png");
      Files.move(image, image.resolveSibling("77.png"));
      Cli other = experiment(file, into, "--data", set.toString());
      assertEquals(2, other.code(), other.err());
      String which = part.equals("train") ? "training" : "held-out";
      assertTrue(
          other.err().contains("was trained with other " + which + " images than " + set),
          other.err());
      assertEquals(before, table(into));
      Files.move(image.resolveSibling("77.png"), image);
    }
    assertEquals(0, experiment(file, into, "--data", set.toString()).code());
  }

  /** Its last session is done, and yet its epochs are not. */
  @Test
  void aRunThatEndedBeforeItsScheduleGoesOn() throws IOException {
    Path into = copy();
    Path run = into.resolve("quick-4");
    Map<String, String> before = table(into);
    for (Path checkpoint : new RunFolder(run).checkpoints()) {
      if (RunFolder.step(checkpoint) > 2) {
        Files.delete(checkpoint);
      }
    }
    Cli few = Cli.run("train", "--resume", run.toString(), "--steps", "3", "--devices", "cpu:0");
    assertEquals(0, few.code(), few.err());
    assertEquals("done", how(run));
    Cli again = experiment(shared.resolve("question.yaml"), into);
    assertEquals(0, again.code(), again.err());
    assertTrue(again.err().contains("slow-4: is there"), again.err());
    assertTrue(again.err().contains("quick-4: goes on"), again.err());
    assertEquals(before.get("experiment.csv"), table(into).get("experiment.csv"));
  }

  /** As if the source had been trained anew on other devices: its values are others. */
  @Test
  void aRunThatStartedFromAnotherSourceIsRefused() throws IOException {
    Path into = copy();
    Map<String, String> before = table(into);
    remove(into.resolve("slow-4"));
    Files.move(into.resolve("quick-4"), into.resolve("slow-4"));
    Files.copy(
        shared.resolve("one/slow-4/config.yaml"),
        into.resolve("slow-4/config.yaml"),
        StandardCopyOption.REPLACE_EXISTING);
    Cli other = experiment(shared.resolve("question.yaml"), into);
    assertEquals(2, other.code(), other.err());
    assertTrue(
        other
            .err()
            .contains(
                "on-4 started from another slow-4 than the one there; remove "
                    + into.resolve("on-4")
                    + ", or put back "
                    + into.resolve("slow-4")),
        other.err());
    before.remove("quick-4");
    assertEquals(before, table(into));
  }

  /** What is trained again has the same values, so what started from it stays. */
  @Test
  void aSourceThatIsTrainedAgainIsTheSame() throws IOException {
    Path into = copy();
    Map<String, String> before = table(into);
    remove(into.resolve("slow-4"));
    Cli again = experiment(shared.resolve("question.yaml"), into);
    assertEquals(0, again.code(), again.err());
    assertTrue(again.err().contains("slow-4: begins"), again.err());
    assertTrue(again.err().contains("on-4: is there"), again.err());
    assertEquals(before.get("experiment.csv"), table(into).get("experiment.csv"));
  }

  /** The folder has been moved already, by the copy; a run that goes on keeps what it began as. */
  @Test
  void aFolderMayBeMovedAndItsPathWrittenOtherwise() throws IOException {
    Path into = copy();
    Map<String, String> before = table(into);
    Path other = folder.resolve("..").resolve(folder.getFileName()).resolve("one");
    Cli again = experiment(shared.resolve("question.yaml"), other);
    assertEquals(0, again.code(), again.err());
    assertTrue(again.err().contains("on-4: is there"), again.err());
    assertEquals(before, table(into));
    Files.delete(new RunFolder(into.resolve("on-4")).latest().orElseThrow());
    Cli on = experiment(shared.resolve("question.yaml"), other);
    assertEquals(0, on.code(), on.err());
    assertTrue(on.err().contains("on-4: goes on"), on.err());
    assertFalse(on.err().contains("start.from"), on.err());
    assertEquals(before.get("experiment.csv"), table(into).get("experiment.csv"));
    String from = question("slow, layers", "quick, layers").toString();
    Cli another = experiment(Path.of(from), into);
    assertEquals(2, another.code(), another.err());
    assertTrue(another.err().contains("was trained with start.from "), another.err());
  }

  private static String how(Path run) throws IOException {
    return RunSessions.read(new RunFolder(run).environment())
        .last()
        .orElseThrow()
        .get("how")
        .getAsString();
  }
}
