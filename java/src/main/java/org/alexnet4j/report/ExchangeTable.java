package org.alexnet4j.report;

import java.util.List;
import java.util.Locale;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Transfer;
import org.alexnet4j.tower.time.ExchangeTime;

/** What crossed between towers in a step, as a table: bytes, time, rate, what computing covered. */
public final class ExchangeTable {
  private ExchangeTable() {}

  /** Returns the table, or one line if nothing crosses. */
  public static String text(List<ExchangeTime> times) {
    if (times.isEmpty()) {
      return "exchange: none\n";
    }
    TextTable table =
        new TextTable(
            "exchange", "plane", "for", "from", "to", "bytes", "us", "GB/s", "hidden", "waited us");
    for (ExchangeTime time : times) {
      Transfer transfer = time.transfer();
      table.row(
          transfer.direction().name().toLowerCase(Locale.ROOT),
          transfer.plane(),
          transfer.layer(),
          NetworkSpec.towerName(transfer.from()),
          NetworkSpec.towerName(transfer.to()),
          Numbers.grouped(transfer.bytes()),
          Numbers.fixed(time.meanMicros(), 1),
          Numbers.fixed(time.gigabytesPerSecond(), 2),
          Numbers.percent(time.hiddenShare()),
          Numbers.fixed(time.meanWaitMicros(), 1));
    }
    double moved = times.stream().mapToDouble(ExchangeTime::micros).sum();
    double hidden = times.stream().mapToDouble(ExchangeTime::hiddenMicros).sum();
    return String.format(
        Locale.ROOT,
        "%s%s bytes a step; computing hides %s of the time they move%n",
        table,
        Numbers.grouped(times.stream().mapToLong(t -> t.transfer().bytes()).sum()),
        Numbers.percent(moved > 0 ? hidden / moved : 1));
  }
}
