package org.alexnet4j.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/**
 * Differences of two rows, by pairs of the same seed. A number of networks of several seeds has no
 * seed of its own, so it is held against every number of the other row.
 */
final class Differences {
  private Differences() {}

  /** A number of a row. */
  record Value(OptionalLong seed, double value) {}

  /** Returns mean and interval of first less second. */
  static MeanInterval of(List<Value> from, List<Value> to) {
    List<Double> pairs = new ArrayList<>();
    for (Value first : from) {
      for (Value second : to) {
        boolean alone = first.seed.isEmpty() || second.seed.isEmpty();
        if (alone || first.seed.equals(second.seed)) {
          pairs.add(first.value - second.value);
        }
      }
    }
    return MeanInterval.of(pairs.stream().mapToDouble(Double::doubleValue).toArray());
  }
}
