package org.alexnet4j.data;

import java.math.BigInteger;

/**
 * Whole-number sums over the pixels of images: per pixel, and of products of red, green and blue.
 * Nothing is rounded, so the order of images, threads and parts changes no bit of what is computed
 * from them. One thread adds.
 */
public final class PixelSums {
  /** red·red, red·green, red·blue, green·green, green·blue, blue·blue */
  private static final int PRODUCTS = 6;

  private final int source;
  private final long[] perPixel;
  private final long[] products = new long[PRODUCTS];
  private long images;

  /**
   * Begins sums of no image; images are source×source×3 bytes.
   *
   * @param source side in pixels
   */
  public PixelSums(int source) {
    this.source = source;
    this.perPixel = new long[3 * source * source];
  }

  /**
   * Makes sums from what was kept of earlier ones.
   *
   * @param source side in pixels
   * @param images how many images were added
   * @param perPixel sum of each value of the square
   * @param products sums of the products of two channels each
   */
  public PixelSums(int source, long images, long[] perPixel, long[] products) {
    this(source);
    this.images = images;
    System.arraycopy(perPixel, 0, this.perPixel, 0, this.perPixel.length);
    System.arraycopy(products, 0, this.products, 0, PRODUCTS);
  }

  /**
   * Adds an image, uint8 [source,source,3].
   *
   * @param rgb the image
   */
  public void add(byte[] rgb) {
    long rr = 0;
    long rg = 0;
    long rb = 0;
    long gg = 0;
    long gb = 0;
    long bb = 0;
    for (int i = 0; i < perPixel.length; i += 3) {
      int r = rgb[i] & 255;
      int g = rgb[i + 1] & 255;
      int b = rgb[i + 2] & 255;
      perPixel[i] += r;
      perPixel[i + 1] += g;
      perPixel[i + 2] += b;
      rr += r * r;
      rg += r * g;
      rb += r * b;
      gg += g * g;
      gb += g * b;
      bb += b * b;
    }
    long[] sums = {rr, rg, rb, gg, gb, bb};
    for (int i = 0; i < PRODUCTS; i++) {
      products[i] += sums[i];
    }
    images++;
  }

  /**
   * Adds other sums.
   *
   * @param other of images of the same side
   */
  public void add(PixelSums other) {
    for (int i = 0; i < perPixel.length; i++) {
      perPixel[i] += other.perPixel[i];
    }
    for (int i = 0; i < PRODUCTS; i++) {
      products[i] += other.products[i];
    }
    images += other.images;
  }

  /** {@return how many images were added} */
  public long images() {
    return images;
  }

  /** {@return the sums of every pixel [source,source,3]} */
  public long[] perPixel() {
    return perPixel;
  }

  /** {@return the sums of red·red, red·green, red·blue, green·green, green·blue, blue·blue} */
  public long[] products() {
    return products;
  }

  /** {@return the mean of the images} */
  public MeanImage mean() {
    return new MeanImage(source, images, perPixel);
  }

  /** {@return the principal components of the colours of all pixels} */
  public ColourComponents components() {
    long[] sum = new long[3];
    for (int i = 0; i < perPixel.length; i++) {
      sum[i % 3] += perPixel[i];
    }
    BigInteger pixels =
        BigInteger.valueOf(images).multiply(BigInteger.valueOf(perPixel.length / 3));
    double[][] covariance = new double[3][3];
    int at = 0;
    for (int a = 0; a < 3; a++) {
      for (int b = a; b < 3; b++, at++) {
        // The difference of two large numbers is taken while they are whole.
        BigInteger whole =
            pixels
                .multiply(BigInteger.valueOf(products[at]))
                .subtract(BigInteger.valueOf(sum[a]).multiply(BigInteger.valueOf(sum[b])));
        double value = whole.doubleValue() / pixels.multiply(pixels).doubleValue();
        covariance[a][b] = value;
        covariance[b][a] = value;
      }
    }
    return ColourComponents.of(covariance);
  }
}
