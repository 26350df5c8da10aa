package org.alexnet4j.data;

import static com.google.common.base.Preconditions.checkArgument;

import java.util.Arrays;

/**
 * Colour noise along the principal components of RGB pixels (paper, section 4.1): every pixel of an
 * image gets the same {@code scale * sum over j of z[j] * deviation[j] * vector[j]}, z normal,
 * drawn anew for every image and epoch.
 *
 * <p>Paper: section 4.1 multiplies by the eigenvalue, which on 0..255 pixels is impossibly large;
 * its source multiplies by the square root (D12), and so does this.
 *
 * @param deviations square roots of the three eigenvalues, in grey levels (0..255)
 * @param vectors vectors[j] is the unit eigenvector of deviations[j] in the order red, green, blue
 * @param scale deviation of z; the paper's 0.1
 * @param divisor what the image is divided by once it has its noise: 1, or 1.1 in the 2012 source
 *     (D13)
 * @param epochs epochs with noise; in later ones images stay as they are, undivided (D9)
 */
public record ColourNoise(
    double[] deviations, double[][] vectors, double scale, double divisor, int epochs) {
  /** Values of one image: red, green, blue, factor. */
  public static final int VALUES = 4;

  /** Deviation of the random factors in the paper. */
  static final double PAPER_SCALE = 0.1;

  /**
   * Checks the sizes.
   *
   * @param deviations square roots of the three eigenvalues, in grey levels (0..255)
   * @param vectors vectors[j] is the unit eigenvector of deviations[j] in the order red, green,
   *     blue
   * @param scale deviation of z; the paper's 0.1
   * @param divisor what the image is divided by once it has its noise: 1, or 1.1 in the 2012 source
   *     (D13)
   * @param epochs epochs with noise; in later ones images stay as they are, undivided (D9)
   */
  public ColourNoise {
    checkArgument(deviations.length == 3, "deviations: %s values; allowed: 3", deviations.length);
    checkArgument(vectors.length == 3, "vectors: %s; allowed: 3", vectors.length);
    for (double[] vector : vectors) {
      checkArgument(vector.length == 3, "vector of %s values; allowed: 3", vector.length);
    }
    checkArgument(scale >= 0, "scale %s; allowed: 0 or more", scale);
    checkArgument(
        divisor > 0 && divisor <= Float.MAX_VALUE, "divisor %s; allowed: above 0", divisor);
    checkArgument(epochs >= 0, "noise for %s epochs; allowed: 0 or more", epochs);
    deviations = deviations.clone();
    vectors = new double[][] {vectors[0].clone(), vectors[1].clone(), vectors[2].clone()};
  }

  /**
   * Describes noise in every epoch, without a division.
   *
   * @param deviations square roots of the three eigenvalues, in grey levels (0..255)
   * @param vectors the unit eigenvector of each deviation, in the order red, green, blue
   * @param scale deviation of z; the paper's 0.1
   */
  public ColourNoise(double[] deviations, double[][] vectors, double scale) {
    this(deviations, vectors, scale, 1, Integer.MAX_VALUE);
  }

  /**
   * {@return the same with images divided once they have their noise (D13)}
   *
   * @param value what pixels are divided by
   */
  public ColourNoise withDivisor(double value) {
    return new ColourNoise(deviations, vectors, scale, value, epochs);
  }

  /**
   * {@return the same for the first epochs only (D9)}
   *
   * @param count epochs with noise, from the first one on
   */
  public ColourNoise withEpochs(int count) {
    return new ColourNoise(deviations, vectors, scale, divisor, count);
  }

  /**
   * {@return the components of ImageNet pixels as the paper's author published them (fact sheet,
   * section 7)}
   */
  public static ColourNoise imageNet() {
    return new ColourNoise(
        new double[] {121.78006099, 37.09388853, 19.72083305},
        new double[][] {
          {-0.56351045, -0.57618440, -0.59200296},
          {-0.71257945, -0.02354167, 0.70119634},
          {0.41795513, -0.81698062, 0.39731118}
        },
        PAPER_SCALE);
  }

  /**
   * Writes the noise of one image: grey levels for red, green, blue, and the factor of the sum.
   *
   * @param to receives {@link #VALUES} values from {@code at} on
   */
  void draw(long seed, int epoch, int index, float[] to, int at) {
    if (epoch >= epochs) {
      Arrays.fill(to, at, at + 3, 0);
      to[at + 3] = 1;
      return;
    }
    PhiloxStream random = new PhiloxStream(seed, PhiloxStream.COLOUR, epoch, index);
    double z0 = scale * deviations[0] * random.gaussian();
    double z1 = scale * deviations[1] * random.gaussian();
    double z2 = scale * deviations[2] * random.gaussian();
    for (int c = 0; c < 3; c++) {
      to[at + c] = (float) (z0 * vectors[0][c] + z1 * vectors[1][c] + z2 * vectors[2][c]);
    }
    to[at + 3] = (float) (1 / divisor);
  }
}
