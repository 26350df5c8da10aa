package org.alexnet4j.shape;

/**
 * How convolutions multiply where the device has kernels for it: on the CPU those of stride 1 with
 * filters of 3 x 3 or 5 x 5, and 16 channels or more and more than one pixel on either side.
 * Others, and other layers, multiply as {@link #DIRECT} does.
 *
 * <p>Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015, after Winograd,
 * 1980.
 */
public enum Algorithm {
  /** Each product of an input and a weight, summed in float32: the arithmetic of the paper. */
  DIRECT("direct", 0),
  /** Tiles of 2 x 2 outputs by fewer products of transformed factors: F(2x2,3x3), F(2x2,5x5). */
  WINOGRAD2("winograd2", 1),
  /**
   * Tiles of 4 x 4 outputs where filters are 3 x 3, by fewer products still and with larger errors:
   * F(4x4,3x3). With 5 x 5 the same as {@link #WINOGRAD2}.
   */
  WINOGRAD4("winograd4", 2);

  private final String text;
  private final int code;

  Algorithm(String text, int code) {
    this.text = text;
    this.code = code;
  }

  /** {@return its {@code ALEXNET_ALGORITHM_*} in alexnet.h} */
  public int code() {
    return code;
  }

  /**
   * {@return the algorithm of this name}
   *
   * @param what asks, for the message
   * @param name in small letters
   * @throws IllegalArgumentException if there is none
   */
  public static Algorithm parse(String what, String name) {
    return Named.parse(values(), what, name);
  }

  @Override
  public String toString() {
    return text;
  }
}
