package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A run folder in which something else is in the place of a file, and runs that fail or stop. */
class RunFaultsTest extends FinishedRun {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "config.yaml",
        "env.json",
        "metrics.jsonl",
        "exchange.jsonl",
        "lock",
        "stderr.log"
      })
  void linksAndPipesInPlaceOfTheRunsOwnFilesAreRefused(String name) throws IOException {
    Path own = run.resolve(name);
    Path other = folder.resolve("other");
    Files.writeString(other, "somebody else's");
    for (boolean link : new boolean[] {true, false}) {
      Files.deleteIfExists(own);
      if (link) {
        Files.createSymbolicLink(own, other);
      } else {
        pipe(own);
      }
      IllegalArgumentException e =
          assertTimeoutPreemptively(
              SOON,
              () ->
                  assertThrows(
                      IllegalArgumentException.class,
                      () ->
                          TrainingRun.run(
                              TinyRun.options(run, STEPS + 1, true), new RunListener() {})));
      assertTrue(
          e.getMessage().startsWith(own + (link ? " is a link" : " is a pipe or a device")),
          e.getMessage());
    }
    assertEquals("somebody else's", Files.readString(other));
  }

  @Test
  void foldersThatAreLinksAreRefusedAndNothingInThemIsRemoved() throws IOException {
    Path elsewhere = folder.resolve("elsewhere");
    Files.move(run.resolve("checkpoints"), elsewhere);
    Files.createSymbolicLink(run.resolve("checkpoints"), elsewhere);
    Path temporary = elsewhere.resolve(".step-00000009.safetensors.17.tmp");
    Files.writeString(temporary, "x");
    assertThrows(
        IllegalArgumentException.class,
        () -> TrainingRun.run(TinyRun.options(run, STEPS, true), new RunListener() {}));
    assertTrue(Files.exists(temporary));
  }

  @Test
  void onlyOwnTemporaryFilesAreRemoved() throws IOException {
    Path theirs = run.resolve(".notes.17.tmp");
    Path folderOfTheirs = run.resolve(".config.yaml.18.tmp");
    Path ours = run.resolve(".config.yaml.17.tmp");
    Files.writeString(theirs, "x");
    Files.createDirectory(folderOfTheirs);
    Files.writeString(ours, "x");
    Files.delete(files.checkpoint(STEPS));
    resume();
    assertTrue(Files.exists(theirs));
    assertTrue(Files.exists(folderOfTheirs));
    assertFalse(Files.exists(ours));
  }

  @Test
  void whatIsDoneIsNotDoneAgainAndNothingIsTouched() throws IOException {
    byte[] before = Files.readAllBytes(files.environment());
    resume();
    assertEquals(List.of("nothing to do: 4 steps done"), notes);
    assertArrayEquals(before, Files.readAllBytes(files.environment()));
  }

  @Test
  void aRunThatFailsBeforeItsFirstStepLeavesNothing() {
    Path fresh = folder.resolve("a/b/run");
    RunOptions options = TinyRun.options(fresh, 1, false);
    assertThrows(
        IllegalStateException.class,
        () ->
            TrainingRun.run(
                options,
                new RunListener() {
                  @Override
                  public void started(
                      org.alexnet4j.plan.Plan plan, int train, int test, long done, long steps) {
                    throw new IllegalStateException("no");
                  }
                }));
    assertFalse(Files.exists(folder.resolve("a")));
  }

  @Test
  void aRunThatFailsLeavesWhatIsNotItsOwn() throws IOException {
    Path fresh = folder.resolve("fresh");
    Files.createDirectories(fresh);
    Files.writeString(fresh.resolve("notes.txt"), "mine");
    assertThrows(
        IllegalStateException.class,
        () ->
            TrainingRun.run(
                TinyRun.options(fresh, 1, false),
                new RunListener() {
                  @Override
                  public void started(
                      org.alexnet4j.plan.Plan plan, int train, int test, long done, long steps) {
                    throw new IllegalStateException("no");
                  }
                }));
    try (java.util.stream.Stream<Path> left = Files.list(fresh)) {
      assertEquals(List.of(fresh.resolve("notes.txt")), left.toList());
    }
  }

  /** Stopped in the middle of an evaluation: saved at once, and the same bits in the end. */
  @Test
  void anEvaluationThatWasStoppedIsDoneByWhoeverResumes() throws IOException {
    Path stopped = folder.resolve("stopped");
    // Three steps an epoch; the second question within the evaluation is answered with yes.
    int[] asked = {0};
    TrainingRun.Outcome outcome =
        TrainingRun.run(
            TinyRun.options(stopped, STEPS, false, POLICY, 1, "cpu:0"),
            new RunListener() {
              private long step;

              @Override
              public void step(
                  long number,
                  int epoch,
                  org.alexnet4j.tower.StepResult result,
                  float rate,
                  double speed,
                  double waited) {
                step = number;
              }

              @Override
              public boolean stopRequested() {
                return step == 2 && ++asked[0] > 1;
              }
            });
    assertTrue(outcome.stopped());
    assertEquals(3, outcome.progress().step());
    RunFolder there = new RunFolder(stopped);
    assertTrue(Checkpoint.readContent(there.checkpoint(3)).evaluationDue());
    TrainingRun.run(
        TinyRun.options(stopped, STEPS, true, POLICY, 1, "cpu:0"), new RunListener() {});
    assertArrayEquals(expected, Files.readAllBytes(there.checkpoint(STEPS)));
    assertArrayEquals(
        Files.readAllBytes(files.checkpoint(3)), Files.readAllBytes(there.checkpoint(3)));
    assertEquals(kinds(files), kinds(there));
  }

  private static List<String> kinds(RunFolder run) throws IOException {
    return JsonLines.read(run.metrics()).stream()
        .map(line -> line.get("kind") + " " + line.get("step") + " " + line.get("loss"))
        .toList();
  }
}
