package org.alexnet4j.plan;

import java.util.Locale;
import org.alexnet4j.shape.Shapes;

/**
 * The size of one plane for one image: {@code [h,w,c]}.
 *
 * @param h rows
 * @param w columns
 * @param c channels
 */
public record Extent(int h, int w, int c) {

  /**
   * Checks that the elements can be counted.
   *
   * @param h rows
   * @param w columns
   * @param c channels
   */
  public Extent {
    long count = Shapes.count("a plane", h, w, c);
    if (count > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "a plane of %dx%dx%d has %d values for one image; allowed: fewer than 2^31",
              h,
              w,
              c,
              count));
    }
  }

  /** {@return the elements for one image} */
  public int count() {
    return h * w * c;
  }

  @Override
  public String toString() {
    return h + "x" + w + "x" + c;
  }
}
