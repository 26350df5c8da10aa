package org.alexnet4j.data.image;

import java.nio.ByteBuffer;

/**
 * Brings a whole image to other extents, both of them, as some publications did. Beside {@link
 * SquareResize}, which never bends an image and is what is trained on.
 */
public final class WholeResize {
  private WholeResize() {}

  /**
   * Writes side×side×3 bytes: the whole image, its proportions bent. Each axis is scaled as {@link
   * SquareResize} does.
   *
   * @param rgb [height,width,3]
   */
  public static void warp(byte[] rgb, int width, int height, int side, ByteBuffer to) {
    AxisWeights across = AxisWeights.area(width, side);
    AxisWeights down = AxisWeights.area(height, side);
    double[] rows = new double[3 * side * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < side; x++) {
        for (int t = across.start()[x]; t < across.start()[x + 1]; t++) {
          int at = 3 * (y * width + across.first()[x] + t - across.start()[x]);
          for (int c = 0; c < 3; c++) {
            rows[3 * (y * side + x) + c] += across.weights()[t] * (rgb[at + c] & 255);
          }
        }
      }
    }
    for (int y = 0; y < side; y++) {
      for (int i = 0; i < 3 * side; i++) {
        double sum = 0;
        for (int t = down.start()[y]; t < down.start()[y + 1]; t++) {
          sum += down.weights()[t] * rows[3 * side * (down.first()[y] + t - down.start()[y]) + i];
        }
        to.put((byte) (int) (sum + 0.5));
      }
    }
  }

  /**
   * Writes side×side×3 bytes: the shorter side is brought to {@code side}, the longer one with it,
   * rounded down, and the centre is taken. The filter is Pillow's bilinear, its whole numbers
   * included: first across, rounded to bytes, then down.
   *
   * @param rgb [height,width,3]
   */
  public static void shorterSide(byte[] rgb, int width, int height, int side, ByteBuffer to) {
    int wide = width <= height ? side : (int) ((long) side * width / height);
    int high = width <= height ? (int) ((long) side * height / width) : side;
    byte[] rows = width == wide ? rgb : across(rgb, width, height, wide);
    int left = centre(wide - side);
    int top = centre(high - side);
    if (height == high) {
      for (int y = 0; y < side; y++) {
        to.put(rows, 3 * ((top + y) * wide + left), 3 * side);
      }
      return;
    }
    AxisWeights down = AxisWeights.triangle(height, high);
    int[] fixed = fixed(down);
    for (int y = top; y < top + side; y++) {
      for (int i = 3 * left; i < 3 * (left + side); i++) {
        int sum = HALF;
        for (int t = down.start()[y]; t < down.start()[y + 1]; t++) {
          int row = down.first()[y] + t - down.start()[y];
          sum += fixed[t] * (rows[3 * wide * row + i] & 255);
        }
        to.put(clipped(sum));
      }
    }
  }

  private static final int BITS = 22; // behind the point, as in Pillow
  private static final int HALF = 1 << (BITS - 1);

  private static byte[] across(byte[] rgb, int width, int height, int wide) {
    AxisWeights axis = AxisWeights.triangle(width, wide);
    int[] fixed = fixed(axis);
    byte[] rows = new byte[3 * wide * height];
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < wide; x++) {
        for (int c = 0; c < 3; c++) {
          int sum = HALF;
          for (int t = axis.start()[x]; t < axis.start()[x + 1]; t++) {
            int column = axis.first()[x] + t - axis.start()[x];
            sum += fixed[t] * (rgb[3 * (y * width + column) + c] & 255);
          }
          rows[3 * (y * wide + x) + c] = clipped(sum);
        }
      }
    }
    return rows;
  }

  private static int[] fixed(AxisWeights axis) {
    int[] fixed = new int[axis.weights().length];
    for (int t = 0; t < fixed.length; t++) {
      fixed[t] = (int) (0.5 + axis.weights()[t] * (1 << BITS));
    }
    return fixed;
  }

  private static byte clipped(int sum) {
    return (byte) Math.max(0, Math.min(255, sum >> BITS));
  }

  /** Half of it; a half itself goes to the even neighbour, as Python rounds. */
  private static int centre(int rest) {
    return (int) Math.rint(rest / 2.0);
  }
}
