package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rates, smoothing and the suggestion against their formulas. */
class TestedRatesTest {
  private static final RateTest.Range RANGE = new RateTest.Range(1e-5, 1, 101);

  @Test
  void ratesRiseByOneFactorToBothEnds() {
    assertEquals(1e-5f, RANGE.rate(0));
    assertEquals(1f, RANGE.rate(100));
    for (int step = 0; step <= 100; step++) { // 20 steps to a power of ten
      assertEquals(-5 + step / 20.0, Math.log10(RANGE.rate(step)), 1e-6);
    }
  }

  @ParameterizedTest
  @CsvSource({"0, 1, 100", "1, 1, 100", "-1, 1, 100", "1, 0.5, 100", "NaN, 1, 9", "0.1, 1, 9"})
  void impossibleRangesAreRefused(double from, double to, int steps) {
    assertThrows(IllegalArgumentException.class, () -> new RateTest.Range(from, to, steps));
  }

  /** By hand: of 1, 2, 4 the middle one becomes (0.9 + 2 + 3.6) / 2.8. */
  @Test
  void lossesAreSmoothedToBothSides() {
    TestedRates curve = TestedRates.of(RANGE, List.of(1.0, 2.0, 4.0), Optional.empty());
    assertEquals(6.5 / 2.8, curve.points().get(1).smoothed(), 1e-12);
    assertEquals((1 + 1.8 + 3.24) / 2.71, curve.points().get(0).smoothed(), 1e-12);
    assertTrue(curve.suggestion().isEmpty(), "it falls nowhere");
    assertEquals(0, curve.lowest().orElseThrow().step());
  }

  /** A curve that is symmetric about step 60 is steepest there, however it is smoothed. */
  @Test
  void theSuggestionIsTheSteepestDescent() {
    List<Double> losses = new ArrayList<>();
    for (int step = 0; step <= 100; step++) {
      losses.add(2 - Math.tanh((step - 60) / 8.0) + (step > 90 ? (step - 90) * 0.5 : 0));
    }
    TestedRates curve = TestedRates.of(RANGE, losses, Optional.empty());
    assertEquals(60, curve.suggestion().orElseThrow().step());
    assertEquals(1e-2, curve.suggestion().orElseThrow().rate(), 1e-7);
  }

  @Test
  void theTableHasAHeadAndPlainNumbers() {
    TestedRates curve = TestedRates.of(RANGE, List.of(2.5, 2.5), Optional.empty());
    assertEquals(
        "step,rate,loss,smoothedLoss\r\n0,1.0E-5,2.5,2.5\r\n1,1.1220184E-5,2.5,2.5\r\n",
        curve.csv());
  }
}
