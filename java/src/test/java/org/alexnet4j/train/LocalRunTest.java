package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A run of two towers with a locally connected layer: what its files hold, and that it goes on. */
class LocalRunTest {
  @TempDir Path folder;

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private byte[] run(String name, long steps, boolean resume, String devices) throws IOException {
    RunOptions options =
        TinyRun.options(folder.resolve(name), steps, resume, CheckpointPolicy.DEFAULT, 1, devices);
    TrainingRun.run(TinyRun.with(options, TinyRun.locallyConnected()), new RunListener() {});
    return Files.readAllBytes(new RunFolder(folder.resolve(name)).checkpoint(steps));
  }

  @Test
  void aStoppedRunGivesTheBitsOfOneThatNeverStopped() throws IOException {
    byte[] whole = run("whole", 5, false, "cpu:0,cpu:1");
    run("stopped", 2, false, "cpu:0");
    assertArrayEquals(whole, run("stopped", 5, true, "cpu:0"));
  }

  /** Pooled 7 x 7 by 3 and 2 is 3 x 3: nine positions of 2 x 4 maps that read 2 x 4. */
  @Test
  void itsTensorsHavePositionsFirst() throws IOException {
    run("files", 1, false, "cpu:0");
    Path file = new RunFolder(folder.resolve("files")).checkpoint(1);
    try (Safetensors tensors = Safetensors.open(file)) {
      for (String prefix : new String[] {"", "velocity."}) {
        assertEquals(
            ImmutableList.of(3L, 3L, 8L, 8L, 3L, 3L),
            tensors.tensors().get(prefix + "conv2.weight").shape());
        assertEquals(
            ImmutableList.of(3L, 3L, 8L), tensors.tensors().get(prefix + "conv2.bias").shape());
      }
    }
  }

  /** In a corner the window's taps outside have no gradient: they stay what they were. */
  @Test
  void tapsOutsideTheImageStayWhatTheyWere() throws IOException {
    run("corner", 3, false, "cpu:0");
    Path file = new RunFolder(folder.resolve("corner")).checkpoint(3);
    try (Safetensors tensors = Safetensors.open(file)) {
      FloatBuffer velocities = tensors.floats("velocity.conv2.weight");
      int filter = 8 * 3 * 3;
      int moved = 0;
      for (int i = 0; i < 8 * filter; i++) { // of the position in the corner
        boolean outside = i % 9 < 3 || i % 3 == 0;
        if (outside) {
          assertEquals(0, velocities.get(i), "at " + i);
        } else if (velocities.get(i) != 0) {
          moved++;
        }
      }
      assertTrue(moved > 0);
    }
  }
}
