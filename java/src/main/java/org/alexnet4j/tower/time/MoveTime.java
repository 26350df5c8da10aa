package org.alexnet4j.tower.time;

import com.google.common.collect.ImmutableMap;
import org.alexnet4j.net.NetworkSpec;

/**
 * What one move between ranks took in training steps, added up.
 *
 * @param tower index of the tower that moves, the same on every rank
 * @param layer for which it moves
 * @param kind {@code allgather}, or {@code alltoall}; the tower goes on beside some of these
 * @param plane name of what is sent
 * @param bytes sent to other ranks each time
 * @param times how often
 * @param micros from the begin to the end, waiting for other ranks included, sum
 * @param waitMicros how long the tower stood still for it, those begun before it included, sum
 */
public record MoveTime(
    int tower,
    String layer,
    String kind,
    String plane,
    long bytes,
    long times,
    double micros,
    double waitMicros) {

  /** Returns what was added since an earlier time of the same move. */
  MoveTime since(MoveTime before) {
    return new MoveTime(
        tower,
        layer,
        kind,
        plane,
        bytes,
        times - before.times,
        micros - before.micros,
        waitMicros - before.waitMicros);
  }

  /**
   * Returns the share of a time in which towers went on; 1 if it was none. Who waits for a move may
   * wait for those that were begun before it first, so longer than it takes.
   */
  static double hiddenShare(double micros, double waitMicros) {
    return micros > 0 ? Math.max(0, 1 - waitMicros / micros) : 1;
  }

  /** Returns the means of a step, for files and programs. */
  ImmutableMap<String, Object> fields(long steps) {
    return ImmutableMap.<String, Object>builder()
        .put("plane", plane)
        .put("layer", layer)
        .put("kind", kind)
        .put("tower", NetworkSpec.towerName(tower))
        .put("bytes", bytes * times / steps)
        .put("micros", micros / steps)
        .put("waitMicros", waitMicros / steps)
        .put("hiddenShare", hiddenShare(micros, waitMicros))
        .buildOrThrow();
  }
}
