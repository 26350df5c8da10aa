package org.alexnet4j.cli.console;

import java.util.Objects;

/** Ends a command with one line for the person and a code for the caller. */
public final class CommandException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ExitCode code;

  /**
   * Makes an end without a cause: the person's request itself is at fault.
   *
   * @param line what, where, and what is allowed
   */
  public CommandException(ExitCode code, String line) {
    super(Objects.requireNonNull(line));
    this.code = code;
  }

  /** Makes an end with the failure that led to it. */
  public CommandException(ExitCode code, String line, Throwable cause) {
    super(Objects.requireNonNull(line), cause);
    this.code = code;
  }

  /** Returns the exit code. */
  public ExitCode code() {
    return code;
  }
}
