package org.alexnet4j.bench;

import java.util.Arrays;

/**
 * How far the times of equal steps lie apart.
 *
 * @param seconds of each step, ascending; at least one
 */
public record StepSpread(double[] seconds) {
  /** Takes the times in any order. */
  public static StepSpread of(double[] seconds) {
    double[] ascending = seconds.clone();
    Arrays.sort(ascending);
    return new StepSpread(ascending);
  }

  /**
   * Returns the time that a share of the steps stays below: 0 the quickest step's, 0.5 the median,
   * 1 the slowest step's. Between two steps it is interpolated.
   *
   * @param share from 0 to 1
   */
  public double quantile(double share) {
    double place = share * (seconds.length - 1);
    int below = (int) Math.floor(place);
    int above = Math.min(below + 1, seconds.length - 1);
    return seconds[below] + (place - below) * (seconds[above] - seconds[below]);
  }

  /**
   * Returns how much longer the median step took than the quickest one, as a share of the latter.
   */
  public double medianOverBest() {
    return quantile(0.5) / quantile(0) - 1;
  }
}
