package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;

/**
 * Waits for the towers' threads, and ends a pass in which nothing moves any more: a device that
 * hangs, a peer that does not answer. Without it a native call that never returns would hold the
 * process for ever.
 *
 * <p>Threads: the coordinator.
 */
final class Watchdog {
  static final String VARIABLE = "ALEXNET_PATIENCE";
  private static final Duration DEFAULT = Duration.ofMinutes(10);

  /** How long the other towers get to end their operation after one has failed. */
  private static final Duration GRACE = Duration.ofSeconds(10);

  private static final long LOOK_MILLIS = 50;

  /**
   * If more has passed between two looks, the process stood still: it was stopped, the machine
   * slept, the collector held all threads. It counts as one look, as no device was slow then.
   */
  private static final long MOST_NANOS = Duration.ofMillis(10 * LOOK_MILLIS).toNanos();

  private static final long LOOK_NANOS = Duration.ofMillis(LOOK_MILLIS).toNanos();

  private final ImmutableList<Tower> towers;
  private final ImmutableList<TowerThread> threads;
  private final AbortSignal abort;
  private final Duration patience;
  private final LongSupplier clock;
  private final int[] seen;

  /**
   * Creates the watchdog.
   *
   * @param patience how long a tower may need for one operation, or null for what the environment
   *     says
   */
  Watchdog(List<Tower> towers, List<TowerThread> threads, AbortSignal abort, Duration patience) {
    this(towers, threads, abort, patience, System::nanoTime);
  }

  /**
   * Creates the watchdog with a clock.
   *
   * @param clock nanoseconds, as {@link System#nanoTime}
   */
  Watchdog(
      List<Tower> towers,
      List<TowerThread> threads,
      AbortSignal abort,
      Duration patience,
      LongSupplier clock) {
    this.clock = clock;
    this.towers = ImmutableList.copyOf(towers);
    this.threads = ImmutableList.copyOf(threads);
    this.abort = abort;
    this.patience = patience != null ? patience : patience(System.getenv(VARIABLE));
    this.seen = new int[towers.size()];
  }

  /** Returns what {@code ALEXNET_PATIENCE} says, in seconds, or ten minutes. */
  static Duration patience(String seconds) {
    if (seconds == null) {
      return DEFAULT;
    }
    if (!seconds.matches("[1-9]\\d{0,5}")) {
      throw new IllegalArgumentException(
          VARIABLE + " is '" + seconds + "'; allowed: seconds from 1 to 999999");
    }
    return Duration.ofSeconds(Long.parseLong(seconds));
  }

  /** Returns when all threads have ended their work, or when waiting is in vain. */
  void await() {
    long looked = clock.getAsLong();
    long waited = 0; // since something moved, as far as this thread could see it
    boolean failed = false;
    while (!allIdle()) {
      long now = clock.getAsLong();
      waited += now - looked > MOST_NANOS ? LOOK_NANOS : now - looked;
      looked = now;
      boolean failedNow = abort.cause() != null;
      if (anyMoved() || failedNow != failed) {
        waited = 0;
        failed = failedNow;
      }
      Duration limit = failed && GRACE.compareTo(patience) < 0 ? GRACE : patience;
      if (waited > limit.toNanos()) {
        giveUp(limit);
        return;
      }
    }
  }

  private boolean allIdle() {
    boolean idle = true;
    for (int t = 0; t < threads.size(); t++) {
      idle &= threads.get(t).await(LOOK_MILLIS);
    }
    return idle;
  }

  private boolean anyMoved() {
    boolean moved = false;
    for (int t = 0; t < seen.length; t++) {
      int at = towers.get(t).at();
      moved |= at != seen[t];
      seen[t] = at;
    }
    return moved;
  }

  /** Ends the pass; names the towers that are at work, as one that waits is no cause. */
  private void giveUp(Duration limit) {
    List<String> working = new ArrayList<>();
    List<String> waiting = new ArrayList<>();
    List<TowerThread> ending = new ArrayList<>();
    for (int t = 0; t < seen.length; t++) {
      TowerThread thread = threads.get(t);
      if (!thread.await(0)) {
        Tower tower = towers.get(t);
        boolean waits = tower.isReceiving();
        (waits ? waiting : working).add(tower.where());
        if (waits) {
          ending.add(thread);
        }
      }
    }
    String where = String.join(" and ", working.isEmpty() ? waiting : working);
    String text =
        String.format(
            Locale.ROOT, "%s: no answer for %d s (%s)", where, limit.toSeconds(), VARIABLE);
    abort.raise(new TowerException(text));
    // Who waited hears of it within a moment.
    ending.forEach(thread -> thread.await(GRACE.toMillis()));
  }
}
