package org.alexnet4j.tower;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.alexnet4j.device.Devices;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What counts as patience: time in which the watchdog could see that nothing moves. */
class WatchdogTest {
  private static final Duration PATIENCE = Duration.ofSeconds(2);

  @AfterEach
  void nothingStays() {
    assertEquals(0, Devices.liveHandles());
  }

  /** A tower that hangs until the clock has been looked at so often. */
  private static AbortSignal await(LongSupplier clock, AtomicInteger looks, int most)
      throws InterruptedException {
    CountDownLatch free = new CountDownLatch(1);
    AbortSignal abort = new AbortSignal();
    TowerThread thread = new TowerThread("hangs");
    LongSupplier counting =
        () -> {
          if (looks.incrementAndGet() == most) {
            free.countDown();
          }
          return clock.getAsLong();
        };
    try (Towers towers = SmallRun.open(1, "cpu:0", TowerOptions.DEFAULT)) {
      thread.begin(
          () -> {
            try {
              free.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          });
      new Watchdog(towers.towers(), ImmutableList.of(thread), abort, PATIENCE, counting).await();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      free.countDown();
      thread.close();
    }
    return abort;
  }

  @Test
  void timeInWhichTheProcessStoodStillDoesNotCount() throws InterruptedException {
    AtomicLong now = new AtomicLong();
    // Each look comes an hour after the one before it: the machine slept in between.
    AbortSignal abort =
        await(() -> now.addAndGet(Duration.ofHours(1).toNanos()), new AtomicInteger(), 10);
    assertNull(abort.cause());
  }

  @Test
  void timeThatWasSeenDoes() throws InterruptedException {
    AtomicLong now = new AtomicLong();
    AtomicInteger looks = new AtomicInteger();
    AbortSignal abort =
        await(() -> now.addAndGet(Duration.ofMillis(400).toNanos()), looks, Integer.MAX_VALUE);
    assertNotNull(abort.cause());
    assertEquals(7, looks.get()); // the start, then the first look beyond 2 s
  }
}
