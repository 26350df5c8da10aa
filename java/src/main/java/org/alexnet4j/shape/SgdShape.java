package org.alexnet4j.shape;

/**
 * Describes one update with momentum and weight decay (paper, section 5). Learning rate and
 * momentum come with the settings of each step.
 *
 * @param count values
 * @param rateFactor factor on the learning rate
 * @param decay weight decay
 * @param bias whether the learning rate is that of the biases
 * @hidden
 */
public record SgdShape(long count, float rateFactor, float decay, boolean bias) {
  /** How many arrays one call may update ({@code kSgdArrays} of {@code sgd.h}). */
  public static final int MOST_ARRAYS = 64;

  /**
   * Checks the values.
   *
   * @param count values
   * @param rateFactor factor on the learning rate
   * @param decay weight decay
   * @param bias whether the learning rate is that of the biases
   */
  public SgdShape {
    if (count < 1) {
      throw new IllegalArgumentException("update has count " + count + "; allowed: count > 0");
    }
    if (!(rateFactor >= 0 && decay >= 0)) {
      throw new IllegalArgumentException(
          "update has rate factor " + rateFactor + " and decay " + decay + "; allowed: 0 or more");
    }
  }
}
