package org.alexnet4j.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.alexnet4j.data.message.DataException;

/**
 * Reads every image of a data set once, or some of them, with several threads.
 *
 * @hidden
 */
public final class ParallelPass {
  /** What one thread does with the images that it reads. */
  interface Visitor {
    /**
     * Takes one image.
     *
     * @param failure why it could not be read, or null
     * @throws IOException to stop the pass
     */
    void visit(int index, byte[] pixels, DataException failure) throws IOException;
  }

  private final Dataset images;
  private final int count;
  // Guarded by this. Places are handed out in order, so the first place that fails is always
  // reached.
  private int next;
  private int failedAt;
  private Throwable failure;

  private ParallelPass(Dataset images, int count) {
    this.images = images;
    this.count = count;
    this.failedAt = count;
  }

  /**
   * Visits {@code count} images, spread evenly over the set; each visitor has its own thread.
   *
   * @param count images to visit; all of them if it is the size of the set
   * @throws IOException the failure of the first image, by index, that failed
   */
  static void run(Dataset images, int count, Visitor[] visitors) throws IOException {
    ParallelPass pass = new ParallelPass(images, count);
    Thread[] threads = new Thread[visitors.length];
    for (int t = 0; t < threads.length; t++) {
      Visitor visitor = visitors[t];
      threads[t] = new Thread(() -> pass.work(visitor), "alexnet-pass-" + t);
      threads[t].setDaemon(true);
      threads[t].start();
    }
    join(threads);
    pass.rethrow();
  }

  private void work(Visitor visitor) {
    int place = -1;
    try {
      place = take();
      byte[] pixels = new byte[images.imageBytes()];
      while (place >= 0) {
        visit(index(place), pixels, visitor);
        place = take();
      }
    } catch (Throwable e) { // Whatever happened belongs to the caller, who waits for it.
      fail(Math.max(0, place), e);
    }
  }

  private synchronized int take() {
    return next < failedAt ? next++ : -1;
  }

  private synchronized void fail(int place, Throwable cause) {
    if (failure == null || place < failedAt) {
      failedAt = place;
      failure = cause;
    }
  }

  private int index(int place) {
    return (int) ((long) place * images.size() / count);
  }

  private void visit(int index, byte[] pixels, Visitor visitor) throws IOException {
    DataException unreadable = null;
    try {
      images.read(index, ByteBuffer.wrap(pixels));
    } catch (DataException e) {
      unreadable = e;
    }
    visitor.visit(index, pixels, unreadable);
  }

  /**
   * Waits for the end of all threads, also where the one that waits is interrupted.
   *
   * @param threads that were started
   */
  public static void join(Thread[] threads) {
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true; // The visitors belong to the threads until they have ended.
        }
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Called after all threads have ended. */
  private void rethrow() throws IOException {
    if (failure != null) {
      ReadFailures.rethrow(images, index(failedAt), failure);
    }
  }
}
