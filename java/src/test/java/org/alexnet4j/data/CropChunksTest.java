package org.alexnet4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * Whose window an image gets in a batch: its own, wherever it stands; or (D11) that of the images
 * next to it in the epoch, wherever a batch begins.
 */
class CropChunksTest {
  private static final int CHUNK = 4;
  private static final DataOptions OPTIONS =
      new DataOptions(DataOptions.Split.TRAIN, 32, 0, DataOptions.Damaged.FAIL, 0);

  @Test
  void everyImageHasAWindowOfItsOwn() throws IOException {
    Augmentation windows = Augmentation.paper2012(20);
    try (Dataset images = Datasets.open("synthetic:train=12,test=1,seed=5", OPTIONS);
        BatchLoader loader = BatchLoader.of(images, 4).seed(3).epochs(2).augmentation(windows)) {
      int[] want = new int[3];
      for (Batch batch : loader) {
        for (int i = 0; i < batch.count(); i++) {
          windows.window(3, batch.epoch(), batch.indices()[i], 0, 32, want, 0);
          assertArrayEquals(want, Arrays.copyOfRange(batch.crops(), 3 * i, 3 * i + 3));
        }
      }
    }
  }

  /** Batches of six: places 4 to 7 of the epoch lie in two batches. */
  @Test
  void chunksGoByThePlaceInTheEpoch() throws IOException {
    int[][][] windows = new int[2][48][];
    try (Dataset images = Datasets.open("synthetic:train=48,test=1,seed=5", OPTIONS);
        BatchLoader loader =
            BatchLoader.of(images, 6)
                .seed(3)
                .epochs(2)
                .threads(2)
                .augmentation(Augmentation.paper2012(20).withChunk(CHUNK))) {
      for (Batch batch : loader) {
        for (int i = 0; i < batch.count(); i++) {
          windows[batch.epoch()][6 * batch.step() + i] =
              Arrays.copyOfRange(batch.crops(), 3 * i, 3 * i + 3);
        }
      }
    }
    Set<String> different = new HashSet<>();
    for (int epoch = 0; epoch < 2; epoch++) {
      for (int place = 0; place < 48; place++) {
        assertArrayEquals(
            windows[epoch][place / CHUNK * CHUNK],
            windows[epoch][place],
            "place " + place + " of epoch " + epoch);
        different.add(Arrays.toString(windows[epoch][place]));
      }
    }
    // 24 chunks of 288 windows: 23 different ones on average.
    assertTrue(different.size() >= 18 && different.size() <= 24, different.toString());
    assertEquals(3, windows[1][47].length);
  }
}
