package org.alexnet4j.tower.link;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.common.util.concurrent.Uninterruptibles;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Moves between ranks beside which a tower goes on, one after another in the order in which they
 * were begun, which is the same on all ranks. Threads: the tower's.
 */
public final class RankMover implements AutoCloseable {
  private final ExecutorService thread;
  private volatile Future<?> last;

  /** Starts a thread with a name. */
  public RankMover(String name) {
    thread =
        Executors.newSingleThreadExecutor(
            new ThreadFactoryBuilder().setNameFormat(name).setDaemon(true).build());
  }

  /** Returns whether nothing is under way. */
  public boolean isIdle() {
    return last == null || last.isDone();
  }

  /**
   * Begins a move of what is complete on its tower's stream.
   *
   * @param counts whether its time is added up
   */
  public Future<?> begin(RankMove move, boolean counts) {
    move.begin(counts);
    last = thread.submit(move::move);
    return last;
  }

  /** Waits for the end of a move that was begun. */
  public void await(RankMove move, Future<?> begun) {
    long start = System.nanoTime();
    try {
      Uninterruptibles.getUninterruptibly(begun);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RuntimeException failure) {
        throw failure;
      }
      throw new IllegalStateException("a move between ranks failed", e.getCause());
    }
    move.waited(System.nanoTime() - start);
    move.end();
  }

  /** Ends the thread; a move that waits for other ranks keeps it until that ends. */
  @Override
  public void close() {
    thread.shutdown();
  }
}
