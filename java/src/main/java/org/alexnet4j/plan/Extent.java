package org.alexnet4j.plan;

/**
 * The size of one plane for one image: {@code [h,w,c]}.
 *
 * @param h rows
 * @param w columns
 * @param c channels
 */
public record Extent(int h, int w, int c) {

  /** Returns the elements for one image. */
  public int count() {
    return h * w * c;
  }

  @Override
  public String toString() {
    return h + "x" + w + "x" + c;
  }
}
