package org.alexnet4j.data;

/** Random numbers for tests of every package: those that drawings take. */
public final class Draws {
  private final PhiloxStream stream;

  /** Begins the numbers of one (seed, step, index). */
  public Draws(long seed, int step, int index) {
    this.stream = new PhiloxStream(seed, PhiloxStream.DRAWING, step, index);
  }

  /** Returns 32 random bits. */
  public int bits() {
    return stream.bits();
  }

  /** Returns a number in [0, bound). */
  public int below(int bound) {
    return stream.below(bound);
  }
}
