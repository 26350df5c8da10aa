package org.alexnet4j.cli.console;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class TerminalTest {
  private long now;
  private int columns = 132;

  @Test
  void widthIsAskedForAgainAfterSomeSeconds() {
    Terminal terminal = new Terminal(true, () -> columns, () -> now);
    assertEquals(120, terminal.width(), "wider lines are hard to read");
    columns = 40;
    assertEquals(120, terminal.width());
    now += TimeUnit.SECONDS.toNanos(3);
    assertEquals(40, terminal.width());
    columns = 3;
    now += TimeUnit.SECONDS.toNanos(3);
    assertEquals(20, terminal.width());
    columns = 0; // went away
    now += TimeUnit.SECONDS.toNanos(3);
    assertEquals(80, terminal.width());
  }

  @Test
  void withoutATerminalTheEnvironmentDecides() {
    assertEquals(80, Terminal.system(false, Map.of()).width());
    assertEquals(60, Terminal.system(false, Map.of("COLUMNS", "60")).width());
    assertEquals(80, Terminal.system(false, Map.of("COLUMNS", "wide")).width());
  }

  @Test
  void escapesGoToTerminalsThatUnderstandThem() {
    assertEquals(true, Terminal.system(true, Map.of("TERM", "xterm")).redraws());
    assertFalse(Terminal.system(true, Map.of("TERM", "dumb")).redraws());
    assertFalse(Terminal.system(true, Map.of()).redraws());
    assertFalse(Terminal.system(false, Map.of("TERM", "xterm")).redraws());
  }

  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  private Console console(Terminal terminal) {
    PrintStream stream = new PrintStream(err, true, StandardCharsets.UTF_8);
    return new Console(stream, stream, terminal);
  }

  @Test
  void partsThatDoNotFitAreLeftOutFromTheEnd() {
    Console console = console(Terminal.of(true, 20));
    console.progress("12 of 30 images", "1 s left", "x/s");
    assertEquals("\r\u001b[K12 of 30 images", err.toString(StandardCharsets.UTF_8));
    err.reset();
    console.progress("图像图像图像图像图像图像"); // two columns each: nine and the ellipsis
    assertEquals("\r\u001b[K图像图像图像图像图…", err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void silenceIsBrokenAfterTwoSecondsOrTenWithoutATerminal() {
    ProgressLine drawn = new ProgressLine(console(Terminal.of(true, 80)), () -> now);
    ProgressLine plain = new ProgressLine(console(Terminal.of(false, 80)), () -> now);
    now += TimeUnit.MILLISECONDS.toNanos(1900);
    assertFalse(drawn.isDue());
    now += TimeUnit.MILLISECONDS.toNanos(100);
    drawn.count("images", 20, 60);
    plain.count("images", 20, 60);
    assertEquals(
        "\r\u001b[K20 of 60 images  4 s left  10.0 images/s", err.toString(StandardCharsets.UTF_8));
    err.reset();
    now += TimeUnit.SECONDS.toNanos(8);
    plain.count("images", 50, 60, "error 3.0 %");
    assertEquals(
        "alexnet: 50 of 60 images  2 s left  error 3.0 %  5.0 images/s\n",
        err.toString(StandardCharsets.UTF_8));
  }
}
