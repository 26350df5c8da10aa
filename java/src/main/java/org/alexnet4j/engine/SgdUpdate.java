package org.alexnet4j.engine;

import com.google.common.collect.ImmutableList;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.shape.SgdShape;

/**
 * The arrays of parameters that one call updates.
 *
 * @param arrays 1 to {@value SgdShape#MOST_ARRAYS} of them
 */
public record SgdUpdate(ImmutableList<Item> arrays) {
  /**
   * One array.
   *
   * @param shape its length and factors
   * @param w parameters
   * @param v velocities
   * @param g gradients
   */
  public record Item(SgdShape shape, Buffer w, Buffer v, Buffer g) {}

  /** Checks the number of arrays. */
  public SgdUpdate {
    if (arrays.isEmpty() || arrays.size() > SgdShape.MOST_ARRAYS) {
      throw new IllegalArgumentException(
          "update has " + arrays.size() + " arrays; allowed: 1 to " + SgdShape.MOST_ARRAYS);
    }
  }

  /** Returns the update of one array alone. */
  public static SgdUpdate of(SgdShape shape, Buffer w, Buffer v, Buffer g) {
    return new SgdUpdate(ImmutableList.of(new Item(shape, w, v, g)));
  }
}
