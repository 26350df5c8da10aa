package org.alexnet4j.report;

/**
 * How far the error rates of two networks are apart, with the interval in which the true difference
 * lies in 95 of 100 cases: method 10 of R. G. Newcombe, "Interval estimation for the difference
 * between independent proportions", Statistics in Medicine 17 (1998), from Wilson's intervals of
 * both rates.
 *
 * <p>Both networks usually see the same images. The interval does not know that and is wider than
 * one from pairs would be; it says nothing about other seeds.
 *
 * @param difference second rate less the first
 * @param low end of the interval
 * @param high end of the interval
 */
record ErrorDifference(double difference, double low, double high) {
  /**
   * Compares two rates.
   *
   * @param first share of wrong answers, from 0 to 1
   * @param firstCount images that it was counted on, 1 or more
   */
  static ErrorDifference of(double first, long firstCount, double second, long secondCount) {
    double difference = second - first;
    Wilson a = Wilson.of(first, firstCount);
    Wilson b = Wilson.of(second, secondCount);
    return new ErrorDifference(
        difference,
        difference - Math.hypot(second - b.low(), a.high() - first),
        difference + Math.hypot(b.high() - second, first - a.low()));
  }

  /** Says whether the difference is larger than chance makes it. */
  boolean significant() {
    return low > 0 || high < 0;
  }
}
