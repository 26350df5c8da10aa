package org.alexnet4j.data.prepare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.DataOptions.Damaged;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.MeanImage;
import org.alexnet4j.data.Pictures;
import org.alexnet4j.data.PreparedSets;
import org.alexnet4j.data.Statistics;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.packed.Passport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreparationTest {
  private static final int SIDE = 8;

  @TempDir Path dir;
  private Path images;

  @BeforeEach
  void makeImages() throws IOException {
    images = dir.resolve("images");
    PreparedSets.folder(images, 3, 7);
  }

  private static PrepareOptions options(int shardImages, int threads) {
    return new PrepareOptions(
        SIDE, 0.1, false, Damaged.FAIL, false, Optional.empty(), shardImages, threads);
  }

  private Passport prepare(String out, PrepareOptions options) throws IOException {
    return Preparation.run(images, dir.resolve(out), options, new Preparation.Listener() {})
        .orElseThrow();
  }

  @Test
  void aPreparedFolderIsTheFolderItself() throws IOException {
    prepare("packed", options(4, 2));
    for (DataOptions part : List.of(DataOptions.train(), DataOptions.heldOut())) {
      try (Dataset want = Datasets.open(images, part.withSource(SIDE));
          Dataset got = Datasets.open(dir.resolve("packed"), part.withSource(SIDE))) {
        assertEquals(want.classes(), got.classes());
        assertEquals(want.size(), got.size());
        for (int i = 0; i < want.size(); i++) {
          assertEquals(want.label(i), got.label(i));
          assertEquals(want.name(i), got.name(i));
          assertArrayEquals(PreparedSets.read(want, i), PreparedSets.read(got, i), want.name(i));
        }
      }
    }
  }

  @Test
  void meanAndComponentsAreThoseOfTheTrainingImages() throws IOException {
    prepare("packed", options(5, 2));
    try (Dataset train =
        Datasets.open(dir.resolve("packed"), DataOptions.train().withSource(SIDE))) {
      Statistics statistics = train.statistics().orElseThrow();
      assertArrayEquals(MeanImage.of(train, 1).perPixel(), statistics.perPixel());
      assertArrayEquals(MeanImage.of(train, 1).perChannel(), statistics.perChannel());
      double[][] covariance = covariance(train);
      for (int j = 0; j < 3; j++) {
        double[] v = statistics.components().vectors()[j];
        for (int a = 0; a < 3; a++) {
          double product = 0;
          for (int b = 0; b < 3; b++) {
            product += covariance[a][b] * v[b];
          }
          assertEquals(statistics.components().eigenvalues()[j] * v[a], product, 1e-8 * 65025);
        }
      }
    }
  }

  /** Two passes and a difference of each pixel: the plain way. */
  private static double[][] covariance(Dataset set) throws IOException {
    float[] mean = MeanImage.of(set, 1).perChannel();
    double[][] covariance = new double[3][3];
    int pixels = 0;
    for (int i = 0; i < set.size(); i++) {
      byte[] rgb = PreparedSets.read(set, i);
      for (int p = 0; p < rgb.length; p += 3, pixels++) {
        for (int a = 0; a < 3; a++) {
          for (int b = 0; b < 3; b++) {
            covariance[a][b] += ((rgb[p + a] & 255) - mean[a]) * ((rgb[p + b] & 255) - mean[b]);
          }
        }
      }
    }
    for (double[] row : covariance) {
      for (int b = 0; b < 3; b++) {
        row[b] /= pixels;
      }
    }
    return covariance;
  }

  @Test
  void threadsChangeNoByte() throws IOException {
    prepare("one", options(4, 1));
    Map<String, String> want = PreparedSets.hashes(dir.resolve("one"));
    assertTrue(want.size() > 10, want.keySet().toString());
    for (int threads : new int[] {2, 5, 16}) {
      prepare("out" + threads, options(4, threads));
      assertEquals(want, PreparedSets.hashes(dir.resolve("out" + threads)));
    }
  }

  @Test
  void aDamagedImageStopsItAndFinishedFilesAreKept() throws IOException {
    Path last = images.resolve("val/c2/i6.png");
    byte[] whole = Files.readAllBytes(last);
    Files.write(last, Pictures.cut(whole, 60));
    DataException e = assertThrows(DataException.class, () -> prepare("packed", options(4, 2)));
    assertEquals(last.toString(), e.where());
    assertTrue(e.reason().startsWith("truncated PNG"), e.reason());
    DataException unfinished =
        assertThrows(
            DataException.class, () -> Datasets.open(dir.resolve("packed"), DataOptions.train()));
    assertEquals("it is not prepared to the end", unfinished.reason());

    Path first = dir.resolve("packed/train/images-00000.npy");
    FileTime written = Files.getLastModifiedTime(first);
    Files.write(last, whole);
    prepare("packed", options(4, 2));
    assertEquals(written, Files.getLastModifiedTime(first), "finished files are not made again");
    prepare("undisturbed", options(4, 2));
    assertEquals(
        PreparedSets.hashes(dir.resolve("undisturbed")),
        PreparedSets.hashes(dir.resolve("packed")));
  }

  @Test
  void damagedImagesAreSkippedCountedAndListedOnRequest() throws IOException {
    Files.write(images.resolve("train/c0/i1.png"), new byte[0]);
    Files.write(images.resolve("train/c1/i0.png"), Pictures.text());
    List<String> heard = new ArrayList<>();
    PrepareOptions skip =
        new PrepareOptions(SIDE, 0.1, false, Damaged.SKIP, false, Optional.empty(), 4, 2);
    Passport passport =
        Preparation.run(
                images,
                dir.resolve("packed"),
                skip,
                new Preparation.Listener() {
                  @Override
                  public void skipped(DataException fault) {
                    heard.add(fault.where());
                  }
                })
            .orElseThrow();
    assertEquals(2, heard.size(), heard.toString());
    Passport.Part train = passport.parts().get("train");
    assertEquals(
        List.of(
            new Passport.Odd("train/c0/i1.png", "the file is empty"),
            new Passport.Odd("train/c1/i0.png", "not an image, by its content (text)")),
        train.skipped());
    assertArrayEquals(new int[] {6, 6, 7}, train.perClass());
    try (Dataset set = Datasets.open(dir.resolve("packed"), DataOptions.train().withSource(SIDE));
        Dataset folder =
            Datasets.open(images, DataOptions.train().withSource(SIDE).withDamaged(Damaged.SKIP))) {
      for (int i = 0; i < set.size(); i++) {
        assertEquals(folder.name(i), set.name(i));
        assertArrayEquals(PreparedSets.read(folder, i), PreparedSets.read(set, i));
      }
    }
  }

  @Test
  void otherWorkInTheFolderIsRefused() throws IOException {
    prepare("packed", options(4, 2));
    assertReason(
        "holds other images, or prepared otherwise", () -> prepare("packed", options(5, 2)));
    prepare("packed", options(4, 2)); // again: nothing to do
    Files.createDirectories(dir.resolve("mine"));
    Files.writeString(dir.resolve("mine/thesis.txt"), "");
    assertReason("the folder is not empty", () -> prepare("mine", options(4, 2)));
    assertFalse(Files.exists(dir.resolve("packed").resolve(Passport.WORK)));
  }

  @Test
  void aPreparedFolderIsScaledForAnotherSide() throws IOException {
    prepare("packed", options(4, 2));
    try (Dataset set = Datasets.open(dir.resolve("packed"), DataOptions.train().withSource(4))) {
      assertEquals(3 * 4 * 4, PreparedSets.read(set, 0).length);
      assertTrue(set.statistics().isEmpty(), "the mean is of another side");
    }
  }

  @Test
  void damagedPreparedFoldersSayWhatIsWrong() throws IOException {
    prepare("packed", options(4, 2));
    Path packed = dir.resolve("packed");
    Path shard = packed.resolve("train/images-00001.npy");
    byte[] whole = Files.readAllBytes(shard);
    Files.write(shard, Pictures.cut(whole, 50));
    assertReason(
        "byte 128: UINT8[4, 8, 8, 3] has 768 bytes, the file has 320; it was cut off",
        () -> Datasets.open(packed, DataOptions.train()));
    Files.delete(shard);
    assertReason("no such file", () -> Datasets.open(packed, DataOptions.train()));
    Files.write(shard, whole);
    String passport = Files.readString(packed.resolve("passport.json"));
    Files.writeString(packed.resolve("passport.json"), "{}");
    assertReason(
        "is not the passport of prepared images", () -> Datasets.open(packed, DataOptions.train()));
    Files.writeString(
        packed.resolve("passport.json"), passport.replace("train/images", "../../etc/images"));
    assertReason("has an impossible shard", () -> Datasets.open(packed, DataOptions.train()));
  }

  @Test
  void theFirstClassesAreASetOfTheirOwn() throws IOException {
    prepare("packed", options(4, 2));
    for (Path data : List.of(images, dir.resolve("packed"))) {
      DataOptions wanted = DataOptions.train().withSource(SIDE);
      try (Dataset all = Datasets.open(data, wanted);
          Dataset two = Datasets.open(Datasets.firstClasses(data.toString(), 2), wanted)) {
        assertEquals(List.of("c0", "c1"), two.classes());
        assertEquals(14, two.size());
        for (int i = 0; i < two.size(); i++) {
          assertEquals(all.name(i), two.name(i));
          assertTrue(two.label(i) < 2);
          assertArrayEquals(PreparedSets.read(all, i), PreparedSets.read(two, i));
        }
        if (two.statistics().isPresent()) {
          assertArrayEquals(MeanImage.of(two, 2).perPixel(), two.statistics().get().perPixel());
        }
        assertEquals(all.statistics().isPresent(), two.statistics().isPresent());
      }
    }
    assertReason(
        "the data have 3",
        () -> Datasets.open(Datasets.firstClasses(images.toString(), 4), DataOptions.train()));
  }

  /** Labels count from the first of them. */
  @Test
  void someClassesAreASetOfTheirOwn() throws IOException {
    prepare("packed", options(4, 2));
    DataOptions wanted = DataOptions.train().withSource(SIDE);
    for (Path data : List.of(images, dir.resolve("packed"))) {
      try (Dataset all = Datasets.open(data, wanted);
          Dataset two = Datasets.open(Datasets.classes(data.toString(), "2-3"), wanted)) {
        assertEquals(List.of("c1", "c2"), two.classes());
        for (int i = 0; i < two.size(); i++) {
          int label = two.label(i);
          assertTrue(two.name(i).contains("c" + (label + 1)), two.name(i));
        }
        assertEquals(all.size(), two.size() + 7);
      }
    }
    for (String wrong : List.of("3-3", "2-4", "0-2", "3-2")) {
      assertReason(
          "the data have 3",
          () -> Datasets.open(Datasets.classes(images.toString(), wrong), wanted));
    }
    assertReason(
        "'1-' classes", () -> Datasets.open(Datasets.classes(images.toString(), "1-"), wanted));
  }

  @Test
  void rowsAreInTheNumPyFilesAsTheyAreRead() throws IOException {
    prepare("packed", options(4, 2));
    byte[] file = Files.readAllBytes(dir.resolve("packed/train/images-00000.npy"));
    int bytes = 3 * SIDE * SIDE;
    assertEquals(128 + 4 * bytes, file.length);
    try (Dataset set = Datasets.open(dir.resolve("packed"), DataOptions.train().withSource(SIDE))) {
      byte[] second = new byte[bytes];
      ByteBuffer.wrap(file).get(128 + bytes, second);
      assertArrayEquals(PreparedSets.read(set, 1), second);
    }
  }

  private interface Attempt {
    void run() throws IOException;
  }

  private static void assertReason(String want, Attempt attempt) {
    assertEquals(want, assertThrows(DataException.class, attempt::run).reason());
  }
}
