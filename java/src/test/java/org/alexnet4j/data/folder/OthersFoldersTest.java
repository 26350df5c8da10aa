package org.alexnet4j.data.folder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.Pictures;
import org.alexnet4j.data.PreparedSets;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Folders as people have them: what is not understood is refused, what is left out is said. */
class OthersFoldersTest {
  private static final DataOptions TRAIN = DataOptions.train().withSource(8);
  private static final DataOptions HELD_OUT = DataOptions.heldOut().withSource(8);

  @TempDir Path dir;
  private Path root;
  private int written;

  @BeforeEach
  void setUp() {
    root = dir.resolve("set");
  }

  private void file(String path, byte[] content) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  private void image(String path) throws IOException {
    file(path, Pictures.plain(8, ++written, 20, 30));
  }

  private void classes(String part, int images) throws IOException {
    for (String name : List.of("cat", "dog")) {
      for (int i = 0; i < images; i++) {
        image((part.isEmpty() ? "" : part + "/") + name + "/" + i + ".png");
      }
    }
  }

  private static List<String> lines(Dataset set) {
    return set.notes().stream().map(FileNote::line).toList();
  }

  private List<String> notes() throws IOException {
    try (Dataset set = Datasets.open(root, TRAIN)) {
      return lines(set);
    }
  }

  private int size(DataOptions options) throws IOException {
    try (Dataset set = Datasets.open(root, options)) {
      assertEquals(List.of("cat", "dog"), set.classes());
      return set.size();
    }
  }

  private void assertRefused(String where, String reason) {
    DataException e = assertThrows(DataException.class, () -> Datasets.open(root, TRAIN));
    assertEquals(reason, e.reason());
    assertEquals(
        where.isEmpty() ? root.toString() : root.resolve(where).toString(), strip(e.where()));
  }

  private static String strip(String path) {
    return path.endsWith("/") ? path.substring(0, path.length() - 1) : path;
  }

  @ParameterizedTest
  @CsvSource({
    "Train, Test", "TRAIN, VAL", "training_set, test_set", "training, validation",
    "Training, Testing", "train-images, valid", "trainset, testset", "seg_train, seg_test",
    "train data, val data"
  })
  void partsHaveManyNames(String train, String held) throws IOException {
    classes(train, 3);
    classes(held, 2);
    assertEquals(6, size(TRAIN));
    assertEquals(4, size(HELD_OUT));
    assertEquals(List.of(train + " is taken to train on, " + held + " is held out"), notes());
  }

  @Test
  void aPartMayLieInAFolderOfItsOwnName() throws IOException {
    classes("training_set/training_set", 3);
    classes("test_set/test_set", 2);
    assertEquals(6, size(TRAIN));
    assertEquals(4, size(HELD_OUT));
  }

  @ParameterizedTest
  @CsvSource({"fold1, fold2", "Entrenamiento, Prueba", "a, b", "2019, 2020"})
  void partsUnderUnknownNamesAreNoClasses(String first, String second) throws IOException {
    classes(first, 3);
    classes(second, 3);
    assertRefused(
        "",
        "folders "
            + first
            + " and "
            + second
            + " hold the same folders cat, dog, so one of the levels is not the classes");
  }

  @Test
  void classesThatHoldThePartsAreRefused() throws IOException {
    for (String path : List.of("cat/train", "cat/test", "dog/train", "dog/test")) {
      image(path + "/a.png");
    }
    assertRefused(
        "",
        "folders cat and dog hold the same folders test, train, so one of the levels is not the"
            + " classes");
  }

  @Test
  void foldersInClassesAreTheClassesOwnBusiness() throws IOException {
    for (String path : List.of("cat/images/a", "cat/images/b", "dog/images/a", "dog/more/b")) {
      image(path + ".png");
    }
    assertEquals(2, size(TRAIN));
    assertEquals(
        List.of(
            "2 folders inside of classes are merged, as the classes are the 2 folders directly in"
                + " the set: dog/images, dog/more"),
        notes());
  }

  @Test
  void aClassMayBeNamedLikeAPart() throws IOException {
    for (String path : List.of("train/a", "train/b", "bus/a", "bus/b")) {
      image(path + ".png"); // vehicles
    }
    try (Dataset set = Datasets.open(root, TRAIN)) {
      assertEquals(List.of("bus", "train"), set.classes());
    }
  }

  @Test
  void anUnknownFolderBesideTrain() throws IOException {
    classes("train", 3);
    classes("holdout", 3);
    assertRefused("holdout", "is neither a class nor a part that is known, beside train");
    classes("val", 2);
    assertEquals(6, size(TRAIN));
    assertEquals(List.of("holdout: its 6 images are left out, beside val"), notes());
  }

  @Test
  void twoFoldersForOnePart() throws IOException {
    classes("train", 2);
    classes("Train", 2);
    classes("val", 2);
    assertRefused("", "folders Train and train may both be the same part");
  }

  @Test
  void ofThreePartsTestIsNotUsedAndThisIsSaid() throws IOException {
    classes("train", 3);
    classes("val", 2);
    classes("test", 4);
    assertEquals(4, size(HELD_OUT));
    assertEquals(List.of("test: its 8 images are not used, those of val are held out"), notes());
  }

  @Test
  void aTestFolderWithoutClasses() throws IOException {
    classes("train", 10);
    image("test/0.png");
    image("test/1.png");
    assertEquals(18, size(TRAIN));
    assertEquals(2, size(HELD_OUT));
    assertEquals(
        List.of("test: its 2 images are not used, as they are in no class folders"), notes());
    image("val/0.png");
    assertRefused("val", "its 1 images are in no class folders");
    Files.delete(root.resolve("val/0.png"));
    Files.delete(root.resolve("val"));
    image("other/0.png");
    assertRefused("other", "is neither a class nor a part that is known, beside train");
  }

  @Test
  void whatIsNoImageIsLeftOutAndNamed() throws IOException {
    classes("train", 2);
    classes("val", 2);
    for (int i = 0; i < 7; i++) {
      file("train/cat/box" + i + ".xml", Pictures.text());
    }
    file("train/cat/._0.png", new byte[] {0, 5, 22, 7});
    file("train/cat/.DS_Store", new byte[8]);
    file("train/dog/Thumbs.db", new byte[8]);
    file("__MACOSX/train/cat/._0.png", new byte[8]);
    file(".git/objects/0.png", Pictures.png());
    file("val/dog/.hidden.png", Pictures.png());
    file("val/dog/empty", new byte[0]);
    file(
        "val/dog/BMW notes",
        "BM is a sort of car, and P5 3 another".getBytes(StandardCharsets.UTF_8));
    file("val/dog/x.webp", "RIFF....WEBPVP8 ".getBytes(StandardCharsets.UTF_8));
    file("val/dog/x.heic", "\0\0\0\030ftypheic".getBytes(StandardCharsets.UTF_8));
    image("0.png");
    assertEquals(4, size(TRAIN));
    assertEquals(
        List.of(
            "1 images beside the folders of the parts are left out: 0.png",
            "2 hidden files or folders are left out: .git, val/dog/.hidden.png",
            "4 files of macOS, Windows or the file system are left out: __MACOSX,"
                + " train/cat/.DS_Store, train/cat/._0.png, train/dog/Thumbs.db",
            "8 files are left out that are no images by their content: train/cat/box0.xml,"
                + " train/cat/box1.xml, train/cat/box2.xml, train/cat/box3.xml,"
                + " train/cat/box4.xml and 3 more",
            "1 empty files are left out: val/dog/empty",
            "1 HEIC files, not supported, are left out: val/dog/x.heic",
            "1 WebP files, not supported, are left out: val/dog/x.webp"),
        notes());
  }

  @Test
  void classesThatLookTheSame() throws IOException {
    for (String name : List.of("K\u00e4se", "Ka\u0308se", "dog", "Dog")) {
      image("train/" + name + "/a.png");
      image("val/" + name + "/a.png");
    }
    assertEquals(
        List.of(
            "classes Ka\u0308se and K\u00e4se differ only in case or in the form of their letters in"
                + " Unicode",
            "classes Dog and dog differ only in case or in the form of their letters in Unicode"),
        notes().stream().distinct().toList());
    Files.move(root.resolve("val/dog"), root.resolve("val/DOG"));
    assertRefused(
        "val/DOG",
        "class 'DOG' is not in train, where one is written in other case or other Unicode: Dog");
  }

  @Test
  void imagesBesideTheClassFoldersAreLeftOutAndNamed() throws IOException {
    classes("", 3);
    image("cover.png");
    assertEquals(List.of("1 images beside the class folders are left out: cover.png"), notes());
  }

  @Test
  void imagesWithoutTheirEndingAreFoundByContent() throws IOException {
    classes("train", 1);
    file("train/cat/photo", Pictures.jpeg());
    file("train/cat/photo.jpg_large", Pictures.jpeg());
    file("train/cat/photo.dat", Pictures.png());
    for (String ending : List.of("jfif", "jpe", "JPEG")) {
      file("train/dog/photo." + ending, Pictures.jpeg());
    }
    file("train/dog/photo.pgm", "P5\n4 4\n255\n0123456789abcdef".getBytes(StandardCharsets.UTF_8));
    classes("val", 1);
    assertEquals(2 + 3 + 4, size(TRAIN));
    assertEquals(
        List.of(
            "3 files without the ending of an image are images by their content: train/cat/photo,"
                + " train/cat/photo.dat, train/cat/photo.jpg_large"),
        notes());
  }

  @Test
  void whatWasEnlargedAndConvertedIsKnownOnceItIsRead() throws IOException {
    classes("train", 2);
    classes("val", 1);
    file("train/cat/0.png", Pictures.png16());
    file("train/cat/1.jpg", Pictures.png());
    try (Dataset set = Datasets.open(root, TRAIN.withSource(16))) {
      assertEquals(List.of(), lines(set));
      for (int i = set.size() - 1; i >= 0; i--) {
        PreparedSets.read(set, i);
        PreparedSets.read(set, i);
      }
      assertEquals(
          List.of(
              "3 of 5 images are smaller than 16 pixels and were enlarged: train/cat/1.png,"
                  + " train/dog/0.png, train/dog/1.png",
              "1 images (16 bits, rounded to 8): train/cat/0.png",
              "1 images (PNG by its content): train/cat/1.jpg"),
          lines(set));
    }
  }

  @Test
  void pipesDevicesAndLinksToNothingDoNotHoldItUp() throws Exception {
    classes("train", 2);
    classes("val", 2);
    assertEquals(
        0,
        new ProcessBuilder("mkfifo", root.resolve("train/cat/pipe").toString(), root + "/p.png")
            .start()
            .waitFor());
    Files.createSymbolicLink(root.resolve("train/cat/zero"), Path.of("/dev/zero"));
    Files.createSymbolicLink(root.resolve("train/cat/gone"), Path.of("/nowhere"));
    assertTimeoutPreemptively(
        Duration.ofSeconds(20),
        () -> {
          List<String> notes = notes();
          assertTrue(
              notes.contains(
                  "2 files are left out because each is a pipe, socket or device: train/cat/pipe,"
                      + " train/cat/zero"),
              notes.toString());
          Files.move(
              root.resolve("p.png"),
              root.resolve("train/cat/0.png"),
              StandardCopyOption.REPLACE_EXISTING);
          try (Dataset set = Datasets.open(root, TRAIN)) {
            DataException e = assertThrows(DataException.class, () -> PreparedSets.read(set, 0));
            assertEquals("a pipe, socket or device", e.reason());
          }
          DataException e =
              assertThrows(
                  DataException.class, () -> Datasets.open(root.resolve("train/cat/pipe"), TRAIN));
          assertEquals("a pipe, socket or device", e.reason());
        });
  }

  @Test
  void linksToFoldersAreFollowedAndNamedButNotToOnesAround() throws IOException {
    classes("train", 2);
    classes("val", 2);
    Path more = Files.createDirectories(dir.resolve("more"));
    Files.write(more.resolve("x.png"), Pictures.png());
    Files.createSymbolicLink(root.resolve("train/cat/more"), more);
    assertEquals(5, size(TRAIN));
    assertEquals(
        List.of(
            "1 links to folders are followed: train/cat/more",
            "1 folders inside of classes are merged, as the classes are the 2 folders directly in"
                + " train: cat/more"),
        notes());
    for (Path around : List.of(Path.of("/"), dir, root, root.resolve("train"))) {
      Path link = Files.createSymbolicLink(root.resolve("train/dog/up"), around);
      assertRefused("train/dog/up", "a link back to a folder around it");
      Files.delete(link);
    }
  }

  @Test
  void listsAreNotTrainedOnUnprepared() throws IOException {
    file("list.txt", Pictures.text());
    DataException e =
        assertThrows(DataException.class, () -> Datasets.open(root.resolve("list.txt"), TRAIN));
    assertEquals("a list of images, not yet prepared", e.reason());
  }

  @Test
  void namesThatAreNoTextAreRefusedWithTheRemedy() throws IOException {
    classes("train", 1);
    classes("val", 1);
    Process made =
        new ProcessBuilder(
                "bash",
                "-c",
                "printf x > \"$1/train/cat/K\"$'\\xe4'\"se.png\"",
                "",
                root.toString())
            .start();
    try {
      assertEquals(0, made.waitFor());
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    DataException e = assertThrows(DataException.class, () -> Datasets.open(root, TRAIN));
    assertEquals(
        "a name whose bytes are no text in " + System.getProperty("sun.jnu.encoding"), e.reason());
    assertTrue(e.allowed().contains("LC_ALL=C.UTF-8"), e.allowed());
  }
}
