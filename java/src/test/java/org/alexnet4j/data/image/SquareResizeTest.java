package org.alexnet4j.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.alexnet4j.data.Draws;
import org.junit.jupiter.api.Test;

class SquareResizeTest {

  /** Resizes a grey image given row by row and returns the result the same way. */
  private static int[] resize(int[] grey, int width, int height, int side) {
    byte[] rgb = new byte[3 * grey.length];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) grey[i / 3];
    }
    ByteBuffer to = ByteBuffer.allocate(3 * side * side);
    SquareResize.ofThread().apply(rgb, width, height, side, to);
    assertEquals(0, to.remaining());
    int[] got = new int[side * side];
    for (int i = 0; i < got.length; i++) {
      got[i] = to.get(3 * i) & 255;
      assertEquals(to.get(3 * i), to.get(3 * i + 1));
      assertEquals(to.get(3 * i), to.get(3 * i + 2));
    }
    return got;
  }

  @Test
  void halvingIsTheMeanOfFour() {
    int[] image = {
      0, 10, 100, 100, //
      20, 30, 100, 104, //
      7, 7, 250, 255, //
      7, 7, 255, 250
    };
    assertArrayEquals(new int[] {15, 101, 7, 253}, resize(image, 4, 4, 2)); // 252.5 rounds up
  }

  /**
   * 3 to 2: each output covers one and a half inputs, so the weights are 2/3 and 1/3 along an axis.
   * Corner (0,0): (4·9 + 2·18 + 2·27 + 90) / 9 = 24; (0,1): (4·36 + 2·18 + 2·180 + 90) / 9 = 70;
   * (1,0): (4·0 + 2·27 + 2·99 + 90) / 9 = 38; (1,1): (4·9 + 2·180 + 2·99 + 90) / 9 = 76.
   */
  @Test
  void threeToTwoWeighsBorderPixelsByTheirArea() {
    int[] image = {
      9, 18, 36, //
      27, 90, 180, //
      0, 99, 9
    };
    assertArrayEquals(new int[] {24, 70, 38, 76}, resize(image, 3, 3, 2));
  }

  /**
   * 2 to 4, bilinear at centres -1/4, 1/4, 3/4, 5/4: shares of the second pixel 0, 1/4, 3/4, 1
   * along each axis. Row at 1/4 goes from 50 to 85 by 50, 58.75, 76.25, 85; row at 3/4 from 150 to
   * 55 by 150, 126.25, 78.75, 55.
   */
  @Test
  void doublingIsBilinearWithTheBorderRepeated() {
    int[] image = {0, 100, 200, 40};
    int[] want = {
      0, 25, 75, 100, //
      50, 59, 76, 85, //
      150, 126, 79, 55, //
      200, 160, 80, 40
    };
    assertArrayEquals(want, resize(image, 2, 2, 4));
  }

  @Test
  void oneSizeIsACopyOfTheMiddle() {
    int[] wide = {
      1, 2, 3, 4, 5, //
      6, 7, 8, 9, 10
    };
    assertArrayEquals(new int[] {2, 3, 7, 8}, resize(wide, 5, 2, 2)); // left of (5 - 2) / 2 = 1
    int[] tall = {1, 2, 3, 4, 5};
    assertArrayEquals(new int[] {3}, resize(tall, 1, 5, 1));
  }

  @Test
  void oneColourStaysThatColourAtAnySize() {
    int[] image = new int[37 * 23];
    Arrays.fill(image, 255);
    for (int side : new int[] {1, 5, 22, 23, 24, 46, 100}) {
      for (int value : resize(image, 37, 23, side)) {
        assertEquals(255, value, "side " + side);
      }
    }
    assertArrayEquals(new int[] {9, 9, 9, 9}, resize(new int[] {9}, 1, 1, 2));
  }

  /** The mean brightness survives shrinking: area weights sum to the same for every input. */
  @Test
  void shrinkingKeepsTheMean() {
    int[] image = new int[50 * 50];
    Draws random = new Draws(1, 0, 0);
    double mean = 0;
    for (int i = 0; i < image.length; i++) {
      image[i] = random.below(256);
      mean += image[i] / 2500.0;
    }
    double shrunk = 0;
    for (int value : resize(image, 50, 50, 32)) {
      shrunk += value / 1024.0;
    }
    assertEquals(mean, shrunk, 0.05); // rounding: 0.29 / sqrt(1024) = 0.01 is one deviation
  }
}
