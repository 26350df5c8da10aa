package org.alexnet4j.tower;

/**
 * A tower could not finish its part of a pass. The message names tower, layer, operation and step,
 * the cause says what went wrong there. Unchecked.
 */
public final class TowerException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param where tower, layer, operation and step
   * @param cause what went wrong there; its message becomes part of this one's
   */
  TowerException(String where, Throwable cause) {
    super(where + ": " + (cause.getMessage() == null ? cause : cause.getMessage()), cause);
  }

  /**
   * Creates the exception for a tower from which nothing comes any more.
   *
   * @param text all of it
   */
  TowerException(String text) {
    super(text);
  }
}
