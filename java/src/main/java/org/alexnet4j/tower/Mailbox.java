package org.alexnet4j.tower;

/**
 * Tells one tower that the source of a transfer is ready. On a GPU "ready" means that the event has
 * been recorded, so that the receiver's stream can wait for it; elsewhere it means done. Threads:
 * one posts, one awaits.
 */
final class Mailbox {
  private static final long LOOK_MILLIS = 50;

  private long posted = -1;

  /** Announces a pass. */
  synchronized void post(long pass) {
    posted = pass;
    notifyAll();
  }

  /** Returns whether a pass has been announced. */
  synchronized boolean has(long pass) {
    return posted >= pass;
  }

  /**
   * Waits for the announcement of a pass, or for the end of all towers; {@link Watchdog} sees to it
   * that one of them comes.
   */
  synchronized void await(long pass, AbortSignal abort) {
    while (posted < pass) {
      abort.throwIfRaised();
      try {
        wait(LOOK_MILLIS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting for another tower", e);
      }
    }
  }
}
