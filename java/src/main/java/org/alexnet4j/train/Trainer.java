package org.alexnet4j.train;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.function.IntUnaryOperator;
import org.alexnet4j.config.TrainingSpec;
import org.alexnet4j.data.Batch;
import org.alexnet4j.run.DivergedException;
import org.alexnet4j.run.Progress;
import org.alexnet4j.run.ScheduleState;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;

/**
 * Does one update after another and knows where the run stands. The loop belongs to the caller:
 *
 * <pre>{@code
 * Trainer trainer = new Trainer(towers, spec, loader.stepsPerEpoch(), Progress.START);
 * for (Batch batch : loader) {
 *   StepResult result = trainer.step(batch);
 * }
 * }</pre>
 *
 * <p>{@link #queue} and {@link #await} do the same one step apart: the devices go from one step to
 * the next, and images arrive meanwhile.
 *
 * <p>Threads: one caller.
 */
public final class Trainer {
  private final Towers towers;
  private final Schedule schedule;
  private final IntUnaryOperator stepsOfEpoch;
  private final Queue<Long> queued = new ArrayDeque<>(); // steps that were not awaited
  private Progress progress;

  /**
   * Creates a trainer.
   *
   * @param towers with a training plan, parameters and mean written
   * @param spec rates and momentum
   * @param stepsPerEpoch updates in one pass over the data
   * @param progress where to go on; {@link Progress#START} for a new run
   */
  public Trainer(Towers towers, TrainingSpec spec, int stepsPerEpoch, Progress progress) {
    this(towers, new Schedule(spec, ScheduleState.START), epoch -> stepsPerEpoch, progress);
  }

  /**
   * Creates a trainer whose rates depend on what a schedule has seen.
   *
   * @param stepsOfEpoch updates in an epoch, from 0
   */
  Trainer(Towers towers, Schedule schedule, IntUnaryOperator stepsOfEpoch, Progress progress) {
    this.towers = towers;
    this.schedule = schedule;
    this.stepsOfEpoch = stepsOfEpoch;
    this.progress = progress;
  }

  /** {@return what the next step is} */
  public Progress progress() {
    return progress;
  }

  /** Returns the updates of the next step's epoch. */
  int stepsPerEpoch() {
    return stepsOfEpoch.applyAsInt(progress.epoch());
  }

  /** {@return the learning rate of the weights in the next step} */
  public float rate() {
    return schedule.rate(progress, stepsPerEpoch());
  }

  /** Returns what the next step is told beside its batch. */
  StepSettings settings() {
    int steps = stepsPerEpoch();
    return new StepSettings(
        progress.step(),
        schedule.rate(progress, steps),
        schedule.biasRate(progress, steps),
        schedule.momentum(),
        schedule.factors(progress.epoch()));
  }

  /**
   * Trains on one batch: forward, exchange, backward and update on all towers.
   *
   * @param batch the next one of the loader
   * @return loss and errors of the forward pass, before the update
   * @throws DivergedException if the loss is not finite
   */
  public StepResult step(Batch batch) {
    towers.load(batch.count(), batch.images(), batch.crops(), batch.noise(), batch.labels());
    StepResult result = towers.step(settings());
    if (!Double.isFinite(result.lossSum())) {
      throw DivergedException.ofLoss(progress.step(), result.lossSum());
    }
    progress = progress.next(stepsPerEpoch());
    return result;
  }

  /**
   * Begins what {@link #step} does; the batch may be given back once its memory says so. Two steps
   * may be open.
   *
   * @param batch the next one of the loader
   */
  public void queue(Batch batch) {
    towers.load(batch.count(), batch.images(), batch.crops(), batch.noise(), batch.labels());
    towers.queueStep(settings());
    queued.add(progress.step());
    progress = progress.next(stepsPerEpoch());
  }

  /** {@return how many steps are open} */
  public int open() {
    return queued.size();
  }

  /**
   * Waits for the first step that is open.
   *
   * @return loss and errors of its batch
   * @throws DivergedException if its loss is not finite; a step that was queued behind it is still
   *     open
   */
  public StepResult await() {
    StepResult result = towers.awaitStep();
    long step = queued.remove();
    if (!Double.isFinite(result.lossSum())) {
      throw DivergedException.ofLoss(step, result.lossSum());
    }
    return result;
  }

  /** Waits for all open steps, whatever they gave. */
  void discard() {
    while (!queued.isEmpty()) {
      towers.awaitStep();
      queued.remove();
    }
  }
}
