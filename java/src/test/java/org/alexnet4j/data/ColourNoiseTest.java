package org.alexnet4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/**
 * The colour noise of section 4.1: for every image one sum of three independent normal factors of
 * deviation 0.1, so its covariance is a hundredth of the pixels'.
 */
class ColourNoiseTest {
  private static final int DRAWS = 60_000;

  /** Of grey levels; its components are skew to the axes and have three different sizes. */
  private static final double[][] PIXELS = {
    {4200, 2900, 2100}, {2900, 3700, 2600}, {2100, 2600, 4500}
  };

  private static float[] draw(ColourNoise noise, long seed, int epoch, int index) {
    float[] to = new float[ColourNoise.VALUES];
    noise.draw(seed, epoch, index, to, 0);
    return to;
  }

  @Test
  void itsCovarianceIsAHundredthOfThePixels() {
    ColourNoise noise = ColourComponents.of(PIXELS).noise();
    assertEquals(0.1, noise.scale());
    double[] means = new double[3];
    double[][] covariance = new double[3][3];
    for (int i = 0; i < DRAWS; i++) {
      float[] got = draw(noise, 4, 2, i);
      for (int a = 0; a < 3; a++) {
        means[a] += got[a] / (double) DRAWS;
        for (int b = 0; b < 3; b++) {
          covariance[a][b] += got[a] * (double) got[b] / DRAWS;
        }
      }
    }
    for (int a = 0; a < 3; a++) {
      assertEquals(0, means[a], 5 * Math.sqrt(PIXELS[a][a] / 100 / DRAWS), "mean of " + a);
      for (int b = 0; b < 3; b++) {
        // Five deviations of the estimate; the products' own is at most sqrt(2 c_aa c_bb).
        double bound = 5 * Math.sqrt(2 * PIXELS[a][a] * PIXELS[b][b] / DRAWS) / 100;
        assertEquals(PIXELS[a][b] / 100, covariance[a][b], bound, "covariance " + a + "," + b);
      }
    }
    // One factor for all three components would leave a matrix of rank 1, whose determinant is 0.
    double want = determinant(PIXELS) / 1e6;
    assertEquals(want, determinant(covariance), 0.1 * want);
  }

  /** [p1, p2, p3] times what the image's stream gives for each component, in their order. */
  @Test
  void itIsTheSumOfTheComponentsByTheirFactors() {
    double[] deviations = {50, 20, 5};
    double[][] vectors = {{0.6, 0.8, 0}, {-0.8, 0.6, 0}, {0, 0, 1}};
    ColourNoise noise = new ColourNoise(deviations, vectors, ColourNoise.PAPER_SCALE);
    for (int image = 0; image < 100; image++) {
      PhiloxStream random = new PhiloxStream(4, PhiloxStream.COLOUR, 2, image);
      double p1 = 0.1 * 50 * random.gaussian();
      double p2 = 0.1 * 20 * random.gaussian();
      double p3 = 0.1 * 5 * random.gaussian();
      float[] got = draw(noise, 4, 2, image);
      assertEquals(0.6 * p1 - 0.8 * p2, got[0], 1e-5);
      assertEquals(0.8 * p1 + 0.6 * p2, got[1], 1e-5);
      assertEquals(p3, got[2], 1e-5);
      assertEquals(1, got[3]);
    }
  }

  private static double determinant(double[][] m) {
    return m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1])
        - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
        + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0]);
  }

  /** The factors along the components, each normal and without regard to the others. */
  @Test
  void theThreeFactorsAreIndependentAndNormal() {
    ColourNoise noise = ColourNoise.imageNet();
    double[][] products = new double[3][3];
    double[][] squares = new double[3][3];
    double[] fourth = new double[3];
    for (int i = 0; i < DRAWS; i++) {
      float[] got = draw(noise, 9, 0, i);
      double[] z = new double[3];
      for (int j = 0; j < 3; j++) {
        for (int c = 0; c < 3; c++) {
          z[j] += got[c] * noise.vectors()[j][c] / (noise.scale() * noise.deviations()[j]);
        }
        fourth[j] += Math.pow(z[j], 4) / DRAWS;
      }
      for (int a = 0; a < 3; a++) {
        for (int b = 0; b < 3; b++) {
          products[a][b] += z[a] * z[b] / DRAWS;
          squares[a][b] += (z[a] * z[a] - 1) * (z[b] * z[b] - 1) / DRAWS;
        }
      }
    }
    double root = Math.sqrt(DRAWS);
    for (int a = 0; a < 3; a++) {
      assertEquals(3, fourth[a], 5 * Math.sqrt(96) / root);
      for (int b = 0; b < a; b++) {
        assertEquals(0, products[a][b], 5 / root);
        assertEquals(0, squares[a][b], 5 * 2 / root);
      }
    }
  }

  @Test
  void everyImageAndEpochHasADrawOfItsOwn() {
    ColourNoise noise = ColourNoise.imageNet();
    float[] first = draw(noise, 4, 2, 3);
    assertArrayEquals(first, draw(noise, 4, 2, 3));
    assertFalse(Arrays.equals(first, draw(noise, 4, 2, 4)), "another image");
    assertFalse(Arrays.equals(first, draw(noise, 4, 3, 3)), "another epoch");
    assertFalse(Arrays.equals(first, draw(noise, 5, 2, 3)), "another seed");
  }

  /** The images of a batch get the draws of their places in the data set, not of the batch. */
  @Test
  void aBatchHasTheNoiseOfItsImages() throws IOException {
    ColourNoise noise = ColourNoise.imageNet();
    DataOptions options =
        new DataOptions(DataOptions.Split.TRAIN, 32, 0, DataOptions.Damaged.FAIL, 0);
    try (Dataset images = Datasets.open("synthetic:train=12,test=1,seed=5", options);
        BatchLoader loader =
            BatchLoader.of(images, 4)
                .seed(3)
                .epochs(2)
                .augmentation(Augmentation.paper2012(28).withNoise(noise))) {
      int seen = 0;
      for (Batch batch : loader) {
        for (int i = 0; i < batch.count(); i++) {
          float[] got = Arrays.copyOfRange(batch.noise(), 4 * i, 4 * i + 4);
          assertArrayEquals(draw(noise, 3, batch.epoch(), batch.indices()[i]), got);
          seen++;
        }
      }
      assertEquals(24, seen);
    }
  }

  /** A component and its deviation are a vector and a length that the matrix itself knows. */
  @Test
  void componentsAreTheMatrixesOwn() {
    assertOwn(PIXELS);
    assertOwn(new double[][] {{50, -40, 30}, {-40, 60, -35}, {30, -35, 40}});
    assertOwn(new double[][] {{2, -1, 0}, {-1, 2, -1}, {0, -1, 3}});
    assertOwn(new double[][] {{9, 3, -2}, {3, 20, 5}, {-2, 5, 40}});
  }

  private static void assertOwn(double[][] pixels) {
    ColourComponents components = ColourComponents.of(pixels);
    for (int j = 0; j < 3; j++) {
      double[] v = components.vectors()[j];
      double length = 0;
      int largest = 0;
      for (int a = 0; a < 3; a++) {
        double times = 0;
        for (int b = 0; b < 3; b++) {
          times += pixels[a][b] * v[b];
        }
        assertEquals(components.eigenvalues()[j] * v[a], times, 1e-8);
        length += v[a] * v[a];
        largest = Math.abs(v[a]) > Math.abs(v[largest]) ? a : largest;
      }
      assertEquals(1, length, 1e-12);
      assertTrue(v[largest] > 0, "its largest entry is positive");
      assertTrue(j == 0 || components.eigenvalues()[j] < components.eigenvalues()[j - 1]);
    }
  }

  /** Of one colour: two components have no size, and rounding must not make it negative. */
  @Test
  void picturesWithoutColourHaveOneComponent() {
    double[][] grey = {{900, 900, 900}, {900, 900, 900}, {900, 900, 900}};
    ColourComponents components = ColourComponents.of(grey);
    assertEquals(2700, components.eigenvalues()[0], 1e-9);
    assertEquals(0, components.eigenvalues()[1], 1e-9);
    assertEquals(0, components.eigenvalues()[2], 1e-9);
    assertTrue(components.eigenvalues()[2] >= 0);
    float[] got = draw(components.noise(), 4, 1, 1);
    assertEquals(got[0], got[1], 1e-5);
    assertEquals(got[0], got[2], 1e-5);
  }

  /** Without correlation the components are the axes, by falling size. */
  @Test
  void componentsOfADiagonalAreTheAxes() {
    ColourComponents components =
        ColourComponents.of(new double[][] {{4, 0, 0}, {0, 9, 0}, {0, 0, 1}});
    assertArrayEquals(new double[] {9, 4, 1}, components.eigenvalues());
    assertArrayEquals(new double[] {0, 1, 0}, components.vectors()[0]);
    assertArrayEquals(new double[] {1, 0, 0}, components.vectors()[1]);
    assertArrayEquals(new double[] {0, 0, 1}, components.vectors()[2]);
    assertArrayEquals(new double[] {3, 2, 1}, components.noise().deviations());
  }
}
