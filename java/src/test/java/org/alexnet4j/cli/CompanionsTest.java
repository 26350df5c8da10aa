package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.cli.console.Terminal;
import org.alexnet4j.ranks.Launch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/** What commands do when a launcher has started several processes. */
final class CompanionsTest {
  @TempDir Path folder;

  private static Cli run(Launch launch, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Terminal.of(false, 100));
    int code = Main.run(console, new StopRequest(line -> {}), launch, arguments);
    return new Cli(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void whatIsForOneProcessReadsAndWritesNothing() throws Exception {
    String out = folder.resolve("out").toString();
    Cli first = run(new Launch(0, 4), "prepare", "synthetic:train=20,test=5", "--out", out);
    assertEquals(2, first.code(), first.err());
    assertEquals(
        "alexnet: prepare is for one process, and 4 were started: start it without mpirun; train,"
            + " devices and doctor are for several\n",
        first.err());
    Cli other = run(new Launch(3, 4), "prepare", "synthetic:train=20,test=5", "--out", out);
    assertEquals(new Cli(2, "", ""), other);
    assertFalse(Files.exists(folder.resolve("out")));
  }

  @ParameterizedTest
  @ValueSource(strings = {"--help", "--version", "eval --help", "describe", "help data verify"})
  void theFirstPrintsForAll(String line) {
    Cli first = run(new Launch(0, 2), line.split(" "));
    assertEquals(Cli.run(line.split(" ")), first);
    assertFalse(first.out().isEmpty());
    assertEquals(new Cli(0, "", ""), run(new Launch(1, 2), line.split(" ")));
  }

  @Test
  void theFirstSaysWhatAllMistyped() {
    assertTrue(run(new Launch(0, 2), "trian").err().contains("did you mean 'train'?"));
    assertEquals(new Cli(2, "", ""), run(new Launch(1, 2), "trian"));
  }

  @Test
  void aLauncherOfOneProcessForbidsNothing() {
    assertEquals(0, run(new Launch(0, 1), "kernels", "list").code());
    assertEquals(2, run(new Launch(0, 2), "kernels", "list").code());
  }

  /** A new command is refused until somebody says what several processes do with it. */
  @Test
  void onlyTheseAreForSeveral() {
    Set<String> together = new TreeSet<>();
    Set<String> print = new TreeSet<>();
    CommandLine root = Main.commandLine(Console.system(), new StopRequest(line -> {}));
    for (String name : root.getSubcommands().keySet()) {
      CommandLine.ParseResult parsed =
          new CommandLine(new Named()).addSubcommand(name, new Named()).parseArgs(name);
      switch (Companions.of(parsed, false)) {
        case TAKE_PART -> together.add(name);
        case STAND_BY -> print.add(name);
        default -> {}
      }
    }
    assertEquals(Set.of("train", "devices", "doctor"), together);
    assertEquals(Set.of("describe", "completion", "man"), print);
  }

  /** Stands for any command. */
  @CommandLine.Command
  static final class Named implements Runnable {
    @Override
    public void run() {}
  }

  @ParameterizedTest
  @CsvSource({"2,4,2,4", "0,1,0,1", ",4,0,1", "1,,0,1", "x,4,0,1"})
  void whatALauncherSays(String rank, String size, int expectedRank, int expectedCount) {
    Map<String, String> environment =
        Map.of(
            "OMPI_COMM_WORLD_RANK", rank == null ? "" : rank,
            "OMPI_COMM_WORLD_SIZE", size == null ? "" : size);
    assertEquals(new Launch(expectedRank, expectedCount), Launch.of(environment));
    assertEquals(Launch.ALONE, Launch.of(Map.of()));
  }
}
