package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.FaultyDisk;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.tower.StepResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How many steps a crash would lose, after each step, on a disk slower than the steps. */
class CheckpointBoundTest {
  private static final long STEPS = 20;

  @TempDir Path folder;

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  /** Looks after each step how far back the newest checkpoint is. */
  private static final class Distance implements RunListener {
    private final RunFolder run;
    private long furthest;
    private long end = STEPS;
    private long done;

    Distance(Path run) {
      this.run = new RunFolder(run);
    }

    @Override
    public void step(
        long step, int epoch, StepResult result, float rate, double speed, double waited) {
      done = step + 1;
      try {
        long saved = run.latest().map(RunFolder::step).orElse(0L);
        furthest = Math.max(furthest, done - saved);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public boolean stopRequested() {
      return done == end;
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "2, 2", "5, 5", "6, 6", "0, 3"}) // 0: an epoch, of three steps
  void noMomentLosesMoreThanOneInterval(long every, long interval) throws IOException {
    Path run = folder.resolve("run");
    CheckpointPolicy policy = new CheckpointPolicy(every, 2, false, 0);
    Path slow = FaultyDisk.slow(".step-", Duration.ofMillis(100)).path(run);
    Distance first = new Distance(run);
    first.end = 13; // where only an interval of one step has a checkpoint
    TrainingRun.run(TinyRun.options(slow, STEPS, false, policy, 1, "cpu:0"), first);
    // Exactly one, as steps go on while a checkpoint is being written.
    assertEquals(interval, first.furthest);
    Distance resumed = new Distance(run);
    TrainingRun.run(TinyRun.options(slow, STEPS, true, policy, 1, "cpu:0"), resumed);
    assertTrue(resumed.furthest <= interval, resumed.furthest + " steps");
  }
}
