package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.device.Devices;
import org.alexnet4j.tower.StepResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DirectMemoryTest {
  private static final int EVALUATIONS = 20;

  /** From here on every thread has made the buffers that it keeps. */
  private static final int SETTLED = 3;

  @TempDir Path folder;

  @Test
  void evaluationsAndCheckpointsLeaveNoDirectMemoryToTheCollector() throws IOException {
    BufferPoolMXBean direct =
        ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
            .filter(pool -> pool.getName().equals("direct"))
            .findFirst()
            .orElseThrow();
    List<Long> counts = new ArrayList<>();
    TrainingRun.run(
        TinyRun.options(folder.resolve("run"), 3 * EVALUATIONS, false),
        new RunListener() {
          @Override
          public void evaluated(long step, int epoch, StepResult result) {
            counts.add(direct.getCount());
          }
        });
    assertEquals(EVALUATIONS, counts.size());
    for (int i = SETTLED; i < EVALUATIONS; i++) {
      // Fewer than before is what the collector makes of other tests' buffers.
      assertTrue(counts.get(i) <= counts.get(i - 1), counts.toString());
    }
    assertEquals(0, Devices.liveHandles());
  }
}
