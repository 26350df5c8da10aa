package org.alexnet4j.config;

import org.alexnet4j.io.Printable;

/** A configuration that cannot be used; the message says where, what and what is allowed. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** A file's text may be in it, as a key, a value or an alias. */
  private static final int MAX_CHARACTERS = 2000;

  /**
   * Creates the exception.
   *
   * @param message one line: file, line, value and what is allowed
   */
  public ConfigException(String message) {
    super(Printable.text(message, MAX_CHARACTERS));
  }
}
