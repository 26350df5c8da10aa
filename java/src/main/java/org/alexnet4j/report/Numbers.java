package org.alexnet4j.report;

import java.time.Duration;
import java.util.Locale;

/** Numbers as people read them; the same in every locale. */
public final class Numbers {
  private Numbers() {}

  /** Returns a whole number in groups of three: {@code 60,965,224}. */
  public static String grouped(long value) {
    return String.format(Locale.ROOT, "%,d", value);
  }

  /** Returns a number with its noun: {@code 1 step}, {@code 1,000 steps}. */
  public static String counted(long count, String one, String many) {
    return grouped(count) + " " + (count == 1 ? one : many);
  }

  /** Returns bytes as MiB with one digit: {@code 14.8 MiB}. */
  public static String mebibytes(long bytes) {
    return String.format(Locale.ROOT, "%.1f MiB", bytes / 1048576.0);
  }

  /** Returns a share as a percentage with one digit: {@code 12.5 %}. */
  public static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  /** Returns a number with a fixed count of digits after the point. */
  public static String fixed(double value, int digits) {
    return String.format(Locale.ROOT, "%." + digits + "f", value);
  }

  /** Returns a time: {@code 42 s}, {@code 3:05 min}, {@code 2:03:04 h}. */
  public static String time(Duration time) {
    long seconds = time.toSeconds();
    if (seconds < 60) {
      return seconds + " s";
    }
    if (seconds < 3600) {
      return String.format(Locale.ROOT, "%d:%02d min", seconds / 60, seconds % 60);
    }
    return String.format(
        Locale.ROOT, "%d:%02d:%02d h", seconds / 3600, seconds / 60 % 60, seconds % 60);
  }
}
