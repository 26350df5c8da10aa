package org.alexnet4j.eval;

import java.util.HashMap;
import java.util.Map;

/**
 * Counts the calls that are inside of an object: any number of threads may be, none after it was
 * closed, and whoever closes it waits until all have left. Threads: any.
 */
final class Calls {
  private final String owner;
  private final Map<Thread, Integer> inside = new HashMap<>(); // guarded by this, as the next
  private boolean closed;

  /**
   * Begins with none.
   *
   * @param owner the object's name in messages
   */
  Calls(String owner) {
    this.owner = owner;
  }

  /**
   * Lets a call in, which must {@link #leave}.
   *
   * @param call its name in messages
   * @throws IllegalStateException if the object is closed
   */
  synchronized void enter(String call) {
    if (closed) {
      throw new IllegalStateException(call + ": the " + owner + " is closed");
    }
    inside.merge(Thread.currentThread(), 1, Integer::sum);
  }

  /** Ends a call of this thread. */
  synchronized void leave() {
    inside.computeIfPresent(Thread.currentThread(), (thread, n) -> n > 1 ? n - 1 : null);
    notifyAll();
  }

  /**
   * Lets no further call in and waits for those that are inside, also while the caller is
   * interrupted.
   *
   * @throws IllegalStateException if the caller is inside itself; nothing is changed then
   */
  synchronized void close() {
    if (inside.containsKey(Thread.currentThread())) {
      throw new IllegalStateException("close: this thread is in a call of the " + owner);
    }
    closed = true;
    boolean interrupted = false;
    while (!inside.isEmpty()) {
      try {
        wait();
      } catch (InterruptedException e) {
        interrupted = true; // memory is not taken from under who is inside
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
