package org.alexnet4j.cli.console;

import java.util.Objects;

/** Ends a command with one line for the person and a code for the caller. */
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode code;
  private final boolean ofAll;

  /**
   * Makes an end without a cause: the person's request itself is at fault.
   *
   * @param line what, where, and what is allowed
   */
  public CommandException(ExitCode code, String line) {
    this(code, line, null, false);
  }

  /** Makes an end with the failure that led to it. */
  public CommandException(ExitCode code, String line, Throwable cause) {
    this(code, line, cause, false);
  }

  private CommandException(ExitCode code, String line, Throwable cause, boolean ofAll) {
    super(Objects.requireNonNull(line), cause);
    this.code = code;
    this.ofAll = ofAll;
  }

  /**
   * Makes an end that all processes which a launcher has started come to alike, so that only the
   * first one says it.
   */
  public static CommandException ofAll(ExitCode code, String line) {
    return new CommandException(code, line, null, true);
  }

  /** Returns whether every process has come to the same end. */
  boolean isOfAll() {
    return ofAll;
  }

  /** Returns the exit code. */
  public ExitCode code() {
    return code;
  }
}
