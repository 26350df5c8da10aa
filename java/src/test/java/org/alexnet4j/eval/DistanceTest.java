package org.alexnet4j.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Path;
import java.util.List;
import org.alexnet4j.io.NpyWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Distances against their formulas, through an index. */
class DistanceTest {
  private static final float[] ROWS = {4, 0, 1, /**/ 1, 1, 1, /**/ 0, 9, 0, /**/ 0, 0, 0};

  @TempDir Path folder;

  private double[] distances(Distance distance, float... point) throws Exception {
    Path file = folder.resolve("index.npy");
    NpyWriter.writeFloats(file, ROWS, 4, 3);
    double[] found = new double[4];
    for (Nearest.Row row : new FeatureIndex(file).nearest(List.of(point), 4, 4, distance).get(0)) {
      found[(int) row.index()] = row.distance();
    }
    return found;
  }

  @Test
  void formulas() throws Exception {
    double[] euclidean = {Math.sqrt(16 + 4), Math.sqrt(1 + 1), Math.sqrt(49 + 1), Math.sqrt(4 + 1)};
    assertArrayEquals(euclidean, distances(Distance.EUCLIDEAN, 0, 2, 1), 1e-6);
    double[] cosines = {1 / Math.sqrt(5 * 17), 3 / Math.sqrt(5 * 3), 2 / Math.sqrt(5), Double.NaN};
    double[] roots = { // sum of sqrt(x y) by the roots of both sums
      1 / Math.sqrt(3 * 5),
      (Math.sqrt(2) + 1) / Math.sqrt(3 * 3),
      Math.sqrt(18) / Math.sqrt(3 * 9),
      Double.NaN
    };
    double[] cosine = distances(Distance.COSINE, 0, 2, 1);
    double[] hellinger = distances(Distance.HELLINGER, 0, 2, 1);
    for (int i = 0; i < 3; i++) {
      assertEquals(Math.sqrt(2 - 2 * cosines[i]), cosine[i], 1e-6);
      assertEquals(Math.sqrt(2 - 2 * roots[i]), hellinger[i], 1e-6);
    }
    assertEquals(1, cosine[3], 1e-6); // a row of zeros
    assertEquals(1, hellinger[3], 1e-6);
  }

  @Test
  void negativeFeaturesHaveNoRoots() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> distances(Distance.HELLINGER, 1, -2, 1));
    assertEquals(
        "a feature is -2.0, which has no square root; allowed for hellinger: a layer behind a"
            + " rectifier",
        e.getMessage());
  }
}
