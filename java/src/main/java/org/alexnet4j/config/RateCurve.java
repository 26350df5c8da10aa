package org.alexnet4j.config;

/**
 * How the learning rate goes from step to step, beside drops: a rise at the start, and a curve from
 * the stated rate to another one over all epochs.
 *
 * @param shape of the way; {@link Shape#STEPS} has none, only drops
 * @param to rate of the weights at the end of the last epoch, of no account for {@code STEPS}
 * @param warmUp epochs at the start in which the rate rises in a straight line from 0; in step i of
 *     n it is (i + 1) / n of what it would be
 */
public record RateCurve(Shape shape, float to, int warmUp) {
  /** Drops alone. */
  public static final RateCurve NONE = new RateCurve(Shape.STEPS, 0, 0);

  /** The way from one rate to another, f the share of all steps that are done. */
  public enum Shape {
    /** Stays, but for drops. */
    STEPS,
    /** {@code rate + (to - rate) * f}. */
    LINEAR,
    /** {@code rate * (to / rate)^f}. */
    EXPONENTIAL,
    /** {@code to + (rate - to) * (1 + cos(pi * f)) / 2}. */
    COSINE
  }

  /**
   * Checks the values.
   *
   * @param shape of the way; {@link Shape#STEPS} has none, only drops
   * @param to rate of the weights at the end of the last epoch, of no account for {@code STEPS}
   * @param warmUp epochs at the start in which the rate rises in a straight line from 0; in step i
   *     of n it is (i + 1) / n of what it would be
   */
  public RateCurve {
    if (!(to >= 0 && to <= Float.MAX_VALUE) || (shape == Shape.EXPONENTIAL && to == 0)) {
      throw new IllegalArgumentException(
          "curve.to is " + to + "; allowed: 0 or more, above 0 if exponential");
    }
    if (warmUp < 0) {
      throw new IllegalArgumentException("warmUp is " + warmUp + "; allowed: epochs, 0 or more");
    }
  }

  /**
   * Returns the factor on a rate.
   *
   * @param rate the stated one, above 0
   * @param done steps done, from 0
   * @param all steps of the run
   * @param warm steps of the rise at the start
   */
  double factor(double rate, long done, long all, long warm) {
    double rise = done < warm ? (done + 1.0) / warm : 1;
    double f = Math.min(1, done / (double) all);
    return rise
        * switch (shape) {
          case STEPS -> 1;
          case LINEAR -> (rate + (to - rate) * f) / rate;
          case EXPONENTIAL -> StrictMath.pow(to / rate, f);
          case COSINE -> (to + (rate - to) * (1 + StrictMath.cos(Math.PI * f)) / 2) / rate;
        };
  }
}
