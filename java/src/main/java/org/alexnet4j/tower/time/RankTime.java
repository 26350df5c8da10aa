package org.alexnet4j.tower.time;

import com.google.common.collect.ImmutableMap;

/**
 * What a rank's moves took, all towers together, added up. Moves of several towers, and those
 * beside which a tower goes on, may lie beside each other.
 *
 * @param bytes sent to other ranks
 * @param micros from the begin of each move to its end, waiting for other ranks included
 * @param waitMicros how long towers stood still for them
 */
public record RankTime(double bytes, double micros, double waitMicros) {
  /** No move. */
  public static final RankTime NONE = new RankTime(0, 0, 0);

  /** Returns what was added since an earlier time. */
  public RankTime since(RankTime before) {
    return new RankTime(
        bytes - before.bytes, micros - before.micros, waitMicros - before.waitMicros);
  }

  /** Returns the share of the moves' time in which a tower went on; 1 if they took none. */
  public double hiddenShare() {
    return micros > 0 ? 1 - waitMicros / micros : 1;
  }

  /**
   * Returns the means of a step, for files and programs.
   *
   * @param steps in which all of it was moved
   */
  public ImmutableMap<String, Object> fields(long steps) {
    return ImmutableMap.of(
        "bytes", bytes / steps,
        "micros", micros / steps,
        "waitMicros", waitMicros / steps,
        "hiddenShare", hiddenShare());
  }
}
