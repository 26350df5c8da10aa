package org.alexnet4j.data;

/**
 * Philox4x32-10 (Salmon and others, SC 2011): 128 random bits as a pure function of a 128-bit
 * counter and a 64-bit key.
 *
 * <p>Nothing is kept between calls, so any draw can be repeated alone, by any thread and after any
 * restart.
 *
 * @hidden
 */
public final class Philox {
  private static final long MULTIPLIER_0 = 0xD2511F53L;
  private static final long MULTIPLIER_1 = 0xCD9E8D57L;
  private static final int WEYL_0 = 0x9E3779B9;
  private static final int WEYL_1 = 0xBB67AE85;
  private static final int ROUNDS = 10;

  private Philox() {}

  /**
   * Writes the four words of one block.
   *
   * @param key low half is key word 0, high half key word 1
   * @param c0 counter word 0; {@code c1}, {@code c2}, {@code c3} likewise
   * @param c1 counter word 1
   * @param c2 counter word 2
   * @param c3 counter word 3
   * @param to receives words 0 to 3
   */
  public static void block(long key, int c0, int c1, int c2, int c3, int[] to) {
    int k0 = (int) key;
    int k1 = (int) (key >>> 32);
    for (int round = 0; round < ROUNDS; round++) {
      long product0 = MULTIPLIER_0 * (c0 & 0xFFFFFFFFL);
      long product1 = MULTIPLIER_1 * (c2 & 0xFFFFFFFFL);
      int next0 = (int) (product1 >>> 32) ^ c1 ^ k0;
      int next2 = (int) (product0 >>> 32) ^ c3 ^ k1;
      c1 = (int) product1;
      c3 = (int) product0;
      c0 = next0;
      c2 = next2;
      k0 += WEYL_0;
      k1 += WEYL_1;
    }
    to[0] = c0;
    to[1] = c1;
    to[2] = c2;
    to[3] = c3;
  }
}
