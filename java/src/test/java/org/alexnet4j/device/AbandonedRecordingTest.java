package org.alexnet4j.device;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/**
 * What a failed call began is ended, though another thread uses the same stream, against the rules.
 */
class AbandonedRecordingTest {
  private static final int TIMES = 20_000;

  private static final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1L;
  }

  @Test
  void aFailedRecordingOrRehearsalLeavesTheStreamFree() throws InterruptedException {
    long before = Devices.liveHandles();
    try (Device device = Device.open(DeviceId.parse("cpu:0"));
        Stream stream = device.newStream();
        Arena arena = device.newArena(Arena.Memory.DEVICE, 1 << 20);
        Buffer buffer = arena.buffer(0, 1 << 20)) {
      AtomicBoolean over = new AtomicBoolean();
      AtomicLong calls = new AtomicLong();
      Thread intruder =
          new Thread(
              () -> {
                while (!over.get()) {
                  try {
                    stream.fill(buffer, 0, 1, 1);
                    calls.incrementAndGet();
                  } catch (IllegalStateException e) {
                    Thread.onSpinWait(); // refused, as it may be
                  }
                }
              });
      intruder.start();
      Runnable fails =
          () -> {
            throw new Failure();
          };
      int recorded = 0;
      int rehearsed = 0;
      for (int i = 0; i < TIMES; i++) {
        recorded += ends(() -> Graph.record(List.of(stream), fails)) ? 1 : 0;
        rehearsed += ends(() -> stream.rehearse(fails)) ? 1 : 0;
      }
      over.set(true);
      intruder.join();
      assertTrue(recorded > 0 && rehearsed > 0 && calls.get() > 0, recorded + ", " + rehearsed);
      // Nothing is left of it: the stream can be recorded, and closed.
      Graph.record(List.of(stream), () -> stream.fill(buffer, 0, 1, 2)).close();
    }
    assertEquals(before, Devices.liveHandles());
  }

  /** Returns whether it began, and ended by the failure; false if it was refused from the start. */
  private static boolean ends(Runnable call) {
    RuntimeException e = assertThrows(RuntimeException.class, call::run);
    assertEquals(0, e.getSuppressed().length, () -> e.getSuppressed()[0].toString());
    return e instanceof Failure;
  }
}
