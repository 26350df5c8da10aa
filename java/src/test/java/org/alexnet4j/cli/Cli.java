package org.alexnet4j.cli;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.cli.console.Terminal;

/** One run of the command line inside a test: its exit code and what it printed. */
public record Cli(int code, String out, String err) {

  /** Runs a command as if standard error were no terminal. */
  public static Cli run(String... arguments) {
    return run(new StopRequest(line -> {}), false, arguments);
  }

  public static Cli run(StopRequest stop, boolean terminal, String... arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Console console =
        new Console(
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Terminal.of(terminal, 100));
    int code = Main.run(console, stop, arguments);
    return new Cli(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }
}
