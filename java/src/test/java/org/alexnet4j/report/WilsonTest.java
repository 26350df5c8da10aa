package org.alexnet4j.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Intervals against published values, and against the equation that defines them. */
class WilsonTest {
  /** 8 of 10; Newcombe 1998, Statistics in Medicine 17, table I, method 3, for the others. */
  @ParameterizedTest
  @CsvSource({
    "8, 10, 0.4902, 0.9433",
    "81, 263, 0.2553, 0.3662",
    "15, 148, 0.0624, 0.1605",
    "0, 20, 0.0000, 0.1611",
    "1, 29, 0.0061, 0.1718",
  })
  void publishedValues(double right, int images, double low, double high) {
    Wilson interval = Wilson.of(right / images, images);
    assertEquals(low, interval.low(), 5e-5);
    assertEquals(high, interval.high(), 5e-5);
  }

  /** Each end is a share q from which the seen one lies z standard deviations of q away. */
  @ParameterizedTest
  @CsvSource({"0.407, 50000", "0.182, 50000", "0.5, 3", "0.013, 77"})
  void theEndsSolveTheScoreEquation(double share, int images) {
    Wilson interval = Wilson.of(share, images);
    for (double q : new double[] {interval.low(), interval.high()}) {
      assertEquals(1.959964, Math.abs(share - q) / Math.sqrt(q * (1 - q) / images), 1e-6);
    }
    assertTrue(interval.low() < share && share < interval.high());
  }

  @Test
  void theEndsOfTheScaleAndBeyond() {
    assertEquals(1, Wilson.of(1, 5).high());
    assertEquals(0, Wilson.of(0, 5).low());
    assertTrue(Double.isNaN(Wilson.of(Double.NaN, 5).low()));
    assertThrows(IllegalArgumentException.class, () -> Wilson.of(0.5, 0));
  }
}
