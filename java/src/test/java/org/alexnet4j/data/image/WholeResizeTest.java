package org.alexnet4j.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whole images brought to squares, against the definition of each filter. */
class WholeResizeTest {
  private static byte[] image(int width, int height, int seed) {
    byte[] rgb = new byte[3 * width * height];
    new Random(seed).nextBytes(rgb);
    return rgb;
  }

  private static byte[] warp(byte[] rgb, int width, int height, int side) {
    byte[] to = new byte[3 * side * side];
    WholeResize.warp(rgb, width, height, side, ByteBuffer.wrap(to));
    return to;
  }

  private static byte[] shorter(byte[] rgb, int width, int height, int side) {
    byte[] to = new byte[3 * side * side];
    WholeResize.shorterSide(rgb, width, height, side, ByteBuffer.wrap(to));
    return to;
  }

  /** A constant stays; a square is what the squares of training are. */
  @ParameterizedTest
  @CsvSource({"40, 40, 16", "10, 10, 16", "16, 16, 16", "37, 37, 5"})
  void aWarpedSquareIsTheSquareOfTraining(int width, int height, int side) {
    byte[] rgb = image(width, height, side);
    byte[] wanted = new byte[3 * side * side];
    SquareResize.ofThread().apply(rgb, width, height, side, ByteBuffer.wrap(wanted));
    byte[] got = warp(rgb, width, height, side);
    for (int i = 0; i < got.length; i++) { // float there, double here
      assertEquals(wanted[i] & 255, got[i] & 255, 1, "byte " + i);
    }
  }

  /** 4 x 2 to 2 x 2: the mean of two neighbours in a row; nothing is cut off. */
  @Test
  void warpingBendsTheImage() {
    byte[] rgb = new byte[3 * 8];
    int[] grey = {0, 10, 20, 40, 100, 110, 250, 255};
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) grey[i / 3];
    }
    byte[] got = warp(rgb, 4, 2, 2);
    int[] first = {got[0] & 255, got[3] & 255, got[6] & 255, got[9] & 255};
    assertArrayEquals(new int[] {5, 30, 105, 253}, first); // 252.5 rounds up
  }

  /** The filter by its definition, in double, each axis after the other, bytes between. */
  private static double[] triangle(double[] line, int outputs) {
    double scale = (double) line.length / outputs;
    double reach = Math.max(1, scale);
    double[] result = new double[outputs];
    for (int j = 0; j < outputs; j++) {
      double sum = 0;
      double weights = 0;
      for (int i = 0; i < line.length; i++) {
        double distance = Math.abs(i + 0.5 - (j + 0.5) * scale);
        double weight = distance < reach ? 1 - distance / reach : 0;
        sum += weight * line[i];
        weights += weight;
      }
      result[j] = Math.round(sum / weights);
    }
    return result;
  }

  @ParameterizedTest
  @CsvSource({
    "50, 31, 16, 25, 16",
    "31, 50, 16, 16, 25",
    "9, 12, 16, 16, 21",
    "16, 40, 16, 16, 40"
  })
  void theShorterSideByPillowsFilterAndTheCentre(
      int width, int height, int side, int wide, int high) {
    byte[] rgb = image(width, height, 7);
    byte[] got = shorter(rgb, width, height, side);
    int left = (int) Math.rint((wide - side) / 2.0);
    int top = (int) Math.rint((high - side) / 2.0);
    for (int c = 0; c < 3; c++) {
      double[][] rows = new double[height][];
      for (int y = 0; y < height; y++) {
        double[] line = new double[width];
        for (int x = 0; x < width; x++) {
          line[x] = rgb[3 * (y * width + x) + c] & 255;
        }
        rows[y] = triangle(line, wide);
      }
      for (int x = 0; x < side; x++) {
        double[] line = new double[height];
        for (int y = 0; y < height; y++) {
          line[y] = rows[y][left + x];
        }
        double[] wanted = triangle(line, high);
        for (int y = 0; y < side; y++) {
          assertEquals(wanted[top + y], got[3 * (y * side + x) + c] & 255, 1, x + "," + y);
        }
      }
    }
  }

  /**
   * 500 x 375 at 256: 341 x 256, of which columns 42 to 297 are taken, as int(round(42.5)) is 42.
   */
  @Test
  void halvesGoToTheEvenNeighbour() {
    int width = 341;
    byte[] rgb = new byte[3 * width * 256];
    for (int y = 0; y < 256; y++) {
      for (int x = 0; x < width; x++) {
        rgb[3 * (y * width + x)] = (byte) (x - 42);
      }
    }
    byte[] got = shorter(rgb, width, 256, 256);
    assertEquals(0, got[0]);
    assertEquals((byte) 255, got[3 * 255]);
  }
}
