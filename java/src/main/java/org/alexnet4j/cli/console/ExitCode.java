package org.alexnet4j.cli.console;

/** What the process tells its caller; INT and TERM give 130 and 143 as usual. */
public enum ExitCode {
  /** All went well. */
  OK(0),
  /** Anything without a code of its own. */
  OTHER(1),
  /** The command line or the configuration asks for something that does not exist. */
  USAGE(2),
  /** The data are missing or damaged. */
  DATA(3),
  /** A device is missing, lost or out of memory. */
  DEVICE(4),
  /** A checkpoint or weights file is missing, damaged, or of another network. */
  CHECKPOINT(5),
  /** The loss is no longer a number. */
  DIVERGED(6);

  private final int code;

  ExitCode(int code) {
    this.code = code;
  }

  /** Returns the number. */
  public int code() {
    return code;
  }
}
