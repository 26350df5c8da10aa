package org.alexnet4j.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.List;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.junit.jupiter.api.Test;

/** Which images are mistakes, and in which order. */
class MistakesTest {
  private static float[] row(int first, float p, int second, float q) {
    float[] row = new float[10];
    row[first] = p;
    row[second] = q;
    return row;
  }

  @Test
  void theSurestComeFirstAndTiesWithTheOwnClassAreNone() throws IOException {
    try (Dataset images = Datasets.open("synthetic:test=10", DataOptions.heldOut())) {
      Mistakes mistakes = new Mistakes(images, 3);
      float[] all = new float[100];
      int[] own = new int[10];
      for (int i = 0; i < 10; i++) {
        own[i] = images.label(i);
        int other = (own[i] + 1) % 10;
        float[] row =
            switch (i) {
              case 2 -> row(other, 0.6f, own[i], 0.4f);
              case 3 -> row(other, 0.5f, own[i], 0.5f); // a tie
              case 5, 6 -> row(other, 0.9f, own[i], 0.1f);
              case 8 -> row(other, 0.7f, own[i], 0.3f);
              default -> row(own[i], 0.8f, other, 0.2f);
            };
        System.arraycopy(row, 0, all, 10 * i, 10);
      }
      mistakes.at(0, 4, all);
      mistakes.at(4, 6, java.util.Arrays.copyOfRange(all, 40, 100));
      assertEquals(4, mistakes.count());
      assertEquals(
          List.of(mistake(5, own, 0.9f), mistake(6, own, 0.9f), mistake(8, own, 0.7f)),
          mistakes.surest());
    }
  }

  private static Mistakes.Mistake mistake(int image, int[] own, float probability) {
    return new Mistakes.Mistake(image, own[image], (own[image] + 1) % 10, probability);
  }
}
