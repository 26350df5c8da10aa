package org.alexnet4j.eval;

import java.util.Locale;

/** How far features lie apart: each is Euclidean (paper, section 6.1) on what it makes of rows. */
public enum Distance {
  /** Of the features as they are. */
  EUCLIDEAN,
  /** Of features of length 1: {@code sqrt(2 - 2 cos)}. */
  COSINE,
  /**
   * Of square roots of length 1, so of features that are shares of their sum: {@code sqrt(2 - 2
   * cos)} of the roots. Features must not be negative.
   */
  HELLINGER;

  /**
   * Brings a row to where Euclidean distance is this one. A row of zeros stays one.
   *
   * @param values changed in place
   * @throws IllegalArgumentException if a value has no square root that is needed
   */
  void prepare(float[] values, int from, int count) {
    if (this == EUCLIDEAN) {
      return;
    }
    double squares = 0;
    for (int i = from; i < from + count; i++) {
      if (this == HELLINGER) {
        if (values[i] < 0) {
          throw new IllegalArgumentException(
              String.format(
                  Locale.ROOT,
                  "a feature is %s, which has no square root; allowed for hellinger: a layer behind"
                      + " a rectifier",
                  values[i]));
        }
        values[i] = (float) Math.sqrt(values[i]);
      }
      squares += (double) values[i] * values[i];
    }
    double length = Math.sqrt(squares);
    for (int i = from; i < from + count && length > 0; i++) {
      values[i] = (float) (values[i] / length);
    }
  }
}
