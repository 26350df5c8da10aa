package org.alexnet4j.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/** Reads every image of a data set once, with several threads. */
final class ParallelPass {
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

  private ParallelPass() {}

  /**
   * Visits all images; each visitor has its own thread.
   *
   * @throws IOException the failure of the first image, by index, that failed
   */
  static void run(Dataset images, Visitor[] visitors) throws IOException {
    AtomicInteger next = new AtomicInteger();
    AtomicInteger failedAt = new AtomicInteger(Integer.MAX_VALUE);
    Throwable[] failures = new Throwable[visitors.length];
    int[] failedIndex = new int[visitors.length];
    Thread[] threads = new Thread[visitors.length];
    for (int t = 0; t < threads.length; t++) {
      int own = t;
      threads[t] =
          new Thread(
              () -> {
                byte[] pixels = new byte[images.imageBytes()];
                int index = next.getAndIncrement();
                // Images before a failed one are still read: the first of all failures is told.
                while (index < images.size() && index < failedAt.get()) {
                  try {
                    visit(images, index, pixels, visitors[own]);
                  } catch (Throwable e) {
                    failures[own] = e;
                    failedIndex[own] = index;
                    failedAt.accumulateAndGet(index, Math::min);
                    return;
                  }
                  index = next.getAndIncrement();
                }
              },
              "alexnet-pass-" + t);
      threads[t].setDaemon(true);
      threads[t].start();
    }
    join(threads);
    for (int t = 0; t < threads.length; t++) {
      if (failures[t] != null && failedIndex[t] == failedAt.get()) {
        rethrow(images.name(failedIndex[t]), failures[t]);
      }
    }
  }

  private static void visit(Dataset images, int index, byte[] pixels, Visitor visitor)
      throws IOException {
    DataException failure = null;
    try {
      images.read(index, ByteBuffer.wrap(pixels));
    } catch (DataException e) {
      failure = e;
    }
    visitor.visit(index, pixels, failure);
  }

  private static void join(Thread[] threads) {
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

  private static void rethrow(String name, Throwable failure) throws IOException {
    if (failure instanceof IOException e) {
      throw e;
    }
    throw new IllegalStateException(name + ": reading failed: " + failure, failure);
  }
}
