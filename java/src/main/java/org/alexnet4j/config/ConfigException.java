package org.alexnet4j.config;

/** A configuration that cannot be used; the message says where, what and what is allowed. */
public final class ConfigException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception. */
  public ConfigException(String message) {
    super(message);
  }
}
