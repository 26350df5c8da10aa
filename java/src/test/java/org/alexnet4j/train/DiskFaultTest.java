package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.FaultyDisk;
import org.alexnet4j.io.FaultyDisk.Fault;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Lets each call of a run that changes the disk fail, one after the other. The suite takes every
 * eleventh of the calls, each test another; {@code -Dalexnet.faults=1} takes all.
 */
class DiskFaultTest {
  private static final long STEPS = 5;
  private static final CheckpointPolicy POLICY = new CheckpointPolicy(2, 2, true, 0);
  private static final int STRIDE = Integer.getInteger("alexnet.faults", 11);

  @TempDir Path folder;

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private static RunOptions options(Path run, boolean resume) {
    return TinyRun.options(run, STEPS, resume, POLICY, 1, "cpu:0");
  }

  @ParameterizedTest
  @EnumSource(Fault.class)
  void aRunGoesOnFromItsLastWholeCheckpointWhateverCallFailed(Fault fault) throws IOException {
    Path whole = folder.resolve("whole");
    TrainingRun.run(options(whole, false), new RunListener() {});
    byte[] expected = Files.readAllBytes(new RunFolder(whole).checkpoint(STEPS));
    List<String> failed = new ArrayList<>();
    int resumed = 0;
    for (int call = 1 + fault.ordinal(); ; call += STRIDE) {
      Path run = folder.resolve("run-" + call);
      FaultyDisk disk = new FaultyDisk(fault, call);
      boolean threw = false;
      try {
        TrainingRun.run(options(disk.path(run), false), new RunListener() {});
      } catch (IOException e) {
        threw = true;
        assertTrue(e.getMessage() != null && !e.getMessage().isEmpty(), disk.failed());
      }
      if (disk.failed().isEmpty()) {
        break;
      }
      failed.add(disk.failed());
      if (fault == Fault.SHORT) {
        assertFalse(threw, disk.failed());
      } else {
        // A folder that is there already need not be made, nor a file removed that is not there:
        // after
        // the work was done, "it is not there" is all that a removal can say.
        boolean nothingToDo =
            disk.failed().startsWith("create folder")
                || (fault == Fault.ALL_DONE && disk.failed().matches("remove \\..*\\.tmp"));
        assertTrue(threw || nothingToDo, disk.failed());
      }
      if (checkAll(run) > 0) {
        if (threw) {
          TrainingRun.run(options(run, true), new RunListener() {});
        }
        byte[] last = Files.readAllBytes(new RunFolder(run).checkpoint(STEPS));
        assertEquals(-1, Arrays.mismatch(expected, last), disk.failed());
        resumed++;
      }
    }
    assertTrue(failed.size() * STRIDE > 50, failed.toString());
    assertTrue(resumed > 0, failed.toString());
  }

  /** Returns how many checkpoints there are; all must be whole. */
  private static int checkAll(Path run) throws IOException {
    List<Path> files = new RunFolder(run).checkpoints();
    for (Path file : files) {
      Checkpoint.readContent(file);
    }
    return files.size();
  }

  @Test
  void aFullDiskIsSaidWithTheCheckpointThatIsLeft() throws IOException {
    // The calls are numbered by when they happen; find a write to the second checkpoint.
    String message = "";
    for (int call = 40; !message.contains("step-00000004"); call++) {
      FaultyDisk disk = new FaultyDisk(Fault.HALF_DONE, call);
      Path run = folder.resolve("full-" + call);
      try {
        TrainingRun.run(options(disk.path(run), false), new RunListener() {});
        assertTrue(call < 400, "no write to the checkpoint was seen");
      } catch (IOException e) {
        boolean here = disk.failed().startsWith("write to .step-00000004");
        message = here ? e.getMessage() : "";
      }
    }
    assertTrue(message.contains("No space left on device"), message);
    assertTrue(message.contains("its last whole checkpoint is"), message);
    assertTrue(message.contains("step-00000003.safetensors"), message);
    try (Stream<Path> files = Files.walk(folder)) {
      assertEquals(0, files.filter(f -> f.toString().endsWith(".tmp")).count());
    }
  }
}
