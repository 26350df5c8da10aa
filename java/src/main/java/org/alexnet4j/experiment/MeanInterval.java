package org.alexnet4j.experiment;

import java.util.Locale;

/**
 * A mean over seeds with the interval in which the true mean lies in 95 of 100 cases, if the values
 * are normally distributed: mean ± t(n - 1) * s / sqrt(n), with Student's t; from 32 values on with
 * the normal distribution's, at most 4 % less.
 *
 * @param count values, 0 or more
 * @param mean NaN for none
 * @param half half the interval's length; NaN for fewer than two values
 */
public record MeanInterval(int count, double mean, double half) {
  /** 97.5 % quantiles of Student's t for 1 to 30 degrees of freedom; tables have them. */
  private static final double[] T = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042
  };

  private static final double NORMAL = 1.960;

  /** Returns the mean of values; those that are NaN make it NaN. */
  public static MeanInterval of(double... values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    double mean = sum / values.length;
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    int free = values.length - 1;
    double t = free < 1 ? Double.NaN : free <= T.length ? T[free - 1] : NORMAL;
    return new MeanInterval(values.length, mean, t * Math.sqrt(squares / free / values.length));
  }

  /** Returns mean and interval in a unit, {@code 12.34 ± 0.56}; a dash for no number. */
  public String text(double unit, int digits) {
    if (Double.isNaN(mean)) {
      return "-";
    }
    String number = String.format(Locale.ROOT, "%." + digits + "f", mean * unit);
    return Double.isNaN(half)
        ? number
        : number + String.format(Locale.ROOT, " ± %." + digits + "f", half * unit);
  }
}
