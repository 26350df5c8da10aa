package org.alexnet4j.train;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.ranks.RankTexts;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.DivergedException;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.tower.ParameterSnapshot;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.Towers;

/**
 * Writes checkpoints in a thread of its own, so that a step waits for a copy in memory only. Where
 * memory counts more ({@code memory: recompute}), one process writes them between two steps
 * instead, without a copy.
 *
 * <p>There is one copy. A checkpoint that comes while the one before it is still being written
 * waits for it: disks that are slower than half an interval slow training down instead of piling up
 * memory or losing more to a crash. Threads: one caller.
 */
final class CheckpointWriter implements AutoCloseable {
  private final RunFolder folder;
  private final CheckpointList list;
  private final MetricsLog metrics;
  private final ParameterSnapshot snapshot; // null if there is no copy
  private final List<TensorSpec> tensors;
  private final Checkpoint.Source source;
  private final boolean leads;
  private final double lowestError;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          new ThreadFactoryBuilder().setNameFormat("checkpoint-writer").setDaemon(true).build());
  private Future<Path> running;
  private long whole;
  private long waitedNanos;

  /**
   * Makes a writer for a network in training.
   *
   * @param metrics what must be in its files before a checkpoint of the same step is
   * @param step where the run stands: at its start, or at the checkpoint it goes on from
   * @param options of the run; of several ranks the first one writes
   */
  CheckpointWriter(
      RunFolder folder,
      CheckpointList list,
      MetricsLog metrics,
      Towers towers,
      long step,
      RunOptions options) {
    this.whole = step;
    this.leads = options.leads();
    this.lowestError =
        options
            .ranks()
            .map(
                ranks ->
                    Double.parseDouble(
                        RankTexts.ofFirst(
                            ranks, Ranks.CONTROL, Double.toString(list.lowestError()))))
            .orElse(list.lowestError());
    this.folder = folder;
    this.list = list;
    this.metrics = metrics;
    boolean copied = !towers.plan().slicing().recompute() || options.ranks().isPresent();
    this.snapshot = copied ? new ParameterSnapshot(towers) : null;
    this.tensors = TensorSpec.of(towers.plan());
    this.source = copied ? snapshot::read : new ParameterStore(towers)::read;
  }

  /**
   * Copies weights and velocities and starts to write them; without a copy they are written when
   * this returns, or {@link #await} says why not.
   *
   * @return the checkpoint before, if it was still to be reported; null if there is none
   * @throws IOException if the checkpoint before could not be written
   */
  Path save(Checkpoint.Content content) throws IOException {
    Path before = await();
    if (snapshot == null) {
      FutureTask<Path> now = new FutureTask<>(() -> write(content));
      now.run();
      running = now;
      return before;
    }
    snapshot.take();
    if (!leads) {
      whole = content.progress().step();
      return before;
    }
    running = thread.submit(() -> write(content));
    return before;
  }

  private Path write(Checkpoint.Content content) throws IOException {
    Path file = folder.checkpoint(content.progress().step());
    metrics.await();
    Checkpoint.write(file, tensors, source, content);
    list.add(file, content);
    return file;
  }

  /**
   * Returns a checkpoint that is complete and was not reported yet, or null.
   *
   * @throws IOException if it could not be written
   */
  Path poll() throws IOException {
    return running != null && running.isDone() ? await() : null;
  }

  /**
   * Waits for the checkpoint that is being written.
   *
   * @return its file, or null if there is none
   * @throws IOException if it could not be written
   * @throws DivergedException if a value of it is no number
   */
  Path await() throws IOException {
    if (running == null) {
      return null;
    }
    long start = System.nanoTime();
    Future<Path> last = running;
    running = null;
    try {
      Path file = last.get();
      whole = RunFolder.step(file);
      return file;
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException failure) {
        throw failure;
      }
      if (e.getCause() instanceof DivergedException diverged) {
        throw diverged;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw new IllegalStateException("a checkpoint could not be written", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while a checkpoint was written", e);
    } finally {
      waitedNanos += System.nanoTime() - start;
    }
  }

  /** Returns the step at which a crash would let the run begin anew, as far as is known. */
  long whole() {
    return whole;
  }

  /** Returns the lowest held-out error of a checkpoint in the folder; infinite if there is none. */
  double lowestError() {
    return lowestError;
  }

  /** Returns how long training has waited for files so far. */
  Duration waited() {
    return Duration.ofNanos(waitedNanos);
  }

  /** Lets a checkpoint that is being written come to its end. */
  @Override
  public void close() {
    thread.shutdown();
    try {
      thread.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
