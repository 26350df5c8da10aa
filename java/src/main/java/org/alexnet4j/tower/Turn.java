package org.alexnet4j.tower;

import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Lets one call at a time into an object, and none after it was closed: whoever has begun must end,
 * also after a failure. Threads: any.
 */
final class Turn {
  private final String owner;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition idle = lock.newCondition();
  private Thread thread;
  private String call;
  private boolean closed;

  /**
   * Creates the turn of an object.
   *
   * @param owner its name in messages, in the plural
   */
  Turn(String owner) {
    this.owner = owner;
  }

  /**
   * Begins a call.
   *
   * @param name for messages
   * @throws IllegalStateException if the object is closed, or another call has not ended; the text
   *     names it and its thread
   */
  void begin(String name) {
    lock.lock();
    try {
      if (closed) {
        throw new IllegalStateException(name + ": the " + owner + " are closed");
      }
      if (thread != null) {
        throw busy(name);
      }
      thread = Thread.currentThread();
      call = name;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Begins the last call: from now on no other one may begin, and the one that runs is waited for.
   * A second last call is let in after the first, to go on with what that one had to leave.
   *
   * @throws IllegalStateException if the caller itself is inside of a call
   */
  void beginLast() {
    lock.lock();
    try {
      if (thread == Thread.currentThread()) {
        throw busy("close");
      }
      closed = true;
      while (thread != null) {
        idle.awaitUninterruptibly();
      }
      thread = Thread.currentThread();
      call = "close";
    } finally {
      lock.unlock();
    }
  }

  private IllegalStateException busy(String name) {
    return new IllegalStateException(
        name
            + ": "
            + call
            + " is running in thread "
            + thread.getName()
            + "; the "
            + owner
            + " take one call at a time");
  }

  /** Ends the call. */
  void end() {
    lock.lock();
    try {
      thread = null;
      idle.signalAll();
    } finally {
      lock.unlock();
    }
  }
}
