package org.alexnet4j.cli.console;

import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.io.Printable;
import org.alexnet4j.io.RegularFile;
import org.alexnet4j.io.Unfinished;
import org.alexnet4j.text.Columns;
import org.alexnet4j.text.Host;

/**
 * Where a command writes: results to standard output, messages to standard error and, once a run
 * folder is known, to its {@code stderr.log} as well. Any thread may write messages.
 */
public final class Console {
  private static final String LOG = "stderr.log";
  private static final int MOST_EARLY = 1 << 16;
  private static final String PREFIX = "alexnet: ";
  private static final String PART_GAP = "  ";
  private static final String CLEAR_LINE = "\r\u001b[K";

  private final PrintStream out;
  private final PrintStream err;
  private final Terminal terminal;
  private Optional<Path> log = Optional.empty();
  private final StringBuilder early = new StringBuilder(); // messages before there was a log
  private boolean lineIsOpen;
  private String who; // of several processes this is one that says nothing but its failure; or null

  /**
   * Makes a console.
   *
   * @param terminal the screen that {@code err} goes to
   */
  public Console(PrintStream out, PrintStream err, Terminal terminal) {
    this.out = out;
    this.err = err;
    this.terminal = terminal;
  }

  /** Makes the console of this process, which speaks UTF-8 in every locale. */
  public static Console system() {
    boolean attached = Boolean.getBoolean("alexnet.terminal");
    return new Console(
        new PrintStream(System.out, false, StandardCharsets.UTF_8),
        new PrintStream(System.err, true, StandardCharsets.UTF_8),
        Terminal.system(attached, System.getenv()));
  }

  public Terminal terminal() {
    return terminal;
  }

  /** Returns a writer for results, for help texts. */
  public PrintWriter outWriter() {
    return new PrintWriter(out, true, StandardCharsets.UTF_8);
  }

  /** Copies all messages, those before included, and stack traces into the folder of a run. */
  public synchronized void logInto(Path run) {
    log = Optional.of(run.resolve(LOG));
    append(early.toString());
    early.setLength(0);
  }

  /** Copies no later messages. */
  public synchronized void endLog() {
    log = Optional.empty();
  }

  /** Prints a result. */
  public synchronized void result(String text) {
    closeLine();
    out.println(Printable.lines(text.stripTrailing()));
    out.flush();
  }

  /** Prints a result for a program: what is escaped on the way out, JSON writes alike. */
  public void json(Object value) {
    result(JsonLines.toJson(value));
  }

  /** Prints a message. */
  public synchronized void message(String text) {
    if (who != null) {
      return;
    }
    closeLine();
    String line = PREFIX + Printable.lines(text);
    err.println(line);
    append(line + "\n");
  }

  /**
   * Returns the code that the process should end with: that of the command, but not 0 if nobody
   * could read its result.
   */
  public synchronized int exitCode(int ofCommand) {
    boolean lost = out.checkError(); // flushes; a closed pipe or a full disk shows here only
    if (lost && ofCommand == ExitCode.OK.code()) {
      message("standard output cannot be written, the result is lost");
      return ExitCode.OTHER.code();
    }
    return ofCommand;
  }

  /**
   * Says how far something is: draws the line of a terminal again, elsewhere prints a message.
   *
   * @param parts the most important first; on a narrow screen the last ones are left out, so that
   *     the line never wraps
   */
  public synchronized void progress(String... parts) {
    if (!terminal.redraws()) {
      message(String.join(PART_GAP, parts));
      return;
    }
    int room = terminal.width() - 1; // some terminals wrap once the last column is filled
    StringBuilder line = new StringBuilder(Columns.cut(Printable.lines(parts[0]), room));
    for (int i = 1; i < parts.length; i++) {
      if (!parts[i].isEmpty() && Columns.of(line + PART_GAP + parts[i]) <= room) {
        line.append(PART_GAP).append(parts[i]);
      }
    }
    err.print(CLEAR_LINE + line);
    err.flush();
    lineIsOpen = true;
  }

  /**
   * Says nothing from now on but how this process fails, and who it is then.
   *
   * @param rank among those that work together; rank 0 speaks for all
   */
  public synchronized void speakOnlyOfFailure(int rank) {
    who = "rank " + rank + " on " + Host.name() + ": ";
  }

  /** Prints the one line of a failure; the stack trace goes to the run's log only. */
  public void failure(Throwable failure) {
    if (who != null) {
      if (!(failure instanceof CommandException end && end.isOfAll())) {
        err.println(PREFIX + who + Failures.line(failure));
      }
      return;
    }
    message(Failures.line(failure));
    StringWriter trace = new StringWriter();
    failure.printStackTrace(new PrintWriter(trace));
    append(Printable.lines(trace.toString()));
    if (!Failures.isPlain(failure)) { // the others say all there is to know
      log.ifPresent(file -> message("the stack trace is in " + file));
    }
  }

  private void closeLine() {
    if (lineIsOpen) {
      err.println();
      lineIsOpen = false;
    }
  }

  private static void append(Path file, String text) throws IOException {
    try (FileChannel channel =
        RegularFile.open(file, StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
      ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }
  }

  private void append(String text) {
    if (log.isEmpty()) {
      if (early.length() < MOST_EARLY) {
        early.append(text);
      }
      return;
    }
    Path file = log.get();
    try {
      Unfinished.makeUnlessEnding(() -> append(file, text)); // the folder may be on its way out
    } catch (IOException e) {
      // The person has the message on the screen; a full disk must not hide it behind another one.
      log = Optional.empty();
    }
  }
}
