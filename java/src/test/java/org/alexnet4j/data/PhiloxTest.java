package org.alexnet4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PhiloxTest {
  /** The known answers that the authors publish with Random123 for philox4x32, 10 rounds. */
  @Test
  void blockGivesTheKnownAnswers() {
    assertBlock(0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    assertBlock(-1L, -1, -1, -1, -1, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    assertBlock(
        0x299f31d0a4093822L,
        0x243f6a88,
        0x85a308d3,
        0x13198a2e,
        0x03707344,
        0xd16cfe09,
        0x94fdcceb,
        0x5001e420,
        0x24126ea1);
  }

  private static void assertBlock(long key, int c0, int c1, int c2, int c3, int... want) {
    int[] got = new int[4];
    Philox.block(key, c0, c1, c2, c3, got);
    assertArrayEquals(want, got);
  }

  @Test
  void streamsOfDifferentPurposeStepOrIndexDiffer() {
    int plain = new PhiloxStream(1, PhiloxStream.CROP, 2, 3).bits();
    assertTrue(plain != new PhiloxStream(2, PhiloxStream.CROP, 2, 3).bits());
    assertTrue(plain != new PhiloxStream(1, PhiloxStream.ORDER, 2, 3).bits());
    assertTrue(plain != new PhiloxStream(1, PhiloxStream.CROP, 3, 3).bits());
    assertTrue(plain != new PhiloxStream(1, PhiloxStream.CROP, 2, 4).bits());
    assertEquals(plain, new PhiloxStream(1, PhiloxStream.CROP, 2, 3).bits());
  }

  /**
   * Block b of a stream is Philox of (b, index, step, purpose), and numbers are made of its words.
   */
  @Test
  void aStreamIsItsBlocksInOrder() {
    PhiloxStream bits = new PhiloxStream(5, PhiloxStream.CROP, 2, 3);
    PhiloxStream units = new PhiloxStream(5, PhiloxStream.CROP, 2, 3);
    PhiloxStream ranges = new PhiloxStream(5, PhiloxStream.CROP, 2, 3);
    int[] words = new int[4];
    for (int block = 0; block < 3; block++) {
      Philox.block(5, block, 3, 2, PhiloxStream.CROP, words);
      for (int word : words) {
        double unit = (Integer.toUnsignedLong(word) + 0.5) / 4294967296.0;
        assertEquals(word, bits.bits());
        assertEquals(unit, units.unit());
        assertEquals((float) (-3 + 8 * unit), ranges.between(-3, 5));
      }
    }
  }

  /**
   * With 40,000 draws the mean of a unit normal lies within 5 / sqrt(40,000) = 0.025, its variance
   * within 0.036.
   */
  @Test
  void gaussianHasMeanZeroAndDeviationOne() {
    PhiloxStream random = new PhiloxStream(5, PhiloxStream.COLOUR, 0, 0);
    int count = 40_000;
    double sum = 0;
    double squares = 0;
    for (int i = 0; i < count; i++) {
      double z = random.gaussian();
      sum += z;
      squares += z * z;
    }
    assertEquals(0, sum / count, 0.025);
    assertEquals(1, squares / count, 0.036);
  }

  @Test
  void belowReachesEveryNumberAndNoOther() {
    PhiloxStream random = new PhiloxStream(5, PhiloxStream.CROP, 0, 0);
    int[] seen = new int[7];
    for (int i = 0; i < 700; i++) {
      seen[random.below(7)]++;
    }
    for (int count : seen) {
      assertTrue(count > 50, "100 of 700 expected, got " + count);
    }
  }
}
