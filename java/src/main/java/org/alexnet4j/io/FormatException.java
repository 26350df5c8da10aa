package org.alexnet4j.io;

import java.io.IOException;
import java.nio.file.Path;

/** Says that a file is damaged or of a kind that is not read here, and where in it. */
public final class FormatException extends IOException {
  private static final long serialVersionUID = 1L;

  private final transient Path file;

  /** What is wrong, without the place. */
  private final String reason;

  /**
   * Makes an exception for one place of a file.
   *
   * @param file the file that was read
   * @param where the place: a byte offset, a tensor, or both, as in {@code "tensor fc6.weight, byte
   *     2048"}
   * @param what what is wrong there and what is allowed
   */
  public FormatException(Path file, String where, String what) {
    super(
        Printable.path(file)
            + ": "
            + Printable.text(where, Printable.MAX_TEXT)
            + ": "
            + Printable.text(what, Printable.MAX_TEXT));
    this.file = file;
    this.reason =
        Printable.text(where, Printable.MAX_TEXT) + ": " + Printable.text(what, Printable.MAX_TEXT);
  }

  /** {@return the file that was read} */
  public Path file() {
    return file;
  }

  /** {@return the place in the file and what is wrong there} */
  public String reason() {
    return reason;
  }
}
