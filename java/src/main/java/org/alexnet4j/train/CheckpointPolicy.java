package org.alexnet4j.train;

import org.alexnet4j.run.Progress;

/**
 * When checkpoints are written and which are kept.
 *
 * <p>Between two of them lies one more, halfway, that goes with the next: a checkpoint is still
 * being written while training is past it, so that with one per interval a crash could lose almost
 * two intervals. With two, the newest whole one is never further back than one interval.
 *
 * @param everySteps steps between them, or 0 for one at the end of each epoch
 * @param keepLast how many of the newest stay, at least 1
 * @param keepBest whether the one with the lowest held-out top-1 error stays as well
 * @param keepEveryEpochs the first one of every this many epochs stays as well; 0 for none
 */
public record CheckpointPolicy(
    long everySteps, int keepLast, boolean keepBest, int keepEveryEpochs) {

  /** One at the end of each epoch; the newest two and the best stay. */
  public static final CheckpointPolicy DEFAULT = new CheckpointPolicy(0, 2, true, 0);

  /**
   * Checks the values.
   *
   * @param everySteps steps between them, or 0 for one at the end of each epoch
   * @param keepLast how many of the newest stay, at least 1
   * @param keepBest whether the one with the lowest held-out top-1 error stays as well
   * @param keepEveryEpochs the first one of every this many epochs stays as well; 0 for none
   */
  public CheckpointPolicy {
    if (everySteps < 0 || keepLast < 1 || keepEveryEpochs < 0) {
      throw new IllegalArgumentException(
          "checkpoints every "
              + everySteps
              + " steps, the last "
              + keepLast
              + " and every "
              + keepEveryEpochs
              + " epochs kept; allowed: 0 or more, 1 or more, 0 or more");
    }
  }

  /**
   * {@return the same with another distance in steps}
   *
   * @param steps steps between them, or 0 for one at the end of each epoch
   */
  public CheckpointPolicy withEverySteps(long steps) {
    return new CheckpointPolicy(steps, keepLast, keepBest, keepEveryEpochs);
  }

  /** Returns whether a checkpoint is due before a step. */
  boolean due(Progress next) {
    return everySteps > 0 ? next.step() % everySteps == 0 : next.stepInEpoch() == 0;
  }

  /** Returns whether a step lies in the middle of an interval; never if that is a single step. */
  boolean halfway(Progress next, int stepsPerEpoch) {
    long place = everySteps > 0 ? next.step() % everySteps : next.stepInEpoch();
    return place > 0 && place == interval(stepsPerEpoch) / 2;
  }

  /** Returns the steps from one checkpoint to the next: how many a crash may lose. */
  long interval(int stepsPerEpoch) {
    return everySteps > 0 ? everySteps : stepsPerEpoch;
  }
}
