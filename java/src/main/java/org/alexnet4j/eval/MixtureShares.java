package org.alexnet4j.eval;

import java.util.Arrays;

/**
 * Shares of networks in an average that minimise its mean log-loss on some images (D16: the
 * source's shares were tuned on validation images; how is not recorded).
 *
 * <p>With {@code p[i,m]} the probability that member {@code m} gives image {@code i}'s own class,
 * the loss {@code f(w) = -mean over i of ln(sum over m of w[m] p[i,m])} is convex in the shares.
 * From equal ones each round of expectation and maximisation (EM) sets
 *
 * <pre>
 *   w[m] := w[m] g[m],   g[m] = mean over i of p[i,m] / sum over k of w[k] p[i,k]
 * </pre>
 *
 * <p>which never raises the loss and keeps the shares' sum. As {@code -g} is the gradient and
 * {@code sum of w[m] g[m] = 1}, no shares have a loss that is lower by more than {@code max g - 1}:
 * the gap at which it stops. All sums are in double and in the order of the images.
 *
 * @param shares one for each member, 0 or more, their sum 1
 * @param loss mean log-loss of the images with them, nats; infinite if an image's own class has
 *     probability 0 everywhere: such images have no say in the shares
 * @param gap how much lower the loss may be with other shares, at most, nats
 * @param rounds how many it took
 * @hidden
 */
public record MixtureShares(double[] shares, double loss, double gap, int rounds) {
  /** Nats. */
  private static final double ENOUGH = 1e-9;

  private static final int MOST_ROUNDS = 20_000;

  /**
   * Finds the shares.
   *
   * @param own {@code [images,members]}, probabilities of each image's own class
   * @return the shares, their sum 1
   * @throws IllegalArgumentException if there is no image, or one member, or a probability is none
   */
  public static MixtureShares fit(double[][] own) {
    require(own);
    double[][] said = Arrays.stream(own).filter(row -> sum(row) > 0).toArray(double[][]::new);
    double[] shares = new double[own[0].length];
    Arrays.fill(shares, 1.0 / shares.length);
    if (said.length == 0) {
      return new MixtureShares(shares, Double.POSITIVE_INFINITY, 0, 0);
    }
    double gap = Double.POSITIVE_INFINITY;
    int rounds = 0;
    while (true) {
      double[] gains = gains(said, shares);
      gap = Math.max(0, Arrays.stream(gains).max().orElseThrow() - 1);
      if (gap <= ENOUGH || rounds == MOST_ROUNDS) {
        return new MixtureShares(shares, loss(own, shares), gap, rounds);
      }
      double sum = 0;
      for (int m = 0; m < shares.length; m++) {
        shares[m] *= gains[m];
        sum += shares[m];
      }
      for (int m = 0; m < shares.length; m++) {
        shares[m] /= sum; // 1 but for rounding
      }
      rounds++;
    }
  }

  private static void require(double[][] own) {
    if (own.length == 0) {
      throw new IllegalArgumentException("no image to tune shares on; allowed: one or more");
    }
    if (own[0].length < 2) {
      throw new IllegalArgumentException(
          "shares of " + own[0].length + " network cannot be tuned; allowed: two or more");
    }
    for (int i = 0; i < own.length; i++) {
      for (double p : own[i]) {
        if (!(p >= 0 && Double.isFinite(p))) {
          throw new IllegalArgumentException(
              "image " + i + " has the probability " + p + "; allowed: 0 to 1");
        }
      }
    }
  }

  private static double[] gains(double[][] own, double[] shares) {
    double[] gains = new double[shares.length];
    for (double[] row : own) {
      double mixed = mixed(row, shares);
      for (int m = 0; m < gains.length; m++) {
        gains[m] += row[m] / mixed;
      }
    }
    for (int m = 0; m < gains.length; m++) {
      gains[m] /= own.length;
    }
    return gains;
  }

  /**
   * {@return the mean log-loss of an average}
   *
   * @param own as in {@link #fit}
   * @param shares one for each member, their sum 1
   */
  public static double loss(double[][] own, double[] shares) {
    double loss = 0;
    for (double[] row : own) {
      loss -= Math.log(mixed(row, shares));
    }
    return loss / own.length;
  }

  private static double mixed(double[] row, double[] shares) {
    double sum = 0;
    for (int m = 0; m < row.length; m++) {
      sum += shares[m] * row[m];
    }
    return sum;
  }

  private static double sum(double[] row) {
    return Arrays.stream(row).sum();
  }
}
