package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.FaultyDisk;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What is on the disk when a checkpoint gets its name: a run that goes on from it must find the
 * metrics of every step before it, and until then the checkpoint before it must be there.
 */
class CheckpointOrderTest {
  private static final long STEPS = 6;
  private static final Pattern NAME = Pattern.compile("(rename to|remove) step-0*(\\d+)\\..*");

  @TempDir Path folder;

  private final List<String> broken = new CopyOnWriteArrayList<>();
  private final List<Integer> named = new ArrayList<>();
  private Path run;

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  /** Metrics come late, so that a checkpoint which does not wait for them is early. */
  private void see(String call) {
    try {
      if (call.startsWith("write to metrics")) {
        Thread.sleep(20);
      }
      Matcher match = NAME.matcher(call);
      if (match.matches()) {
        seen(match.group(1), Integer.parseInt(match.group(2)));
      }
    } catch (IOException | InterruptedException e) {
      broken.add(call + ": " + e);
    }
  }

  private void seen(String change, int step) throws IOException {
    if (change.equals("remove")) {
      if (named.indexOf(step) >= named.size() - 1) {
        broken.add("step " + step + " was removed, and a later one is not there");
      }
      return;
    }
    named.add(step);
    long lines =
        Files.readAllLines(new RunFolder(run).metrics()).stream()
            .filter(line -> line.contains("\"train\""))
            .count();
    if (lines < step) {
      broken.add("step " + step + " is named, " + lines + " steps are in the metrics");
    }
  }

  @Test
  void aCheckpointComesAfterItsMetricsAndBeforeTheLastOneGoes() throws IOException {
    run = folder.resolve("run");
    Path watched = FaultyDisk.watched(this::see).path(run);
    CheckpointPolicy policy = new CheckpointPolicy(1, 1, false, 0);
    TrainingRun.run(
        TinyRun.options(watched, STEPS, false, policy, 1, "cpu:0"), new RunListener() {});
    assertEquals(List.of(), broken);
    assertEquals(List.of(1, 2, 3, 4, 5, 6), named);
    assertTrue(new RunFolder(run).checkpoints().size() <= 2);
  }
}
