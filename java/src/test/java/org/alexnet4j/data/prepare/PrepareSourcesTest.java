package org.alexnet4j.data.prepare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.DataOptions.Damaged;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.Draws;
import org.alexnet4j.data.Pictures;
import org.alexnet4j.data.PreparedSets;
import org.alexnet4j.data.TarWriter;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.packed.Passport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrepareSourcesTest {
  private static final int SIDE = 32;

  /** Classes 0, 2 and 999 of ILSVRC-2012. */
  private static final List<String> SYNSETS = List.of("n01440764", "n01484850", "n15075141");

  @TempDir Path dir;

  private static PrepareOptions options(double heldOut, boolean canonical, Path valLabels) {
    return new PrepareOptions(
        SIDE, heldOut, false, Damaged.FAIL, canonical, Optional.ofNullable(valLabels), 4, 2);
  }

  private Passport prepare(Path source, PrepareOptions options) throws IOException {
    return Preparation.run(source, dir.resolve("out"), options, new Preparation.Listener() {})
        .orElseThrow();
  }

  private Dataset open(DataOptions options) throws IOException {
    return Datasets.open(dir.resolve("out"), options.withSource(SIDE));
  }

  /** The archives as ILSVRC hands them out, with two images a class in each. */
  private Path ilsvrc(String labels) throws IOException {
    TarWriter train = new TarWriter();
    TarWriter val = new TarWriter();
    for (int c = 0; c < SYNSETS.size(); c++) {
      TarWriter inner = new TarWriter();
      for (int i = 0; i < 2; i++) {
        inner.file(SYNSETS.get(c) + "_" + i + ".JPEG", Pictures.noise(40, 40, 10 * c + i));
        String name = String.format(Locale.ROOT, "ILSVRC2012_val_%08d.JPEG", 3 * i + c + 1);
        val.file(name, Pictures.noise(40, 40, 100 + 10 * c + i));
      }
      train.file(SYNSETS.get(c) + ".tar", inner.bytes());
    }
    Path folder = Files.createDirectories(dir.resolve("ilsvrc"));
    Files.write(folder.resolve("ILSVRC2012_img_train.tar"), train.bytes());
    Files.write(folder.resolve("ILSVRC2012_img_val.tar"), val.bytes());
    Files.writeString(folder.resolve("val_labels.txt"), labels);
    return folder;
  }

  @Test
  void ilsvrcArchivesWithLabelsInTheCanonicalOrder() throws IOException {
    Passport passport = prepare(ilsvrc("0\n2\n999\n0\n2\n999\n"), options(0.1, false, null));
    assertEquals("ilsvrc", passport.kind());
    assertArrayEquals(new int[] {2, 2, 2}, passport.parts().get("train").perClass());
    assertArrayEquals(new int[] {2, 2, 2}, passport.parts().get("val").perClass());
    assertEquals(
        12,
        passport.parts().get("train").odd().size() + passport.parts().get("val").odd().size(),
        "PNGs by their content");
    try (Dataset val = open(DataOptions.heldOut())) {
      assertEquals(SYNSETS, val.classes());
      assertEquals("val/n01484850/ILSVRC2012_val_00000005.JPEG", val.name(3));
      assertEquals(1, val.label(3));
      assertArrayEquals(
          PreparedSets.decoded(Pictures.noise(40, 40, 111), SIDE), PreparedSets.read(val, 3));
    }
  }

  @Test
  void ilsvrcLabelsMayNameImagesAndSynsets() throws IOException {
    StringBuilder labels = new StringBuilder("");
    for (int i = 6; i >= 1; i--) {
      String id = SYNSETS.get((i - 1) % 3);
      labels.append(String.format(Locale.ROOT, "ILSVRC2012_val_%08d,%s 10 20 30 40%n", i, id));
    }
    Passport passport = prepare(ilsvrc(labels.toString()), options(0.1, true, null));
    assertEquals(1000, passport.classes());
    assertTrue(passport.ilsvrcLabels());
    try (Dataset val = open(DataOptions.heldOut())) {
      assertEquals(999, val.label(5));
      assertEquals("val/n15075141/ILSVRC2012_val_00000006.JPEG", val.name(5));
    }
  }

  @Test
  void imagesOfClassesThatAreNotTrainedAreLeftOutAndCounted() throws IOException {
    Passport passport = prepare(ilsvrc("0\n2\n999\n0\n2\n1\n"), options(0.1, false, null));
    assertEquals(1, passport.left());
    assertArrayEquals(new int[] {2, 2, 1}, passport.parts().get("val").perClass());
  }

  @Test
  void theDevelopmentKitsOrderIsNamed() throws IOException {
    Path folder = ilsvrc("1\n3\n1000\n1\n3\n1000\n");
    assertReason(
        "labels from 1 to 1000: ILSVRC2012_IDs of the development kit, whose order is not the"
            + " canonical one",
        () -> prepare(folder, options(0.1, false, null)));
    Files.writeString(folder.resolve("val_labels.txt"), "0\n2\n");
    assertReason("2 labels for 6 images", () -> prepare(folder, options(0.1, false, null)));
  }

  private static byte[] cifarBatch(int records, int seed) {
    byte[] batch = new byte[records * 3073];
    Draws random = new Draws(seed, 0, 0);
    for (int i = 0; i < batch.length; i++) {
      batch[i] = i % 3073 == 0 ? (byte) (i / 3073 % 10) : (byte) random.bits();
    }
    return batch;
  }

  @Test
  void cifarInItsOriginalFormat() throws IOException {
    TarWriter tar = new TarWriter();
    for (int b = 1; b <= 5; b++) {
      tar.file("cifar-10-batches-bin/data_batch_" + b + ".bin", cifarBatch(20, b));
    }
    tar.file("cifar-10-batches-bin/test_batch.bin", cifarBatch(10, 6));
    tar.file("cifar-10-batches-bin/batches.meta.txt", Pictures.text());
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(packed)) {
      gzip.write(tar.bytes());
    }
    Path file = Files.write(dir.resolve("cifar-10-binary.tar.gz"), packed.toByteArray());
    Passport passport = prepare(file, options(0.1, false, null));
    assertEquals("cifar10-binary", passport.kind());
    assertEquals(100, passport.parts().get("train").images());
    assertEquals(10, passport.parts().get("val").images());
    try (Dataset val = open(DataOptions.heldOut())) {
      assertEquals("truck", val.classes().get(9));
      byte[] batch = cifarBatch(10, 6);
      byte[] rgb = PreparedSets.read(val, 3); // record 3, class cat
      assertEquals(3, val.label(3));
      for (int i = 0; i < 1024; i++) {
        for (int c = 0; c < 3; c++) {
          assertEquals(batch[3 * 3073 + 1 + 1024 * c + i], rgb[3 * i + c]);
        }
      }
    }
  }

  @Test
  void damagedCifarBatchesAreNamed() throws IOException {
    Path folder = Files.createDirectories(dir.resolve("cifar"));
    Files.write(folder.resolve("data_batch_1.bin"), new byte[3000]);
    assertReason("3000 bytes", () -> prepare(folder, options(0.1, false, null)));
    byte[] batch = cifarBatch(2, 1);
    batch[3073] = 77;
    Files.write(folder.resolve("data_batch_1.bin"), batch);
    assertReason("label 77 in record 1", () -> prepare(folder, options(0.1, false, null)));
  }

  private Path list(String text) throws IOException {
    for (String id : SYNSETS) {
      Path folder = Files.createDirectories(dir.resolve("pictures").resolve(id));
      for (int i = 0; i < 3; i++) {
        Files.write(folder.resolve(i + ".png"), Pictures.noise(33, 40, id.hashCode() + i));
      }
    }
    Files.createDirectories(dir.resolve("lists"));
    return Files.writeString(dir.resolve("lists/all.txt"), text);
  }

  @Test
  void listsNamePathsClassesAndParts() throws IOException {
    Path list =
        list(
            """
            # path, class, part
            ../pictures/n01440764/0.png\ttench fish\ttrain
            ../pictures/n01440764/1.png\ttench fish\tvalidation
            ../pictures/n01484850/0.png\tshark\ttrain
            ../pictures/n01484850/2.png\tshark\ttrain

            ../pictures/n01484850/1.png\tshark\tval
            """);
    Passport passport = prepare(list, options(0.1, false, null));
    assertEquals("list", passport.kind());
    assertArrayEquals(new int[] {2, 1}, passport.parts().get("train").perClass());
    assertArrayEquals(new int[] {1, 1}, passport.parts().get("val").perClass());
    try (Dataset train = open(DataOptions.train())) {
      assertEquals(List.of("shark", "tench fish"), train.classes());
    }
  }

  @Test
  void numbersInListsKeepTheirOrder() throws IOException {
    Path list =
        list(
            """
            ../pictures/n01440764/0.png 2
            ../pictures/n01440764/1.png 2
            ../pictures/n01484850/0.png 10
            ../pictures/n15075141/1.png 10
            """);
    prepare(list, options(0, false, null));
    try (Dataset train = open(DataOptions.train())) {
      assertEquals(List.of("2", "10"), train.classes());
      assertEquals(4, train.size());
    }
  }

  @Test
  void wrongOrdersOfLabelsInListsAreNamed() throws IOException {
    Path fromOne = list("../pictures/n01440764/0.png 1\n../pictures/n01484850/0.png 3\n");
    assertReason(
        "labels count from 1: n01440764 is labelled 1 and is class 0; the canonical labels are 0"
            + " to 999",
        () -> prepare(fromOne, options(0, false, null)));
    Path other = list("../pictures/n01440764/0.png 7\n../pictures/n01484850/0.png 3\n");
    assertReason(
        "labels do not follow the sorted synset ids: n01484850 is labelled 3 and is class 2; the"
            + " development kit's ILSVRC2012_ID has such an order",
        () -> prepare(other, options(0, false, null)));
    Path broken = list("../pictures/n01440764/0.png\n");
    assertReason("'../pictures/n01440764/0.png'", () -> prepare(broken, options(0, false, null)));
  }

  /** Until then what was said was of class folders, which a list does not have. */
  @Test
  void whatIsWrongWithLabelsInListsIsSaidInTheWordsOfAList() throws IOException {
    String one = "../pictures/n01440764/0.png a\n";
    String two = one + "../pictures/n01484850/0.png b\n";
    assertListReason("only one label, [a]", one, 0.1);
    assertListReason("only one label, [a]", one + one, 0);
    assertListReason("label 'a' has one image, so none can be held out", two, 0.1);
    assertListReason("no line to train on", two.replaceAll("\n", " val\n"), 0.1);
    String val = "../pictures/n01440764/1.png a val\n";
    assertListReason("label 'b' has no line that ends in val", two + val, 0.1);
    String other = "../pictures/n01484850/1.png b val\n../pictures/n15075141/1.png c val\n";
    assertListReason("labels c are only in lines that end in val", two + val + other, 0.1);
    assertListReason("only one label, [7]", "a.png 7\nb.png 07\n", 0);
    for (String line : List.of("a.txt a", ".b.png a", "a.png .a", "lost+found/a.png a")) {
      String name = line.split(" ")[0];
      assertListReason("'" + name + "' is no file there", two + line + "\n", 0);
    }
    prepare(list(two), options(0, false, null));
  }

  private void assertListReason(String want, String text, double heldOut) throws IOException {
    Path list = list(text);
    assertReason(want, () -> prepare(list, options(heldOut, false, null)));
  }

  @Test
  void namesThatBeginWithASynsetAreClasses() throws IOException {
    TarWriter tar = new TarWriter();
    for (String id : SYNSETS) {
      tar.file("sample/" + id + "_something_long.JPEG", Pictures.noise(40, 50, id.hashCode()));
    }
    Path file = Files.write(dir.resolve("sample.tar"), tar.bytes());
    prepare(file, options(0, true, null));
    try (Dataset train = open(DataOptions.train());
        Dataset val = open(DataOptions.heldOut())) {
      assertEquals(3, train.size());
      assertEquals(0, val.size());
      assertEquals(1000, train.classes().size());
      assertEquals(List.of(0, 2, 999), List.of(train.label(0), train.label(1), train.label(2)));
    }
  }

  @Test
  void pathsOutOfAnArchiveAreRefused() throws IOException {
    for (String path : List.of("/etc/a.png", "a/../../b.png", "..", "./../x/a.png")) {
      byte[] tar = new TarWriter().file(path, Pictures.png()).bytes();
      Path file = Files.write(dir.resolve("slip.tar"), tar);
      assertReason(
          "member " + path + " leads out of the archive",
          () -> prepare(file, options(0, false, null)));
      byte[] outer =
          new TarWriter().file("n01440764.tar", tar).file("x/y.png", Pictures.png()).bytes();
      Path nested = Files.write(dir.resolve("nested.tar"), outer);
      assertReason(
          "member " + path + " leads out of the archive",
          () -> prepare(nested, options(0, false, null)));
    }
  }

  private interface Attempt {
    void run() throws IOException;
  }

  private static void assertReason(String want, Attempt attempt) {
    assertEquals(want, assertThrows(DataException.class, attempt::run).reason());
  }
}
