package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.tower.StepResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that ends and goes on after every single step, on changing devices and loader threads.
 * {@code -Dalexnet.stops=100} takes more steps than the suite.
 */
class ResumeEverywhereTest {
  private static final int STOPS = Integer.getInteger("alexnet.stops", 20);
  private static final CheckpointPolicy ALL = new CheckpointPolicy(1, 1000, false, 0);

  @TempDir Path folder;

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  /** Ends a run after one step. */
  private static final class OneStep implements RunListener {
    private boolean done;

    @Override
    public void step(
        long step, int epoch, StepResult result, float rate, double speed, double waited) {
      done = true;
    }

    @Override
    public boolean stopRequested() {
      return done;
    }
  }

  @Test
  void weightsAndVelocitiesAreTheSameAfterEveryStep() throws IOException {
    Path whole = folder.resolve("whole");
    TrainingRun.run(TinyRun.options(whole, STOPS, false, ALL, 1, "cpu:0"), new RunListener() {});
    Path parts = folder.resolve("parts");
    for (int step = 0; step < STOPS; step++) {
      String devices = step % 2 == 0 ? "cpu:0,cpu:1" : "cpu:0";
      TrainingRun.run(
          TinyRun.options(parts, STOPS, step > 0, ALL, 1 + step % 3, devices), new OneStep());
      Path expected = new RunFolder(whole).checkpoint(step + 1);
      Path found = new RunFolder(parts).checkpoint(step + 1);
      assertEquals(-1, Files.mismatch(expected, found), "after step " + step);
    }
    assertEquals(losses(whole), losses(parts));
    assertTrue(losses(whole).size() == STOPS);
  }

  private static List<String> losses(Path run) throws IOException {
    return JsonLines.read(new RunFolder(run).metrics()).stream()
        .filter(line -> line.get("kind").getAsString().equals("train"))
        .map(line -> line.get("step") + " " + line.get("loss"))
        .toList();
  }
}
