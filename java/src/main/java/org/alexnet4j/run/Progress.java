package org.alexnet4j.run;

/**
 * Where a training run stands: what the next step is.
 *
 * @param step updates done
 * @param epoch epoch of the next step, from 0
 * @param stepInEpoch place of the next step in its epoch, from 0
 */
public record Progress(long step, int epoch, int stepInEpoch) {

  /** The beginning. */
  public static final Progress START = new Progress(0, 0, 0);

  /**
   * {@return where the run stands after one more step}
   *
   * @param stepsPerEpoch steps of an epoch
   */
  public Progress next(int stepsPerEpoch) {
    boolean wraps = stepInEpoch + 1 >= stepsPerEpoch;
    return new Progress(step + 1, wraps ? epoch + 1 : epoch, wraps ? 0 : stepInEpoch + 1);
  }
}
