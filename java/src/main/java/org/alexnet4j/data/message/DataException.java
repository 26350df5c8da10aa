package org.alexnet4j.data.message;

import java.io.IOException;
import org.alexnet4j.io.Printable;

/** Says that data cannot be used: where, for which reason, and what would be allowed. */
public final class DataException extends IOException {
  private static final long serialVersionUID = 1L;

  /** Where it is wrong: a file, folder, archive member or class. */
  private final String where;

  /** What is wrong. */
  private final String reason;

  /** What is allowed, and what helps. */
  private final String allowed;

  /**
   * Creates the exception with the message {@code where: reason; allowed: allowed}.
   *
   * @param where the file, folder, archive member or class that is wrong
   * @param reason what is wrong with it
   * @param allowed what would have been right
   */
  public DataException(String where, String reason, String allowed) {
    super(
        Printable.text(where, Printable.MAX_TEXT)
            + ": "
            + Printable.text(reason, Printable.MAX_TEXT)
            + "; allowed: "
            + Printable.text(allowed, Printable.MAX_TEXT));
    this.where = where;
    this.reason = reason;
    this.allowed = allowed;
  }

  /**
   * Creates the exception.
   *
   * @param where a file, folder, archive member or class
   * @param reason what is wrong
   * @param allowed what is allowed, and what helps
   * @param cause what was found, or null
   */
  public DataException(String where, String reason, String allowed, Throwable cause) {
    this(where, reason, allowed);
    initCause(cause);
  }

  /** {@return the file, folder, archive member or class that is wrong} */
  public String where() {
    return where;
  }

  /** {@return what is wrong} */
  public String reason() {
    return reason;
  }

  /** {@return what would have been right} */
  public String allowed() {
    return allowed;
  }
}
