package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A few kills; {@link KillHarness} by hand, or {@code -Dalexnet.kills=1000}, does more. */
class KillTest {
  @TempDir Path folder;

  @Test
  void killedRunsGoOnAndEndTheSame() throws IOException, InterruptedException {
    int kills = Integer.getInteger("alexnet.kills", 6);
    KillHarness.Report report = new KillHarness(folder, 3).run(kills);
    assertTrue(report.kills() >= kills, report.toString());
    assertTrue(report.completeRuns() > 0, report.toString());
    assertEquals(report.completeRuns(), report.equalRuns(), report.toString());
  }
}
