package org.alexnet4j.data;

/**
 * The random numbers of one (seed, purpose, step, index), in order: block b is Philox of counter
 * (b, index, step, purpose) under key seed. Used by one thread.
 */
final class PhiloxStream {
  /** What the numbers are for: no two purposes ever see the same bits. */
  static final int ORDER = 0x101;

  static final int CROP = 0x102;
  static final int CHUNK_CROP = 0x103;
  static final int COLOUR = 0x104;
  static final int DRAWING = 0x105;
  static final int GRAIN = 0x106;

  private final int[] words = new int[4];
  private final long seed;
  private final int purpose;
  private final int step;
  private final int index;
  private int block;
  private int used = 4;

  PhiloxStream(long seed, int purpose, int step, int index) {
    this.seed = seed;
    this.purpose = purpose;
    this.step = step;
    this.index = index;
  }

  /** Returns 32 random bits. */
  int bits() {
    if (used == 4) {
      Philox.block(seed, block++, index, step, purpose, words);
      used = 0;
    }
    return words[used++];
  }

  /**
   * Returns a number in [0, bound), uniform up to bound / 2^32; exact where bound is a power of
   * two.
   */
  int below(int bound) {
    return (int) ((bits() & 0xFFFFFFFFL) * bound >>> 32);
  }

  /** Returns a number in (0, 1): the middle of one of 2^32 equal cells. */
  double unit() {
    return ((bits() & 0xFFFFFFFFL) + 0.5) * 0x1p-32;
  }

  /** Returns a number in (low, high). */
  float between(double low, double high) {
    return (float) (low + (high - low) * unit());
  }

  /**
   * Returns a normal number of mean 0 and deviation 1 (Box-Muller); StrictMath, so the same bits on
   * every JVM.
   */
  double gaussian() {
    double radius = StrictMath.sqrt(-2 * StrictMath.log(unit()));
    return radius * StrictMath.cos(2 * StrictMath.PI * unit());
  }
}
