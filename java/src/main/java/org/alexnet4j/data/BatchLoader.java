package org.alexnet4j.data;

import static com.google.common.base.Preconditions.checkArgument;
import static com.google.common.base.Preconditions.checkState;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.alexnet4j.data.message.DataException;

/**
 * Cuts a data set into batches and prepares them ahead of time in its own threads.
 *
 * <pre>{@code
 * try (BatchLoader loader =
 *     BatchLoader.of(train, 128).seed(7).augmentation(Augmentation.paper2012(224)).epochs(90)) {
 *   for (Batch batch : loader) { ... }
 * }
 * }</pre>
 *
 * <p>The batches are a pure function of (data, batch size, seed, augmentation, epoch, step): the
 * number of threads, the prefetching and the start position change nothing. Settings are closed
 * with the first batch. One thread consumes; the loader does not close the data set.
 */
public final class BatchLoader implements Iterable<Batch>, AutoCloseable {
  private final Dataset dataset;
  private final int batch;
  private final boolean shuffled;
  private boolean keepShort;
  private int part;
  private int parts = 1;
  private long seed;
  private int threads = Math.max(1, Math.min(8, Runtime.getRuntime().availableProcessors() - 1));
  private int prefetch = 2;
  private int epochs = 1;
  private int startEpoch;
  private int startStep;
  private Augmentation augmentation;
  private BatchMemory memory = ByteBuffer::allocateDirect;
  private BatchRing ring;
  private boolean closed;

  private BatchLoader(Dataset dataset, int batch, boolean shuffled) {
    checkArgument(batch >= 1, "batch of %s images; allowed: 1 or more", batch);
    checkArgument(dataset.size() >= 1, "the data set has no image");
    this.dataset = dataset;
    this.batch = batch;
    this.shuffled = shuffled;
    this.keepShort = !shuffled;
    this.augmentation = Augmentation.centre(dataset.source());
  }

  /**
   * {@return a loader for training: every epoch in another order; images that fill no whole batch
   * are left out}
   *
   * @param dataset what is read; it stays the caller's
   * @param batch images per step
   */
  public static BatchLoader of(Dataset dataset, int batch) {
    return new BatchLoader(dataset, batch, true);
  }

  /**
   * {@return a loader for testing: the data set's own order, every image once; the last batch may
   * be short}
   *
   * @param dataset what is read; it stays the caller's
   * @param batch images at a time
   */
  public static BatchLoader sequential(Dataset dataset, int batch) {
    return new BatchLoader(dataset, batch, false);
  }

  /**
   * Sets the seed of order, windows and noise; 0 unless set.
   *
   * @param value the seed
   * @return this
   */
  public BatchLoader seed(long value) {
    open().seed = value;
    return this;
  }

  /**
   * Sets the number of loader threads; one less than the processors, at most 8, unless set.
   *
   * @param count threads, 1 or more
   * @return this
   */
  public BatchLoader threads(int count) {
    checkArgument(count >= 1, "%s loader threads; allowed: 1 or more", count);
    open().threads = count;
    return this;
  }

  /**
   * Sets how many batches are prepared ahead of the one in use; 2 unless set. With 0 the next one
   * is prepared once this one was given back.
   *
   * @param batches batches, 0 or more
   * @return this
   */
  public BatchLoader prefetch(int batches) {
    checkArgument(batches >= 0, "%s batches ahead; allowed: 0 or more", batches);
    open().prefetch = batches;
    return this;
  }

  /**
   * Sets windows and noise; the whole image unless set.
   *
   * @param value windows and noise
   * @return this
   */
  public BatchLoader augmentation(Augmentation value) {
    checkArgument(
        value.size() <= dataset.source(),
        "a window of %s pixels does not fit into images of %s",
        value.size(),
        dataset.source());
    open().augmentation = value;
    return this;
  }

  /**
   * Sets how many epochs there are in all, counted from epoch 0; 1 unless set.
   *
   * @param count epochs, 1 or more
   * @return this
   */
  public BatchLoader epochs(int count) {
    checkArgument(count >= 1, "%s epochs; allowed: 1 or more", count);
    open().epochs = count;
    return this;
  }

  /**
   * Starts in the middle of a run, where a checkpoint was written.
   *
   * @param epoch from 0
   * @param step from 0; {@link #stepsPerEpoch} means the start of the next epoch
   * @return this
   */
  public BatchLoader startAt(int epoch, int step) {
    checkArgument(epoch >= 0 && step >= 0, "start at epoch %s, step %s", epoch, step);
    open().startEpoch = epoch;
    startStep = step;
    return this;
  }

  /**
   * Keeps a last batch that is not full also in training.
   *
   * @return this
   */
  public BatchLoader keepShort() {
    open().keepShort = true;
    return this;
  }

  /**
   * Reads the pixels of a part of each batch only; labels, windows and noise are those of all.
   *
   * @param index which part, from 0
   * @param count how many parts there are; they divide the batch
   * @return this
   */
  public BatchLoader part(int index, int count) {
    checkArgument(
        count >= 1 && batch % count == 0 && index >= 0 && index < count,
        "part %s of %s of a batch of %s images",
        index,
        count,
        batch);
    open().part = index;
    parts = count;
    return this;
  }

  /**
   * Sets where images lie, such as in memory from which devices copy by themselves; the loader
   * closes it. Plain direct memory unless set.
   *
   * @param value where images lie
   * @return this
   */
  public BatchLoader memory(BatchMemory value) {
    open().memory = value;
    return this;
  }

  /** {@return the number of batches in an epoch} */
  public int stepsPerEpoch() {
    int steps = keepShort ? (dataset.size() + batch - 1) / batch : dataset.size() / batch;
    checkArgument(
        steps > 0,
        "a batch of %s images is larger than the data set; allowed: 1 to %s",
        batch,
        dataset.size());
    return steps;
  }

  /**
   * {@return the next batch, or null after the last} The batch before it is taken back and its
   * buffers are filled anew.
   *
   * @throws DataException if an image of this batch cannot be decoded; the message names it
   * @throws IOException if it cannot be read
   */
  public Batch next() throws IOException {
    return ring().next();
  }

  /**
   * Gives the batch in use back before the next one is asked for; nobody may touch it any more. Its
   * images are filled anew once their memory says that they are unread.
   */
  public void release() {
    ring().release();
  }

  /** {@return whether {@link #next} would return, or fail, at once} */
  public boolean isReady() {
    return ring().isReady();
  }

  private BatchRing ring() {
    checkState(!closed, "the loader is closed");
    if (ring == null) {
      ring = start();
    }
    return ring;
  }

  /** {@return how long {@link #next} has waited for loader threads so far} */
  public Duration waited() {
    return ring == null ? Duration.ZERO : ring.waited();
  }

  /**
   * Iterates over the batches that are left; a failure to read is an {@link UncheckedIOException}.
   */
  @Override
  public Iterator<Batch> iterator() {
    return new Iterator<>() {
      private Batch upcoming;
      private boolean asked;

      @Override
      public boolean hasNext() {
        if (!asked) {
          try {
            upcoming = BatchLoader.this.next();
          } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
          }
          asked = true;
        }
        return upcoming != null;
      }

      @Override
      public Batch next() {
        if (!hasNext()) {
          throw new NoSuchElementException("no batch left");
        }
        asked = false;
        return upcoming;
      }
    };
  }

  /**
   * Stops the loader threads and waits for them: no longer than one image takes. The images of its
   * batches are gone then. May be called twice.
   */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (ring != null) {
      ring.close();
    }
    memory.close();
  }

  private BatchLoader open() {
    checkState(ring == null && !closed, "settings cannot change after the first batch");
    return this;
  }

  private BatchRing start() {
    int steps = stepsPerEpoch();
    checkArgument(
        startStep <= steps,
        "start at step %s of epoch %s; allowed: 0 to %s",
        startStep,
        startEpoch,
        steps);
    long first = (long) startEpoch * steps + startStep;
    long last = (long) epochs * steps;
    checkArgument(first <= last, "start at epoch %s of %s epochs", startEpoch, epochs);
    BatchRing.Source source =
        new BatchRing.Source(dataset, batch, steps, seed, shuffled, augmentation);
    Batch[] slots = new Batch[1 + (int) Math.min(prefetch, Math.max(0, last - first - 1))];
    for (int i = 0; i < slots.length; i++) {
      slots[i] =
          new Batch(
              batch,
              part * (batch / parts),
              batch / parts,
              dataset.source(),
              augmentation.noise().isPresent(),
              memory::allocate);
    }
    return new BatchRing(source, slots, memory, first, last, threads);
  }
}
