package org.alexnet4j.run;

import com.google.common.collect.ImmutableList;

/**
 * What a {@code Schedule} has seen.
 *
 * @param drops epochs from which a lower rate counted, brought about by the held-out error
 * @param best lowest held-out top-1 error of an epoch, or infinity before the first
 * @param without epochs since then, or since the last drop, that did not improve on it
 */
public record ScheduleState(ImmutableList<Integer> drops, double best, int without) {
  /** Nothing seen yet. */
  public static final ScheduleState START =
      new ScheduleState(ImmutableList.of(), Double.POSITIVE_INFINITY, 0);
}
