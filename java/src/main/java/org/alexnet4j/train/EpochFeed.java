package org.alexnet4j.train;

import java.io.IOException;
import java.time.Duration;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.run.Progress;

/**
 * The batches of a run from some step on. Each stage has a loader of its own, over its own images;
 * the next one is opened when a step of its stage is asked for. Threads: one caller.
 */
final class EpochFeed implements AutoCloseable {
  private final Loaders loaders;
  private BatchLoader loader; // null before the first step
  private int stage;
  private Duration waitedBefore = Duration.ZERO; // for loaders that are closed

  /** Makes a loader of the run's batches. */
  interface Loaders {
    /** Returns one that begins at a place of the run. */
    BatchLoader at(Progress progress) throws IOException;

    /** Returns the stage of an epoch, from 0. */
    int stage(int epoch);
  }

  EpochFeed(Loaders loaders) {
    this.loaders = loaders;
  }

  /**
   * Returns the batch of a step, which follows the one before or is the first.
   *
   * @throws IOException if it cannot be read
   */
  Batch next(Progress at) throws IOException {
    return loader(at).next();
  }

  /** Gives the last batch back before the next one is asked for. */
  void release() {
    if (loader != null) {
      loader.release();
    }
  }

  /** Returns whether the batch of a step is there. */
  boolean isReady(Progress at) throws IOException {
    return loader(at).isReady();
  }

  /** Returns how long steps have waited for images so far. */
  Duration waited() {
    return loader == null ? waitedBefore : waitedBefore.plus(loader.waited());
  }

  private BatchLoader loader(Progress at) throws IOException {
    if (loader != null && stage != loaders.stage(at.epoch())) {
      close();
    }
    if (loader == null) {
      loader = loaders.at(at);
      stage = loaders.stage(at.epoch());
    }
    return loader;
  }

  @Override
  public void close() {
    if (loader != null) {
      waitedBefore = waited();
      loader.close();
      loader = null;
    }
  }
}
