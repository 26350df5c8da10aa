package org.alexnet4j.cli.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.cli.TinyRun;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One command for a scheduler that starts it again: begins, goes on, and says that it is done. */
class ResumeAutoTest {
  @TempDir Path folder;

  @BeforeEach
  void config() throws IOException {
    Files.writeString(folder.resolve("tiny.yaml"), TinyRun.CONFIG);
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private Cli train(String... more) {
    List<String> arguments = new ArrayList<>(List.of("train", "--data", TinyRun.DATA));
    arguments.addAll(List.of("--config", path("tiny.yaml"), "--devices", "cpu:0"));
    arguments.addAll(List.of("--inspect", "0"));
    arguments.addAll(List.of(more));
    return Cli.run(arguments.toArray(String[]::new));
  }

  private Cli auto(String steps, String... more) {
    List<String> arguments = new ArrayList<>(List.of("--resume", "auto", path("run")));
    arguments.addAll(List.of("--steps", steps, "--checkpoint-every", "2"));
    arguments.addAll(List.of(more));
    return train(arguments.toArray(String[]::new));
  }

  private static void assertSaid(Cli cli, int code, String text) {
    assertEquals(code, cli.code(), cli.err());
    assertTrue((cli.out() + cli.err()).contains(text), cli.out() + cli.err());
  }

  @Test
  void oneCommandBeginsGoesOnAndEnds() {
    assertSaid(auto("3", "--explain", "1"), 0, "there is no checkpoint, so a run begins");
    assertSaid(auto("5", "--explain", "1"), 0, "there is a run, which goes on");
    Cli done = auto("5", "--explain", "1");
    assertSaid(done, 0, "nothing to do: 5 steps done");
    assertEquals(0, train("--run", path("whole"), "--steps", "5").code());
    Cli same = Cli.run("compare", path("whole"), path("run"));
    assertEquals(0, same.code(), same.out());
  }

  @Test
  void theWordIsReadInEveryPlaceAndARunMayBeCalledSo() {
    assertSaid(train("--run", path("a"), "--steps", "1", "--resume", "auto"), 0, "a run begins");
    assertSaid(train("--run", path("a"), "--steps", "2", "--resume=auto"), 0, "goes on");
    assertSaid(train("--resume", path("a"), "--steps", "3"), 0, "steps 2 to 3");
    assertSaid(train(path("a"), "--steps", "4", "--resume"), 0, "steps 3 to 4");
    assertSaid(train("--resume", "./auto", "--steps", "4"), 5, "no such run folder: ./auto");
    assertSaid(train("--resume", "auto"), 2, "--resume auto needs RUN, the run folder");
    assertSaid(train("--resume", "auto", "--resume", path("a")), 2, "--resume is given more than");
  }

  @Test
  void stepsBeforeTheFirstCheckpointAreDoneAgain() throws IOException {
    assertEquals(0, train("--run", path("run"), "--steps", "3").code());
    loseCheckpoints();
    Cli again = auto("4");
    assertSaid(
        again,
        0,
        "3 steps are in metrics.jsonl, but the run ended before its first checkpoint was written;"
            + " it begins again");
    List<String> metrics = Files.readAllLines(folder.resolve("run/metrics.jsonl"));
    assertEquals(4, metrics.stream().filter(l -> l.contains("\"train\"")).count());
    assertTrue(metrics.get(0).contains("\"step\":0"), metrics.get(0));
    assertTrue(Files.readString(folder.resolve("run/env.json")).contains("\"toStep\": 3"));
  }

  @Test
  void whatALostRunLeftStaysIfTheCommandIsWrong() throws IOException {
    assertEquals(0, train("--run", path("run"), "--steps", "3").code());
    loseCheckpoints();
    assertSaid(auto("4", "--batch", "61"), 3, "at least one batch of 61");
    assertEquals(4, Files.readAllLines(folder.resolve("run/metrics.jsonl")).size());
  }

  @Test
  void damagedCheckpointsAreTreatedAsByResume() throws IOException {
    assertEquals(0, auto("4").code());
    RunFolder run = new RunFolder(folder.resolve("run"));
    Path newest = run.latest().orElseThrow();
    Files.write(newest, new byte[10]);
    assertSaid(auto("6"), 0, "set aside as step-00000004.safetensors.damaged");
    for (Path checkpoint : run.checkpoints()) {
      Files.write(checkpoint, new byte[10]);
    }
    String[] resume = {"--resume", path("run"), "--steps", "8"};
    Cli plain = train(resume);
    Cli auto = auto("8");
    assertEquals(5, plain.code());
    assertEquals(5, auto.code(), auto.err());
    assertEquals(last(plain), last(auto));
    for (Path checkpoint : run.checkpoints()) {
      Files.delete(checkpoint);
    }
    assertSaid(auto("8"), 5, "no checkpoint is left in checkpoints/");
    assertFalse(Files.readString(run.metrics()).isEmpty());
  }

  /** As a kill before the first one leaves the folder. */
  private void loseCheckpoints() throws IOException {
    emptyCheckpoints();
    RunFolder run = new RunFolder(folder.resolve("run"));
    String sessions = Files.readString(run.environment());
    Files.writeString(run.environment(), sessions.replace("\"how\": \"done\"", "\"how\": null"));
  }

  /** As somebody who needs the disk leaves the folder. */
  private void emptyCheckpoints() throws IOException {
    TinyRun.delete(folder.resolve("run/checkpoints"));
    Files.createDirectory(folder.resolve("run/checkpoints"));
  }

  /** Only the checkpoints are gone, not what the run has found. */
  @Test
  void aRunWhoseCheckpointsWereTakenAwayIsNotDoneAgain() throws IOException {
    assertEquals(0, train("--run", path("run"), "--steps", "3").code());
    emptyCheckpoints();
    RunFolder run = new RunFolder(folder.resolve("run"));
    String metrics = Files.readString(run.metrics());
    String gone =
        "3 steps are in metrics.jsonl, but no checkpoint is left in checkpoints/; put one";
    assertSaid(auto("3"), 5, gone);
    Files.writeString(run.environment(), "damaged");
    String second = metrics.lines().filter(line -> line.contains("\"test\"")).findFirst().get();
    Files.writeString(run.metrics(), metrics + second + "\n");
    assertSaid(auto("3"), 5, gone);
    assertEquals(metrics + second + "\n", Files.readString(run.metrics()));
  }

  private static String last(Cli cli) {
    List<String> lines = cli.err().lines().toList();
    return lines.get(lines.size() - 1);
  }
}
