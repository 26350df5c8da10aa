package org.alexnet4j.data.message;

import java.io.IOException;
import org.alexnet4j.io.Printable;

/** Says that data cannot be used: where, for which reason, and what would be allowed. */
public final class DataException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String where;
  private final String reason;
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

  public DataException(String where, String reason, String allowed, Throwable cause) {
    this(where, reason, allowed);
    initCause(cause);
  }

  /** Returns the file, folder, archive member or class that is wrong. */
  public String where() {
    return where;
  }

  /** Returns what is wrong. */
  public String reason() {
    return reason;
  }

  /** Returns what would have been right. */
  public String allowed() {
    return allowed;
  }
}
