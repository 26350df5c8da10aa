package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.Optional;

/**
 * One tensor of a foreign file, read when it is asked for.
 *
 * @param name as the file has it
 * @param shape extents, last axis contiguous in what {@link #floats} returns
 * @param type how the file stores its elements, for messages
 * @param reading reads all elements
 * @param integers reads all elements, if they are whole numbers
 */
public record ForeignTensor(
    String name,
    ImmutableList<Long> shape,
    String type,
    Reading reading,
    Optional<Integers> integers) {

  /** Most elements: what one Java array and one mapping hold. */
  static final long MOST = 1L << 29;

  /** Reads the elements of a tensor. */
  @FunctionalInterface
  public interface Reading {
    /**
     * Returns the elements in C order.
     *
     * @throws IOException if they cannot be read, or are not what the shape says
     */
    float[] floats() throws IOException;
  }

  /** Reads whole numbers. */
  @FunctionalInterface
  public interface Integers {
    /**
     * Returns the elements in C order.
     *
     * @throws IOException if they cannot be read
     */
    long[] longs() throws IOException;
  }

  /** Makes a tensor of floats. */
  ForeignTensor(String name, ImmutableList<Long> shape, String type, Reading reading) {
    this(name, shape, type, reading, Optional.empty());
  }

  /**
   * Returns the elements in C order.
   *
   * @throws IOException if they cannot be read, or are not what the shape says
   */
  public float[] floats() throws IOException {
    return reading.floats();
  }

  /** Returns the same without leading extents of 1 that make more axes than these. */
  ForeignTensor withAxes(int most) {
    int first = 0;
    while (shape.size() - first > most && shape.get(first) == 1) {
      first++;
    }
    return new ForeignTensor(name, shape.subList(first, shape.size()), type, reading, integers);
  }

  /**
   * Returns how many elements a shape has, or -1 if an extent is negative or there are too many.
   */
  static long count(Iterable<Long> shape) {
    long count = 1;
    for (long extent : shape) {
      if (extent < 0 || extent > MOST) {
        return -1;
      }
      count *= extent;
      if (count > MOST) {
        return -1;
      }
    }
    return count;
  }
}
