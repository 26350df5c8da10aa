package org.alexnet4j.cli.data;

import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.alexnet4j.data.prepare.Preparation;
import org.alexnet4j.report.Numbers;

/**
 * Tells a person how preparing goes: on a terminal one line that is redrawn, else a plain line now
 * and then, with the time left at the speed of this call.
 */
final class PrepareProgress implements Preparation.Listener {
  private static final long REDRAW_NANOS = Duration.ofMillis(200).toNanos();
  private static final long LINE_NANOS = Duration.ofSeconds(10).toNanos();

  private final Console console;
  private final BooleanSupplier stop;
  private final LongSupplier clock;
  private final Set<String> said = new HashSet<>();
  private int before;
  private long startedAt;
  private long shownAt;

  PrepareProgress(Console console, BooleanSupplier stop, LongSupplier clock) {
    this.console = console;
    this.stop = stop;
    this.clock = clock;
  }

  @Override
  public void started(String kind, int classes, int train, int val, int done) {
    before = done;
    startedAt = clock.getAsLong();
    shownAt = startedAt;
    console.message(
        String.format(
            Locale.ROOT,
            "%s: %d classes, %s images to train, %s held out%s",
            kind,
            classes,
            Numbers.grouped(train),
            Numbers.grouped(val),
            done > 0 ? ", " + Numbers.grouped(done) + " done before" : ""));
  }

  @Override
  public void note(FileNote note) {
    if (said.add(note.line())) {
      console.message("note: " + note.line());
    }
  }

  /** Says what was not said yet. */
  void notes(List<FileNote> notes) {
    notes.forEach(this::note);
  }

  @Override
  public void progress(int done, int total) {
    long now = clock.getAsLong();
    if (done < total
        && now - shownAt < (console.terminal().redraws() ? REDRAW_NANOS : LINE_NANOS)) {
      return;
    }
    shownAt = now;
    double rate = (done - before) * 1e9 / Math.max(1, now - startedAt);
    console.progress(
        Numbers.grouped(done) + " of " + Numbers.grouped(total) + " images",
        Numbers.time(Duration.ofMillis((long) (1000 * (total - done) / rate))) + " left",
        Numbers.fixed(rate, 1) + " images/s");
  }

  @Override
  public void skipped(DataException fault) {
    console.message("skipped " + fault.where() + ": " + fault.reason());
  }

  @Override
  public boolean stopRequested() {
    return stop.getAsBoolean();
  }
}
