package org.alexnet4j.run;

import com.google.common.collect.ImmutableList;

/**
 * How far the stages of a run came.
 *
 * @param begins epoch at which each stage began, from 0; one more than there are stages when all
 *     have ended
 * @param losses mean training loss of the last epoch of each stage that has ended
 * @param best lowest loss of held-out images in the present stage, or infinity before the first
 * @param without epochs since then that did not improve on it
 * @param lossSum sum of the training losses of the images in the present epoch so far
 * @param images how many these are
 */
public record StageState(
    ImmutableList<Integer> begins,
    ImmutableList<Double> losses,
    double best,
    int without,
    double lossSum,
    long images) {
  /** At the beginning. */
  public static final StageState START =
      new StageState(ImmutableList.of(0), ImmutableList.of(), Double.POSITIVE_INFINITY, 0, 0, 0);

  /**
   * {@return the stage of an epoch, from 0}
   *
   * @param epoch from 0
   */
  public int stageAt(int epoch) {
    int stage = 0;
    while (stage + 1 < begins.size() && begins.get(stage + 1) <= epoch) {
      stage++;
    }
    return stage;
  }

  /** {@return the stage that began last, from 0} */
  public int present() {
    return begins.size() - 1;
  }

  /** {@return the mean training loss of the present epoch's images so far} */
  public double loss() {
    return lossSum / images;
  }

  /**
   * {@return the same after another step}
   *
   * @param sumOfLosses over some images
   * @param count how many these are
   */
  public StageState plus(double sumOfLosses, long count) {
    return new StageState(begins, losses, best, without, lossSum + sumOfLosses, images + count);
  }

  /**
   * {@return the same at the end of an epoch after which the stage goes on}
   *
   * @param lowest lowest loss of held-out images in the stage
   * @param epochsWithout epochs since then that did not improve on it
   */
  public StageState nextEpoch(double lowest, int epochsWithout) {
    return new StageState(begins, losses, lowest, epochsWithout, 0, 0);
  }

  /**
   * {@return the same at the end of an epoch with which the stage ended}
   *
   * @param epoch at which the next stage begins, from 0
   */
  public StageState nextStage(int epoch) {
    return new StageState(
        ImmutableList.<Integer>builder().addAll(begins).add(epoch).build(),
        ImmutableList.<Double>builder().addAll(losses).add(loss()).build(),
        Double.POSITIVE_INFINITY,
        0,
        0,
        0);
  }
}
