package org.alexnet4j.ranks;

/** Thrown when ranks can no longer move bytes between them. */
public final class RankException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** Creates the exception with what happened where. */
  public RankException(String message) {
    super(message);
  }

  /** The same with a cause. */
  public RankException(String message, Throwable cause) {
    super(message, cause);
  }
}
