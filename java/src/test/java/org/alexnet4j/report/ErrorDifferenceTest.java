package org.alexnet4j.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** Holds the interval to the examples of Newcombe's paper (table II, method 10). */
class ErrorDifferenceTest {
  private static void assertInterval(
      int first, int of, int second, int of2, double low, double high) {
    ErrorDifference d = ErrorDifference.of((double) second / of2, of2, (double) first / of, of);
    assertEquals((double) first / of - (double) second / of2, d.difference(), 1e-12);
    assertEquals(low, d.low(), 5e-5);
    assertEquals(high, d.high(), 5e-5);
  }

  @Test
  void examplesOfThePaper() {
    assertInterval(56, 70, 48, 80, 0.0524, 0.3339);
    assertInterval(9, 10, 3, 10, 0.1705, 0.8090);
    assertInterval(10, 10, 0, 20, 0.6791, 1.0);
    assertInterval(0, 10, 0, 10, -0.2775, 0.2775);
  }

  @Test
  void onlyAnIntervalWithoutZeroIsADifference() {
    assertTrue(ErrorDifference.of(0.6, 80, 0.8, 70).significant());
    assertTrue(ErrorDifference.of(0.8, 70, 0.6, 80).significant());
    assertFalse(ErrorDifference.of(0.85, 40, 0.875, 40).significant());
  }
}
