package org.alexnet4j.data;

import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The batches under way between the loader threads and their consumer.
 *
 * <p>Batches are numbered in the order of the run; batch s lives in slot s modulo the number of
 * slots. A thread claims a few images of the earliest batch that has any left, so all threads work
 * on what is needed first. The consumer holds one slot; a slot is filled again only after the
 * consumer gave it back or came for the next batch, and a device that copies from it has done so.
 */
final class BatchRing implements AutoCloseable {
  /**
   * Images per claim: far fewer than a batch, so that threads share it; enough that the lock is not
   * felt.
   */
  private static final int CLAIM = 4;

  /** How often the consumer looks whether the threads that it waits for are still there. */
  private static final long LOOK_MILLIS = 500;

  /** What the batches are made of. */
  record Source(
      Dataset dataset, int batch, int steps, long seed, boolean shuffled, Augmentation windows) {}

  private static final class Slot {
    final Batch batch;
    int unread; // images not yet read; the batch is complete at 0
    int failedAt; // smallest place of an image that could not be read
    Throwable failure;

    Slot(Batch batch) {
      this.batch = batch;
    }
  }

  private final Source source;
  private final BatchMemory memory;
  private final Slot[] slots;
  private final Thread[] threads;
  private final long end;
  private final EpochOrder order;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition claimable = lock.newCondition();
  private final Condition complete = lock.newCondition();
  // All below are guarded by lock.
  private long claiming; // batch whose images are being claimed
  private int claimed; // images of it already claimed; 0: it is not prepared yet
  private long handing; // next batch for the consumer
  private long returned; // batches before this one may be overwritten
  private long waitedNanos;
  private Throwable broken; // a thread ended before its time
  private volatile boolean closed;

  /**
   * Starts the threads.
   *
   * @param memory where the batches' images lie
   * @param first number of the first batch, counted from the start of epoch 0
   * @param end number behind the last batch
   */
  BatchRing(
      Source source, Batch[] batches, BatchMemory memory, long first, long end, int threadCount) {
    this.source = source;
    this.memory = memory;
    this.slots = new Slot[batches.length];
    for (int i = 0; i < slots.length; i++) {
      slots[i] = new Slot(batches[i]);
    }
    this.end = end;
    this.order = new EpochOrder(source.dataset.size(), source.seed, source.shuffled);
    this.claiming = first;
    this.handing = first;
    this.returned = first;
    this.threads = new Thread[threadCount];
    for (int i = 0; i < threadCount; i++) {
      threads[i] = new Thread(this::work, "alexnet-loader-" + i);
      threads[i].setDaemon(true);
      threads[i].start();
    }
  }

  Batch next() throws IOException {
    lock.lock();
    try {
      giveBack();
      if (handing == end) {
        return null;
      }
      Slot slot = slot(handing);
      long start = System.nanoTime();
      while (broken == null && !isComplete()) {
        complete.await(LOOK_MILLIS, TimeUnit.MILLISECONDS);
        requireThreads();
      }
      waitedNanos += System.nanoTime() - start;
      if (broken != null) {
        throwBroken();
      }
      if (slot.failure != null) {
        rethrow(slot);
      }
      handing++;
      return slot.batch;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while waiting for a batch");
    } finally {
      lock.unlock();
    }
  }

  /** The consumer has the batch that was handed out no more. */
  void release() {
    lock.lock();
    try {
      giveBack();
    } finally {
      lock.unlock();
    }
  }

  /** Lets what was handed out be filled again; with the lock held. */
  private void giveBack() {
    if (returned < handing) {
      returned = handing;
      claimable.signalAll();
    }
  }

  /** Returns whether {@link #next} would wait for nobody. */
  boolean isReady() {
    lock.lock();
    try {
      return handing == end || broken != null || isComplete();
    } finally {
      lock.unlock();
    }
  }

  /** Returns whether the batch that is handed out next has all its images; with the lock held. */
  private boolean isComplete() {
    return claiming != handing && slot(handing).unread == 0;
  }

  /**
   * A thread that ends says why. Should one have found no way to say it, as when there is no memory
   * left for that either, the consumer must not wait for it.
   */
  private void requireThreads() {
    for (Thread thread : threads) {
      if (broken == null && !thread.isAlive() && !closed) {
        broken = new IllegalStateException(thread.getName() + " has ended without a word");
      }
    }
  }

  private void throwBroken() {
    if (broken instanceof Error error) {
      throw error;
    }
    throw new IllegalStateException("a loader thread failed: " + broken, broken);
  }

  Duration waited() {
    lock.lock();
    try {
      return Duration.ofNanos(waitedNanos);
    } finally {
      lock.unlock();
    }
  }

  @Override
  public void close() {
    closed = true;
    lock.lock();
    try {
      claimable.signalAll();
    } finally {
      lock.unlock();
    }
    boolean interrupted = false;
    for (Thread thread : threads) {
      while (thread.isAlive()) {
        try {
          thread.join();
        } catch (InterruptedException e) {
          interrupted = true; // The buffers belong to the threads until they have ended.
        }
      }
    }
    for (Slot slot : slots) {
      slot.batch.end();
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  private Slot slot(long number) {
    return slots[(int) (number % slots.length)];
  }

  private void work() {
    try {
      fillUntilClosed();
    } catch (Throwable e) { // Whatever happened belongs to the consumer, who waits for it.
      lock.lock();
      try {
        broken = broken == null ? e : broken;
        complete.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private void fillUntilClosed() {
    while (true) {
      Slot slot;
      int from;
      int to;
      lock.lock();
      try {
        while (!closed && (claiming == end || claiming - returned >= slots.length)) {
          claimable.awaitUninterruptibly();
        }
        if (closed) {
          return;
        }
        slot = slot(claiming);
        if (claimed == 0) {
          prepare(slot, claiming);
        }
        from = claimed;
        to = Math.min(slot.batch.own(), from + CLAIM);
        claimed = to;
        if (to == slot.batch.own()) {
          claiming++;
          claimed = 0;
        }
      } finally {
        lock.unlock();
      }
      fill(slot, from, to);
    }
  }

  /**
   * Decides what a batch will hold: images, labels, windows, noise. Cheap, so it happens under the
   * lock.
   */
  private void prepare(Slot slot, long number) {
    int epoch = (int) (number / source.steps);
    int step = (int) (number % source.steps);
    int first = step * source.batch;
    int count = Math.min(source.batch, source.dataset.size() - first);
    Batch batch = slot.batch;
    batch.begin(count, epoch, step);
    for (int i = 0; i < count; i++) {
      int index = order.at(epoch, first + i);
      batch.indices()[i] = index;
      batch.labels()[i] = source.dataset.label(index);
      source.windows.window(
          source.seed, epoch, index, first + i, batch.source(), batch.crops(), 3 * i);
      if (batch.noise() != null) {
        source
            .windows
            .noise()
            .get()
            .draw(source.seed, epoch, index, batch.noise(), ColourNoise.VALUES * i);
      }
    }
    slot.unread = batch.own();
    slot.failure = null;
    slot.failedAt = count;
  }

  private void fill(Slot slot, int from, int to) {
    int bytes = source.dataset.imageBytes();
    memory.awaitUnread(slot.batch.images());
    ByteBuffer target = slot.batch.images().duplicate();
    int failedAt = to; // counted through the own images, as from and to
    Throwable failure = null;
    for (int i = from; i < to && failure == null && !closed; i++) {
      try {
        target.limit((i + 1) * bytes).position(i * bytes);
        source.dataset.read(slot.batch.indices()[slot.batch.firstOwn() + i], target);
      } catch (Throwable e) { // Whatever happened belongs to the consumer, who waits for it.
        failure = e;
        failedAt = i;
      }
    }
    lock.lock();
    try {
      if (failure != null && failedAt < slot.failedAt) {
        slot.failure = failure;
        slot.failedAt = failedAt;
      }
      slot.unread -= to - from;
      if (slot.unread == 0) {
        complete.signalAll();
      }
    } finally {
      lock.unlock();
    }
  }

  private void rethrow(Slot slot) throws IOException {
    ReadFailures.rethrow(
        source.dataset, slot.batch.indices()[slot.batch.firstOwn() + slot.failedAt], slot.failure);
  }
}
