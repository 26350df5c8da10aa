package org.alexnet4j.tower;

/** Lets the first failure of any tower stop all of them. Threads: any. */
final class AbortSignal {
  private volatile Throwable cause;

  /** Remembers the first cause; later ones are attached to it. */
  synchronized void raise(Throwable failure) {
    if (failure instanceof PeerFailedException) {
      return;
    }
    if (cause == null) {
      cause = failure;
    } else if (cause != failure) {
      cause.addSuppressed(failure);
    }
  }

  Throwable cause() {
    return cause;
  }

  /** Thrown in a tower that stops because another one failed; never reaches the user. */
  static final class PeerFailedException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    PeerFailedException(Throwable cause) {
      super("another tower failed", cause);
    }
  }

  void throwIfRaised() {
    Throwable failure = cause;
    if (failure != null) {
      throw new PeerFailedException(failure);
    }
  }
}
