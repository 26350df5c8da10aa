package org.alexnet4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AugmentationTest {
  private static int[] window(Augmentation a, long seed, int epoch, int index, int source) {
    int[] to = new int[3];
    a.window(seed, epoch, index, index, source, to, 0);
    return to;
  }

  @Test
  void centreIsSixteenSixteenOfThePaper() {
    assertArrayEquals(new int[] {16, 16, 0}, window(Augmentation.centre(224), 1, 2, 3, 256));
    assertArrayEquals(new int[] {0, 0, 0}, window(Augmentation.centre(32), 1, 2, 3, 32));
    assertArrayEquals(new int[] {1, 1, 0}, window(Augmentation.centre(29), 1, 2, 3, 32)); // 3 / 2
  }

  @Test
  void tenViewsComeInTheOrderOfThe2012Source() {
    int[][] want = {{0, 0}, {0, 32}, {16, 16}, {32, 0}, {32, 32}};
    for (int view = 0; view < 10; view++) {
      int[] got = new int[3];
      Augmentation.centre(224).view(view, 256, got, 0);
      int[] place = want[view % 5];
      assertArrayEquals(new int[] {place[0], place[1], view < 5 ? 0 : 1}, got, "view " + view);
    }
    assertThrows(
        IndexOutOfBoundsException.class,
        () -> Augmentation.centre(224).view(10, 256, new int[3], 0));
  }

  /**
   * 10,000 draws of 32 offsets: 312 each on average, deviation 18; none is further away than six of
   * them.
   */
  @Test
  void randomOffsetsAreUniformOnZeroTo31() {
    int[] tops = new int[64];
    int[] lefts = new int[64];
    int flips = 0;
    for (int i = 0; i < 10_000; i++) {
      int[] w = window(Augmentation.paper2012(224), 9, 0, i, 256);
      tops[w[0]]++;
      lefts[w[1]]++;
      flips += w[2];
    }
    for (int offset = 0; offset < 32; offset++) {
      assertEquals(312, tops[offset], 108);
      assertEquals(312, lefts[offset], 108);
    }
    assertEquals(0, Arrays.stream(tops, 32, 64).sum() + Arrays.stream(lefts, 32, 64).sum());
    assertEquals(5000, flips, 300); // deviation 50
  }

  /**
   * Top, left and flip in pairs: the correlation of 10,000 draws is within five deviations of 0.
   */
  @Test
  void topLeftAndFlipAreDrawnEachForItself() {
    double[] products = new double[3];
    for (int i = 0; i < 10_000; i++) {
      int[] w = window(Augmentation.paper2012(224), 9, 0, i, 256);
      double top = (w[0] - 15.5) / 9.233; // deviation of a uniform draw of 32
      double left = (w[1] - 15.5) / 9.233;
      double flip = 2 * w[2] - 1;
      products[0] += top * left / 10_000;
      products[1] += top * flip / 10_000;
      products[2] += left * flip / 10_000;
    }
    for (double product : products) {
      assertEquals(0, product, 0.05);
    }
  }

  @Test
  void lastOffsetAddsThe33rd() {
    Augmentation wide = Augmentation.paper2012(224).withLastOffset();
    int most = 0;
    for (int i = 0; i < 2000; i++) {
      most = Math.max(most, window(wide, 9, 0, i, 256)[0]);
    }
    assertEquals(32, most);
  }

  @Test
  void windowOfTheWholeImageHasNoOffset() {
    for (int i = 0; i < 50; i++) {
      int[] w = window(Augmentation.paper2012(32), 9, 0, i, 32);
      assertEquals(0, w[0] + w[1]);
    }
  }

  @Test
  void windowDependsOnSeedEpochAndImageOnly() {
    Augmentation a = Augmentation.paper2012(224);
    int[] got = new int[3];
    a.window(1, 2, 3, 500, 256, got, 0);
    assertArrayEquals(window(a, 1, 2, 3, 256), got); // another position, same window
    int same = 0;
    for (int i = 0; i < 100; i++) {
      same += Arrays.equals(window(a, 1, 2, i, 256), window(a, 1, 3, i, 256)) ? 1 : 0;
      same += Arrays.equals(window(a, 1, 2, i, 256), window(a, 2, 2, i, 256)) ? 1 : 0;
    }
    assertTrue(same < 10, same + " of 200 windows equal"); // 1 in 2048 on average
  }

  @Test
  void chunksOf32ImagesShareAWindow() {
    Augmentation a = Augmentation.paper2012(224).withChunk(32);
    int[] first = new int[3];
    int[] last = new int[3];
    int[] next = new int[3];
    a.window(1, 0, 777, 32, 256, first, 0);
    a.window(1, 0, 5, 63, 256, last, 0);
    a.window(1, 0, 5, 64, 256, next, 0);
    assertArrayEquals(first, last);
    assertFalse(Arrays.equals(last, next));
  }

  @Test
  void windowsLargerThanTheImageAreRefused() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> window(Augmentation.paper2012(224), 1, 0, 0, 32));
    assertEquals(
        "a window of 224 pixels does not fit into images of 32; allowed: 1 to 32", e.getMessage());
    Augmentation wide = Augmentation.centre(224);
    assertThrows(IllegalArgumentException.class, () -> wide.view(0, 223, new int[3], 0));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Augmentation(8, false, true, true, 1, Optional.empty()));
    assertThrows(IllegalArgumentException.class, () -> Augmentation.centre(0));
    assertThrows(IllegalArgumentException.class, () -> Augmentation.paper2012(8).withChunk(0));
  }

  @Test
  void withoutFlipNothingIsMirroredAndOffsetsStay() {
    for (int i = 0; i < 50; i++) {
      int[] mirrored = window(Augmentation.paper2012(224), 9, 0, i, 256);
      int[] plain = window(Augmentation.paper2012(224).withoutFlip(), 9, 0, i, 256);
      assertArrayEquals(new int[] {mirrored[0], mirrored[1], 0}, plain);
    }
  }

  /**
   * With one component of deviation 10 along red and scale 0.1, the noise is normal of deviation 1
   * in red alone.
   */
  @Test
  void colourNoiseLiesAlongTheComponents() {
    ColourNoise noise =
        new ColourNoise(
            new double[] {10, 0, 0}, new double[][] {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}, 0.1);
    double squares = 0;
    float[] got = new float[ColourNoise.VALUES];
    for (int i = 0; i < 10_000; i++) {
      noise.draw(4, 1, i, got, 0);
      squares += got[0] * got[0];
      assertTrue(got[1] == 0 && got[2] == 0);
    }
    assertEquals(1, squares / 10_000, 0.08); // deviation of the estimate: sqrt(2 / 10,000) = 0.014
  }

  @Test
  void colourNoiseDividesAndEndsAsAsked() {
    ColourNoise plain = ColourNoise.imageNet();
    ColourNoise source = plain.withDivisor(1.1).withEpochs(66);
    float[] got = new float[ColourNoise.VALUES];
    float[] want = new float[ColourNoise.VALUES];
    for (int epoch : new int[] {0, 65}) {
      plain.draw(4, epoch, 7, want, 0);
      source.draw(4, epoch, 7, got, 0);
      assertEquals(1, want[3]);
      assertEquals((float) (1 / 1.1), got[3]);
      assertArrayEquals(Arrays.copyOf(want, 3), Arrays.copyOf(got, 3));
    }
    source.draw(4, 66, 7, got, 0);
    assertArrayEquals(new float[] {0, 0, 0, 1}, got);
  }

  /** Fact sheet, section 7: deviations 12.18, 3.71, 1.97 along the components. */
  @Test
  void imageNetNoiseHasThePublishedSize() {
    ColourNoise noise = ColourNoise.imageNet();
    double[] squares = new double[3];
    float[] got = new float[ColourNoise.VALUES];
    for (int i = 0; i < 20_000; i++) {
      noise.draw(4, 1, i, got, 0);
      for (int j = 0; j < 3; j++) {
        double along = 0;
        for (int c = 0; c < 3; c++) {
          along += got[c] * noise.vectors()[j][c];
        }
        squares[j] += along * along;
      }
    }
    double[] want = {12.178, 3.7094, 1.9721};
    for (int j = 0; j < 3; j++) {
      assertEquals(want[j], Math.sqrt(squares[j] / 20_000), 0.03 * want[j]); // six deviations
    }
  }
}
