package org.alexnet4j.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Quantiles against values by hand. */
final class StepSpreadTest {
  @Test
  void quantilesAreInterpolatedBetweenSteps() {
    StepSpread spread = StepSpread.of(new double[] {5, 1, 2, 4, 3});
    assertEquals(1, spread.quantile(0));
    assertEquals(2, spread.quantile(0.25));
    assertEquals(3, spread.quantile(0.5));
    assertEquals(5, spread.quantile(1));
    assertEquals(2.2, spread.quantile(0.3), 1e-12);
    assertEquals(2, spread.medianOverBest());
  }

  @Test
  void oneStepIsAllOfThem() {
    StepSpread spread = StepSpread.of(new double[] {7});
    assertEquals(7, spread.quantile(0.25));
    assertEquals(0, spread.medianOverBest());
  }
}
