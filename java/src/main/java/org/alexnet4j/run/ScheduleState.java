package org.alexnet4j.run;

import com.google.common.collect.ImmutableList;

/**
 * What a {@code Schedule} has seen.
 *
 * @param drops epochs from which a lower rate counted, brought about by the held-out error
 * @param best lowest held-out top-1 error of an epoch, or infinity before the first
 * @param without epochs since then, or since the last drop, that did not improve on it
 * @param stages how far the stages of the configuration came, if it has any
 */
public record ScheduleState(
    ImmutableList<Integer> drops, double best, int without, StageState stages) {
  /** Nothing seen yet. */
  public static final ScheduleState START =
      new ScheduleState(ImmutableList.of(), Double.POSITIVE_INFINITY, 0, StageState.START);

  /**
   * {@return the same after other drops}
   *
   * @param epochs epochs from which a lower rate counts
   * @param lowest lowest held-out top-1 error of an epoch
   * @param epochsWithout epochs since then that did not improve on it
   */
  public ScheduleState with(ImmutableList<Integer> epochs, double lowest, int epochsWithout) {
    return new ScheduleState(epochs, lowest, epochsWithout, stages);
  }

  /**
   * {@return the same with the stages further on}
   *
   * @param next how far the stages are
   */
  public ScheduleState with(StageState next) {
    return new ScheduleState(drops, best, without, next);
  }
}
