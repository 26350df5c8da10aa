package org.alexnet4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** D11: images that follow each other in the epoch share a window, wherever a batch begins. */
class CropChunksTest {
  private static final int CHUNK = 4;

  /** Batches of six: places 4 to 7 of the epoch lie in two batches. */
  @Test
  void chunksGoByThePlaceInTheEpoch() throws IOException {
    DataOptions options =
        new DataOptions(DataOptions.Split.TRAIN, 32, 0, DataOptions.Damaged.FAIL, 0);
    int[][][] windows = new int[2][48][];
    try (Dataset images = Datasets.open("synthetic:train=48,test=1,seed=5", options);
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
