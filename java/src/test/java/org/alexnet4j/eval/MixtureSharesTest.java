package org.alexnet4j.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import org.junit.jupiter.api.Test;

/** Tuned shares against solutions by hand and by search. */
class MixtureSharesTest {
  /**
   * Members say a = 0.8, b = 0.2 of one image's class and c = 0.3, d = 0.6 of the other's. With u =
   * a - b and v = c - d the derivative is 0 where u (d + w v) + v (b + w u) = 0: w = -(u d + v b) /
   * (2 u v) = 0.30 / 0.36.
   */
  @Test
  void twoMembersAreSolvedByHand() {
    MixtureShares fit = MixtureShares.fit(new double[][] {{0.8, 0.2}, {0.3, 0.6}});
    assertEquals(0.30 / 0.36, fit.shares()[0], 1e-4); // flat at the top: loss counts, see below
    assertEquals(1, fit.shares()[0] + fit.shares()[1], 1e-12);
    double w = 0.30 / 0.36;
    double least = -(Math.log(0.8 * w + 0.2 * (1 - w)) + Math.log(0.3 * w + 0.6 * (1 - w))) / 2;
    assertEquals(least, fit.loss(), 1e-9);
    assertTrue(fit.gap() <= 1e-9, fit.gap() + "");
  }

  /** One member is better for every image, so that the other one gets nothing. */
  @Test
  void aMemberThatNeverHelpsGetsNothing() {
    MixtureShares fit = MixtureShares.fit(new double[][] {{0.8, 0.2}, {0.6, 0.3}});
    assertArrayEquals(new double[] {1, 0}, fit.shares(), 1e-8);
  }

  @Test
  void noSharesOnAFineGridAreBetter() {
    Random random = new Random(5);
    double[][] own = new double[40][3];
    for (double[] row : own) {
      for (int m = 0; m < 3; m++) {
        row[m] = Math.pow(random.nextDouble(), 1 + m);
      }
    }
    MixtureShares fit = MixtureShares.fit(own);
    double best = Double.POSITIVE_INFINITY;
    double[] at = new double[3];
    for (int a = 0; a <= 200; a++) {
      for (int b = 0; a + b <= 200; b++) {
        double loss = 0;
        for (double[] row : own) {
          loss -= Math.log((a * row[0] + b * row[1] + (200 - a - b) * row[2]) / 200) / own.length;
        }
        if (loss < best) {
          best = loss;
          at = new double[] {a / 200.0, b / 200.0, (200 - a - b) / 200.0};
        }
      }
    }
    assertTrue(fit.loss() <= best + 1e-9, fit.loss() + " above " + best);
    assertArrayEquals(at, fit.shares(), 0.0051);
  }

  /** Its loss is infinite whatever the shares; those of the others decide. */
  @Test
  void anImageOfWhichNobodySaysItsClassHasNoSay() {
    MixtureShares fit = MixtureShares.fit(new double[][] {{0, 0}, {0.8, 0.2}, {0.3, 0.6}});
    assertEquals(0.30 / 0.36, fit.shares()[0], 1e-4);
    assertEquals(Double.POSITIVE_INFINITY, fit.loss());
    assertArrayEquals(new double[] {0.5, 0.5}, MixtureShares.fit(new double[][] {{0, 0}}).shares());
  }

  private static String refused(double[][] own) {
    return assertThrows(IllegalArgumentException.class, () -> MixtureShares.fit(own)).getMessage();
  }

  @Test
  void whatCannotBeTunedIsRefused() {
    assertTrue(refused(new double[0][]).contains("no image to tune shares on"));
    assertTrue(refused(new double[][] {{0.5}}).contains("shares of 1 network cannot be tuned"));
    assertTrue(refused(new double[][] {{1, 1}, {0.5, Double.NaN}}).contains("image 1 has"));
  }
}
