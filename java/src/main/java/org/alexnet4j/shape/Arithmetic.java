package org.alexnet4j.shape;

/**
 * What results are computed in, beside the network and the order of its sums: a part of every
 * result, and free to change from one run of the same weights to the next.
 *
 * @param precision what the factors of products are rounded to, and how values are stored
 * @param algorithm how convolutions multiply
 */
public record Arithmetic(Precision precision, Algorithm algorithm) {
  /** Products of float32 as they stand, one by one: what is not stated. */
  public static final Arithmetic DEFAULT = new Arithmetic(Precision.FP32, Algorithm.DIRECT);

  /**
   * Checks that both go together.
   *
   * @param precision what the factors of products are rounded to, and how values are stored
   * @param algorithm how convolutions multiply
   * @throws IllegalArgumentException if an algorithm that transforms factors meets a precision that
   *     rounds them
   */
  public Arithmetic {
    if (algorithm != Algorithm.DIRECT && precision != Precision.FP32) {
      throw new IllegalArgumentException(
          "algorithm is "
              + algorithm
              + " and precision is "
              + precision
              + ", but Winograd's transforms are for factors that nothing rounds; allowed: algorithm "
              + Algorithm.DIRECT
              + ", or precision "
              + Precision.FP32);
    }
  }

  /**
   * {@return the usual algorithm in a precision}
   *
   * @param precision what the factors of products are rounded to, and how values are stored
   */
  public static Arithmetic of(Precision precision) {
    return new Arithmetic(precision, Algorithm.DIRECT);
  }

  /**
   * {@return an algorithm in float32}
   *
   * @param algorithm how convolutions multiply
   */
  public static Arithmetic of(Algorithm algorithm) {
    return new Arithmetic(Precision.FP32, algorithm);
  }

  /** {@return what to say of it behind a result: nothing of what is usual} */
  public String remark() {
    return (precision == Precision.FP32 ? "" : ", " + precision)
        + (algorithm == Algorithm.DIRECT ? "" : ", " + algorithm);
  }
}
