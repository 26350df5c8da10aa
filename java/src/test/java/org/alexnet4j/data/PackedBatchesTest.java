package org.alexnet4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.data.DataOptions.Damaged;
import org.alexnet4j.data.prepare.Preparation;
import org.alexnet4j.data.prepare.PrepareOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Batches of a prepared set: all of what a step sees, for every switch of the augmentation. */
class PackedBatchesTest {
  private static final int SIDE = 16;
  private static final int BATCH = 6;
  private static final int EPOCHS = 3;

  @TempDir Path dir;

  @BeforeEach
  void prepare() throws IOException {
    PreparedSets.folder(dir.resolve("images"), 3, 15);
    PrepareOptions options =
        new PrepareOptions(SIDE, 0.1, false, Damaged.FAIL, false, Optional.empty(), 7, 2);
    Preparation.run(
        dir.resolve("images"), dir.resolve("packed"), options, new Preparation.Listener() {});
  }

  private static List<Augmentation> switches(Dataset set) throws IOException {
    ColourNoise noise = set.statistics().orElseThrow().components().noise();
    Augmentation paper = Augmentation.paper2012(12);
    return List.of(
        Augmentation.centre(12),
        paper,
        paper.withNoise(noise),
        paper.withLastOffset().withNoise(noise),
        paper.withLastOffset().withChunk(4).withNoise(noise),
        paper.withNoise(noise.withDivisor(1.1).withEpochs(2)),
        paper.withoutFlip());
  }

  private static List<String> batches(
      Dataset set, Augmentation windows, int threads, int epoch, int step) throws IOException {
    List<String> hashes = new ArrayList<>();
    try (BatchLoader loader =
        BatchLoader.of(set, BATCH)
            .seed(7)
            .threads(threads)
            .augmentation(windows)
            .epochs(EPOCHS)
            .startAt(epoch, step)) {
      for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
        Hasher hasher = Hashing.sha256().newHasher();
        hasher.putBytes(batch.images().duplicate());
        for (int i = 0; i < batch.count(); i++) {
          hasher.putInt(batch.labels()[i]).putInt(batch.indices()[i]);
          for (int k = 0; k < 3; k++) {
            hasher.putInt(batch.crops()[3 * i + k]);
          }
          for (int k = 0; batch.noise() != null && k < ColourNoise.VALUES; k++) {
            hasher.putFloat(batch.noise()[ColourNoise.VALUES * i + k]);
          }
        }
        hashes.add(hasher.hash().toString());
      }
    }
    return hashes;
  }

  @Test
  void threadsAndRestartsChangeNoBit() throws IOException {
    try (Dataset set = Datasets.open(dir.resolve("packed"), DataOptions.train().withSource(SIDE))) {
      int steps = set.size() / BATCH;
      for (Augmentation windows : switches(set)) {
        List<String> want = batches(set, windows, 1, 0, 0);
        assertEquals(EPOCHS * steps, want.size());
        assertEquals(want.size(), want.stream().distinct().count());
        for (int threads : new int[] {2, 4, 8}) {
          assertEquals(want, batches(set, windows, threads, 0, 0), windows.toString());
        }
        assertEquals(want.subList(steps + 3, want.size()), batches(set, windows, 4, 1, 3));
      }
    }
  }

  @Test
  void aPreparedSetGivesTheBatchesOfItsFolder() throws IOException {
    DataOptions options = DataOptions.train().withSource(SIDE);
    try (Dataset folder = Datasets.open(dir.resolve("images"), options);
        Dataset packed = Datasets.open(dir.resolve("packed"), options)) {
      for (Augmentation windows : switches(packed)) {
        assertEquals(batches(folder, windows, 2, 0, 0), batches(packed, windows, 3, 0, 0));
      }
    }
  }
}
