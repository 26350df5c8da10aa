package org.alexnet4j.cli.console;

import java.time.Duration;
import java.util.function.LongSupplier;
import org.alexnet4j.report.Numbers;

/**
 * Breaks a silence: says how far a long work is, once it has taken some seconds; on a terminal in
 * one line that is drawn again, else in a plain line now and then. For one thread at a time.
 */
public final class ProgressLine {
  private static final long FIRST_NANOS = Duration.ofSeconds(2).toNanos();
  private static final long REDRAW_NANOS = Duration.ofMillis(200).toNanos();
  private static final long LINE_NANOS = Duration.ofSeconds(10).toNanos();

  private final Console console;
  private final LongSupplier clock;
  private final long startedAt;
  private long shownAt;
  private boolean shown;

  /**
   * Starts with the work.
   *
   * @param clock nanoseconds, as {@link System#nanoTime}
   */
  public ProgressLine(Console console, LongSupplier clock) {
    this.console = console;
    this.clock = clock;
    this.startedAt = clock.getAsLong();
    this.shownAt = startedAt;
  }

  public ProgressLine(Console console) {
    this(console, System::nanoTime);
  }

  /** Returns whether it is time to say something; who asks then says it. */
  boolean isDue() {
    long wait = !console.terminal().redraws() ? LINE_NANOS : shown ? REDRAW_NANOS : FIRST_NANOS;
    long now = clock.getAsLong();
    if (now - shownAt < wait) {
      return false;
    }
    shownAt = now;
    shown = true;
    return true;
  }

  /**
   * Says how far the work is, if it is time to.
   *
   * @param what is counted, in the plural
   */
  public void count(String what, long done, long total) {
    if (isDue()) {
      show(what, done, total);
    }
  }

  private void show(String what, long done, long total, String... more) {
    double seconds = Math.max(1, clock.getAsLong() - startedAt) / 1e9;
    double rate = done / seconds;
    String[] parts = new String[3 + more.length];
    parts[0] = Numbers.grouped(done) + " of " + Numbers.grouped(total) + " " + what;
    parts[1] =
        done == 0
            ? "begun"
            : Numbers.time(Duration.ofMillis((long) (1000 * (total - done) / rate))) + " left";
    System.arraycopy(more, 0, parts, 2, more.length);
    parts[2 + more.length] = Numbers.fixed(rate, 1) + " " + what + "/s";
    console.progress(parts);
  }

  /** The same with a further part, for example the error so far. */
  public void count(String what, long done, long total, String more) {
    if (isDue()) {
      show(what, done, total, more);
    }
  }
}
