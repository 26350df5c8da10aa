package org.alexnet4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;
import org.alexnet4j.data.message.DataException;
import org.junit.jupiter.api.Test;

class SyntheticDatasetTest {
  private static final long GOLDEN = 4021002487L;

  private static byte[] pixels(Dataset set, int index) throws IOException {
    ByteBuffer to = ByteBuffer.allocate(set.imageBytes());
    set.read(index, to);
    assertFalse(to.hasRemaining());
    return to.array();
  }

  @Test
  void hasTwoPartsOfTenBalancedClasses() throws IOException {
    try (Dataset train = Datasets.open("synthetic:", DataOptions.train());
        Dataset test = Datasets.open("synthetic:", DataOptions.heldOut())) {
      assertEquals(4000, train.size());
      assertEquals(1000, test.size());
      assertEquals(256, train.source());
      assertEquals(10, train.classes().size());
      int[] counts = new int[10];
      for (int i = 0; i < train.size(); i++) {
        counts[train.label(i)]++;
      }
      assertArrayEquals(new int[] {400, 400, 400, 400, 400, 400, 400, 400, 400, 400}, counts);
      assertEquals("synthetic/train/00013 diagonal stripes", train.name(13));
      assertFalse(Arrays.equals(pixels(train, 3), pixels(test, 3)));
    }
  }

  /** One number over one image of each class: it changes if any bit of any drawing does. */
  @Test
  void drawingsAreTheSameBitsOnEveryMachine() throws IOException {
    CRC32 sum = new CRC32();
    try (Dataset set = Datasets.open("synthetic:seed=7", DataOptions.train().withSource(64))) {
      for (int i = 0; i < 10; i++) {
        sum.update(pixels(set, i));
      }
    }
    assertEquals(GOLDEN, sum.getValue());
  }

  @Test
  void imagesOfAClassVaryAndSeedsDiffer() throws IOException {
    try (Dataset one = Datasets.open("synthetic:seed=1", DataOptions.train().withSource(32));
        Dataset two = Datasets.open("synthetic:seed=2", DataOptions.train().withSource(32))) {
      for (int label = 0; label < 10; label++) {
        assertFalse(Arrays.equals(pixels(one, label), pixels(one, label + 10)));
        assertFalse(Arrays.equals(pixels(one, label), pixels(two, label)));
      }
    }
  }

  /**
   * What tells warm from cool discs is colour alone: the ground, over half of the pixels, is the
   * other one.
   */
  @Test
  void discsDifferByColour() throws IOException {
    try (Dataset set = Datasets.open("synthetic:", DataOptions.train().withSource(64))) {
      int cool = set.classes().indexOf("cool discs");
      int warm = set.classes().indexOf("warm discs");
      for (int i = 0; i < 200; i += 10) {
        assertTrue(redness(pixels(set, i + cool)) > 0, "warm ground of " + set.name(i + cool));
        assertTrue(redness(pixels(set, i + warm)) < 0, "cool ground of " + set.name(i + warm));
      }
    }
  }

  /** Returns how many more pixels are rather red than rather blue. */
  private static long redness(byte[] pixels) {
    long sum = 0;
    for (int i = 0; i < pixels.length; i += 3) {
      sum += (pixels[i] & 255) > (pixels[i + 2] & 255) ? 1 : -1;
    }
    return sum;
  }

  /**
   * Vertical stripes change along a row, horizontal ones along a column: compare squared steps of 4
   * pixels.
   */
  @Test
  void stripesAreOriented() throws IOException {
    try (Dataset set = Datasets.open("synthetic:", DataOptions.train())) {
      int vertical = set.classes().indexOf("vertical stripes");
      int horizontal = set.classes().indexOf("horizontal stripes");
      for (int i = 0; i < 100; i += 10) {
        assertTrue(alongRow(set, i + vertical) > alongColumn(set, i + vertical));
        assertTrue(alongRow(set, i + horizontal) < alongColumn(set, i + horizontal));
      }
    }
  }

  private static long alongRow(Dataset set, int index) throws IOException {
    return steps(pixels(set, index), 4 * 3);
  }

  private static long alongColumn(Dataset set, int index) throws IOException {
    return steps(pixels(set, index), 4 * 3 * 256);
  }

  private static long steps(byte[] pixels, int distance) {
    long sum = 0;
    for (int i = 0; i + distance < pixels.length; i++) {
      int step = (pixels[i] & 255) - (pixels[i + distance] & 255);
      sum += (long) step * step;
    }
    return sum;
  }

  @Test
  void settingsAreCheckedWithTheAllowedValues() {
    assertMessage(
        "synthetic:trains=5",
        "synthetic:trains=5: unknown setting 'trains'; "
            + "allowed: train=N, test=N, seed=N, separated by commas");
    assertMessage(
        "synthetic:train=0",
        "synthetic:train=0: train is '0'; allowed: a whole number from 1 to 2147483647");
    assertMessage(
        "synthetic:test=many",
        "synthetic:test=many: test is 'many'; allowed: a whole number from 0 to 2147483647");
  }

  @Test
  void nothingMayBeHeldOut() throws IOException {
    DataOptions heldOut = DataOptions.train().withSplit(DataOptions.Split.HELD_OUT);
    try (Dataset none = Datasets.open("synthetic:test=0", heldOut)) {
      assertEquals(0, none.size());
    }
  }

  private static void assertMessage(String spec, String want) {
    DataException e =
        assertThrows(DataException.class, () -> Datasets.open(spec, DataOptions.train()));
    assertEquals(want, e.getMessage());
  }
}
