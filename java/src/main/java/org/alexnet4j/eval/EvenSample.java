package org.alexnet4j.eval;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.alexnet4j.data.Dataset;

/**
 * A part of a data set, spread evenly over it, so that sets in the order of their classes give
 * every class its share. Does not close the data set.
 *
 * @param whole where the images are
 * @param size how many are taken
 */
record EvenSample(Dataset whole, int size) implements Dataset {
  /** Steps of this share of a circle never meet, and fill it evenly. */
  private static final double GOLDEN = 0.6180339887498949;

  /** Takes at most {@code most} images. */
  static EvenSample of(Dataset whole, int most) {
    return new EvenSample(whole, Math.min(most, whole.size()));
  }

  /**
   * Returns the place of an image: somewhere in the index-th of {@code size} equal stretches.
   * Always the same somewhere, but not the same in every stretch, or a set in which classes take
   * turns would show only some of them.
   */
  private int place(int index) {
    long first = (long) index * whole.size() / size;
    long next = (index + 1L) * whole.size() / size;
    double turn = index * GOLDEN % 1;
    return (int) (first + (long) (turn * (next - first)));
  }

  @Override
  public List<String> classes() {
    return whole.classes();
  }

  @Override
  public int label(int index) {
    return whole.label(place(index));
  }

  @Override
  public String name(int index) {
    return whole.name(place(index));
  }

  @Override
  public int source() {
    return whole.source();
  }

  @Override
  public void read(int index, ByteBuffer to) throws IOException {
    whole.read(place(index), to);
  }

  @Override
  public void close() {}
}
