package org.alexnet4j.shape;

/**
 * Describes dropout (paper, section 4.2; not inverted). The mask bit of element {@code i} is a pure
 * function of {@code (seed, purpose, step, first + i)}; the step comes with the settings of each
 * step.
 *
 * @param count elements
 * @param first index of the first element in the whole layer, so that towers draw different bits
 * @param seed the run's seed
 * @param purpose tells layers apart
 * @param keep probability that a unit is kept; the factor of testing
 * @hidden
 */
public record DropoutShape(long count, long first, long seed, int purpose, float keep) {

  /**
   * Checks the values.
   *
   * @param count elements
   * @param first index of the first element in the whole layer, so that towers draw different bits
   * @param seed the run's seed
   * @param purpose tells layers apart
   * @param keep probability that a unit is kept; the factor of testing
   */
  public DropoutShape {
    if (count < 1 || first < 0) {
      throw new IllegalArgumentException(
          "dropout has count "
              + count
              + " and first "
              + first
              + "; allowed: count > 0, first >= 0");
    }
    if (!(keep > 0 && keep <= 1)) {
      throw new IllegalArgumentException("dropout keep is " + keep + "; allowed: (0, 1]");
    }
  }
}
