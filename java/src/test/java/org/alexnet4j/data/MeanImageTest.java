package org.alexnet4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.alexnet4j.data.message.DataException;
import org.junit.jupiter.api.Test;

class MeanImageTest {

  /** Image i of n at 2×2: pixel p, channel c is 40 i + 4 p + c; image 2 may be damaged. */
  private record Ramp(int size, boolean damaged) implements Dataset {
    @Override
    public List<String> classes() {
      return List.of("ramp");
    }

    @Override
    public int label(int index) {
      return 0;
    }

    @Override
    public String name(int index) {
      return "ramp" + index;
    }

    @Override
    public int source() {
      return 2;
    }

    @Override
    public void read(int index, ByteBuffer to) throws IOException {
      if (damaged && index >= 2) {
        throw new DataException(name(index), "damaged", "whole images");
      }
      for (int i = 0; i < 12; i++) {
        to.put((byte) (40 * index + 4 * (i / 3) + i % 3));
      }
    }

    @Override
    public void close() {}
  }

  /** Mean over i of 40 i for i = 0..5 is 100; over the pixels p = 0..3 another 6. */
  @Test
  void meansOfPixelsAndChannels() throws IOException {
    for (int threads = 1; threads <= 4; threads++) {
      MeanImage mean = MeanImage.of(new Ramp(6, false), threads);
      assertEquals(6, mean.images());
      assertEquals(2, mean.source());
      assertArrayEquals(
          new float[] {100, 101, 102, 104, 105, 106, 108, 109, 110, 112, 113, 114},
          mean.perPixel());
      assertArrayEquals(new float[] {106, 107, 108}, mean.perChannel());
    }
  }

  /** Two of six are images 0 and 3: 60 on average. */
  @Test
  void someImagesAreSpreadEvenly() throws IOException {
    MeanImage mean = MeanImage.ofSome(new Ramp(6, false), 2, 2);
    assertEquals(2, mean.images());
    assertArrayEquals(new float[] {66, 67, 68}, mean.perChannel());
    assertEquals(6, MeanImage.ofSome(new Ramp(6, false), 1000, 2).images());
  }

  @Test
  void sameBitsForAnyNumberOfThreads() throws IOException {
    try (Dataset set = Datasets.open("synthetic:train=60", DataOptions.train().withSource(32))) {
      MeanImage one = MeanImage.of(set, 1);
      assertArrayEquals(one.sums(), MeanImage.of(set, 3).sums());
    }
  }

  @Test
  void theFirstDamagedImageIsNamed() {
    for (int threads = 1; threads <= 4; threads++) {
      int count = threads;
      DataException e =
          assertThrows(DataException.class, () -> MeanImage.of(new Ramp(50, true), count));
      assertEquals("ramp2: damaged; allowed: whole images", e.getMessage());
    }
  }
}
