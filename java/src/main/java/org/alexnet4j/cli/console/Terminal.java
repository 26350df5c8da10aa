package org.alexnet4j.cli.console;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What is known of the screen: how wide it is, and whether a line on it can be drawn again. The
 * width is asked for anew after some seconds, as a person may change it. Any thread may ask.
 */
public final class Terminal {
  /** Where there is no terminal: what a mail, a log or a page of documentation has room for. */
  static final int PLAIN_WIDTH = 80;

  /** Wider lines are hard to read. */
  private static final int MAX_WIDTH = 120;

  private static final int MIN_WIDTH = 20;
  private static final long ASK_NANOS = TimeUnit.SECONDS.toNanos(3);
  private static final Pattern STTY_SIZE = Pattern.compile("\\d+ (\\d{1,4})\\s*");

  private final boolean redraws;
  private final WidthSource source;
  private final LongSupplier clock;
  private int width;
  private long askedAt;

  /** Returns the columns of the screen, or 0 if there is none. */
  interface WidthSource {
    int columns();
  }

  Terminal(boolean redraws, WidthSource source, LongSupplier clock) {
    this.redraws = redraws;
    this.source = source;
    this.clock = clock;
  }

  /**
   * Returns the terminal of this process.
   *
   * @param attached whether messages go to one
   */
  static Terminal system(boolean attached, Map<String, String> environment) {
    boolean dumb = environment.getOrDefault("TERM", "dumb").equals("dumb");
    WidthSource source =
        attached ? Terminal::sttyColumns : () -> columns(environment.get("COLUMNS"));
    return new Terminal(attached && !dumb, source, System::nanoTime);
  }

  /** Returns a screen of a given width, for tests. */
  public static Terminal of(boolean redraws, int width) {
    return new Terminal(redraws, () -> width, () -> 0);
  }

  /** Says whether a line can be drawn again: a terminal that understands escapes. */
  public boolean redraws() {
    return redraws;
  }

  /** Returns how many columns a line may have. */
  public synchronized int width() {
    long now = clock.getAsLong();
    if (width == 0 || now - askedAt >= ASK_NANOS) {
      int columns = source.columns();
      width = columns == 0 ? PLAIN_WIDTH : Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, columns));
      askedAt = now;
    }
    return width;
  }

  private static int columns(String text) {
    return text != null && text.matches("[1-9][0-9]{0,3}") ? Integer.parseInt(text) : 0;
  }

  /** Asks the program that knows; where there is none the width is unknown. */
  private static int sttyColumns() {
    try {
      Process stty =
          new ProcessBuilder("stty", "size")
              .redirectInput(new File("/dev/tty"))
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      try {
        String size = new String(stty.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        Matcher matcher = STTY_SIZE.matcher(size);
        return matcher.matches() ? columns(matcher.group(1)) : 0;
      } finally {
        stty.destroy();
      }
    } catch (IOException e) {
      return 0;
    }
  }
}
