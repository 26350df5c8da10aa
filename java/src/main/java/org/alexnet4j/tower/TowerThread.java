package org.alexnet4j.tower;

import com.google.common.util.concurrent.Uninterruptibles;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** The thread of one tower: waits for work, does it, says so. Threads: one coordinator. */
final class TowerThread implements AutoCloseable {
  private final Semaphore start = new Semaphore(0);
  private final Semaphore done = new Semaphore(0);
  private final Thread thread;
  private volatile Runnable work;
  private boolean busy;
  private boolean closed;

  TowerThread(String name) {
    thread = new Thread(this::loop, name);
    thread.setDaemon(true);
    thread.start();
  }

  private void loop() {
    while (true) {
      start.acquireUninterruptibly();
      Runnable task = work;
      if (task == null) {
        return;
      }
      work = null;
      try {
        task.run();
      } finally {
        done.release();
      }
    }
  }

  /** Starts work that must not throw. */
  void begin(Runnable task) {
    work = task;
    busy = true;
    start.release();
  }

  /**
   * Waits for the end of the work.
   *
   * @param millis at most so long
   * @return whether it has ended
   */
  boolean await(long millis) {
    if (busy) {
      busy = !Uninterruptibles.tryAcquireUninterruptibly(done, millis, TimeUnit.MILLISECONDS);
    }
    return !busy;
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      start.release();
    }
  }
}
