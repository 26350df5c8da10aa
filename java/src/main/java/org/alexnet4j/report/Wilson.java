package org.alexnet4j.report;

/**
 * Between which shares the true one lies, by a sample: Wilson's score interval at 95 %.
 *
 * <p>With the share {@code p} of {@code n} images and {@code z = 1.959964}, the standard normal
 * quantile of 0.975,
 *
 * <pre>
 *   (p + z²/2n ± z·sqrt(p(1 - p)/n + z²/4n²)) / (1 + z²/n)
 * </pre>
 *
 * <p>It stays within 0 and 1, and has a width also where all images, or none, count. Shares of tied
 * images count as fractions.
 *
 * @param low its lower end
 * @param high its upper end
 */
public record Wilson(double low, double high) {
  private static final double Z = 1.959963984540054;

  /**
   * Returns the interval.
   *
   * @param share in [0, 1]; NaN gives NaN
   * @param images 1 or more
   */
  public static Wilson of(double share, long images) {
    if (images < 1) {
      throw new IllegalArgumentException(images + " images; allowed: 1 or more");
    }
    double n = images;
    double zz = Z * Z;
    double middle = share + zz / (2 * n);
    double half = Z * Math.sqrt(share * (1 - share) / n + zz / (4 * n * n));
    double whole = 1 + zz / n;
    return new Wilson(Math.max(0, (middle - half) / whole), Math.min(1, (middle + half) / whole));
  }
}
