package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A run of four steps, to which something is done before it is resumed. */
abstract class FinishedRun {
  static final Duration SOON = Duration.ofSeconds(60);
  static final CheckpointPolicy POLICY = new CheckpointPolicy(1, 3, false, 0);
  static final long STEPS = 4;

  @TempDir Path folder;
  Path run;
  RunFolder files;
  byte[] expected;
  final List<String> notes = new ArrayList<>();

  @BeforeEach
  void train() throws IOException {
    run = folder.resolve("run");
    files = new RunFolder(run);
    TrainingRun.run(TinyRun.options(run, STEPS, false, POLICY, 1, "cpu:0"), new RunListener() {});
    expected = Files.readAllBytes(files.checkpoint(STEPS));
  }

  /** Resumes the run, which must end soon, and keeps what it says. */
  final void resume() {
    assertTimeoutPreemptively(
        SOON,
        () ->
            TrainingRun.run(
                TinyRun.options(run, STEPS, true, POLICY, 1, "cpu:0"),
                new RunListener() {
                  @Override
                  public void note(String line) {
                    notes.add(line);
                  }
                }));
  }

  /** Makes a pipe, which never answers who reads it. */
  static void pipe(Path file) throws IOException {
    try {
      assertEquals(0, new ProcessBuilder("mkfifo", file.toString()).start().waitFor());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
