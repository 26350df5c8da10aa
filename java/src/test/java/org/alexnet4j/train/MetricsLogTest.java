package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.stream.LongStream;
import org.alexnet4j.io.FaultyDisk;
import org.alexnet4j.io.FaultyDisk.Fault;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.run.Progress;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.tower.StepResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
  private static final StepResult RESULT = new StepResult(4, 9.2, 3, 1);

  @TempDir Path folder;

  private static void train(MetricsLog log, long step) throws IOException {
    log.train(new Progress(step, 0, (int) step), RESULT, 0.01f, 100, 0);
  }

  private List<Long> steps() throws IOException {
    return JsonLines.read(new RunFolder(folder).metrics()).stream()
        .map(line -> line.get("step").getAsLong())
        .toList();
  }

  @Test
  void linesAreInTheFileInOrderOnceAwaited() throws IOException {
    try (MetricsLog log = new MetricsLog(new RunFolder(folder), 0)) {
      for (long step = 0; step < 500; step++) {
        train(log, step);
      }
      log.await();
      assertEquals(LongStream.range(0, 500).boxed().toList(), steps());
      train(log, 500);
    }
    assertEquals(501, steps().size(), "closing awaits as well");
  }

  @Test
  @Timeout(60) // who waits for the line waits for ever
  void aStepDoesNotWaitForItsLine() throws IOException {
    CountDownLatch open = new CountDownLatch(1);
    Path held = FaultyDisk.held("metrics", open).path(folder);
    try (MetricsLog log = new MetricsLog(new RunFolder(held), 0)) {
      for (long step = 0; step < 3; step++) {
        train(log, step);
      }
      assertEquals(List.of(), steps());
      open.countDown();
    }
    assertEquals(List.of(0L, 1L, 2L), steps());
  }

  @Test
  void nothingIsWrittenAfterAFailureAndEveryCallSaysIt() throws IOException {
    // The calls before it: two files are opened, and the events get their first record.
    FaultyDisk disk = new FaultyDisk(Fault.NOTHING_DONE, 6);
    MetricsLog log = new MetricsLog(new RunFolder(disk.path(folder)), 0);
    train(log, 0);
    assertEquals("", disk.failed());
    log.await();
    train(log, 1);
    IOException e = assertThrows(IOException.class, log::await);
    assertTrue(e.getMessage().contains("metrics.jsonl: writing failed"), e.getMessage());
    assertThrows(IOException.class, () -> train(log, 2));
    assertThrows(IOException.class, () -> log.other(new JsonObject()));
    assertThrows(IOException.class, log::close);
    assertEquals(List.of(0L), steps());
  }
}
