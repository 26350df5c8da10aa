package org.alexnet4j.data.folder;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.DataOptions.Damaged;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.Pictures;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.alexnet4j.data.packed.Passport;
import org.alexnet4j.data.prepare.Preparation;
import org.alexnet4j.data.prepare.PrepareOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Folders of which one could be a class, a part or neither; what lies beside them. */
class OthersPartsTest {
  private static final DataOptions TRAIN = DataOptions.train().withSource(8);

  @TempDir Path dir;
  private Path root;
  private int written;

  @BeforeEach
  void setUp() {
    root = dir.resolve("set");
  }

  private void images(String... paths) throws IOException {
    for (String path : paths) {
      Path file = root.resolve(path);
      Files.createDirectories(file.getParent());
      Files.write(file, Pictures.plain(8, ++written, 20, 30));
    }
  }

  private List<String> notes() throws IOException {
    try (Dataset set = Datasets.open(root, TRAIN)) {
      return set.notes().stream().map(FileNote::line).toList();
    }
  }

  private List<String> classes() throws IOException {
    try (Dataset set = Datasets.open(root, TRAIN.withHeldOutShare(0))) {
      return set.classes();
    }
  }

  private Passport prepare() throws IOException {
    PrepareOptions options =
        new PrepareOptions(8, 0, false, Damaged.FAIL, false, Optional.empty(), 16, 1);
    return Preparation.run(root, dir.resolve("out"), options, new Preparation.Listener() {})
        .orElseThrow();
  }

  @Test
  void imagesBesideThePartsAreNamed() throws IOException {
    images("training_set/training_set/cat/0.png", "training_set/training_set/dog/0.png");
    images("val/cat/0.png", "val/dog/0.png", "lost.png", "training_set/cover.png", "val/l.png");
    List<String> notes = notes();
    assertTrue(
        notes.contains(
            "2 images beside the folders of the parts are left out: lost.png,"
                + " training_set/cover.png"),
        notes.toString());
    assertTrue(
        notes.contains("1 images beside the class folders are left out: val/l.png"),
        notes.toString());
    assertTrue(
        prepare().notes().stream().anyMatch(note -> note.names().contains("lost.png")),
        "data verify and describe say it as well");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train2017/cat, train2017/dog, val2017/cat, val2017/ox",
        "train2017/cat, train2017/dog, val2017/ox, val2017/cow",
        "train_1/cat, train_1/dog, train_2/ox, train_2/cow",
        "train2017, val2017",
        "train-01, train-02, train-03",
        "training.1/cat, training.2/dog",
        "train split/cat, test split/dog",
        "val/cat, val/dog, train2017/cat, train2017/dog"
      })
  void partsByTheirNamesAreNoClasses(String folders) throws IOException {
    for (String folder : folders.split(", ")) {
      images(folder + "/0.png", folder + "/1.png");
    }
    DataException e = assertThrows(DataException.class, this::classes);
    assertTrue(e.reason().endsWith(" have names of parts, not of classes"), e.reason());
    assertTrue(e.allowed().contains("train, val and test"), e.allowed());
  }

  @Test
  void oneFolderThatAllHaveInCommonIsEnough() throws IOException {
    images("A/cat/1.png", "B/cat/2.png");
    DataException e = assertThrows(DataException.class, this::classes);
    assertEquals(
        "folders A and B hold the same folder cat, so one of the levels is not the classes",
        e.reason());
    images("C/ox/3.png");
    assertEquals(List.of("A", "B", "C"), classes());
  }

  @Test
  void classesMayHaveTheirImagesInAFolderOfOneName() throws IOException {
    images("cat/images/1.png", "dog/images/1.png"); // as Tiny ImageNet has them
    assertEquals(List.of("cat", "dog"), classes());
    assertEquals(List.of(), prepare().notes());
  }

  @Test
  void classesThatBeginLikeAPart() throws IOException {
    images("train_station/1.png", "train_interior/1.png", "test tube/1.png"); // as Places has them
    images("valley/1.png", "valley/deep/2.png", "tester/1.png", "training/1.png");
    assertEquals(6, classes().size());
  }

  @Test
  void foldersInsideOfClassesAreMergedAndThisIsSaid() throws IOException {
    images("animals/cat/1.png", "animals/dog/1.png", "plants/rose/1.png", "plants/oak/2.png");
    images("things/1.png");
    assertEquals(List.of("animals", "plants", "things"), classes());
    String note =
        "4 folders inside of classes are merged, as the classes are the 3 folders directly in the"
            + " set: animals/cat, animals/dog, plants/oak, plants/rose";
    assertEquals(note, prepare().notes().get(0).line());
  }

  @Test
  void foldersOfSystemsAreLeftOutAndNamed() throws IOException {
    images("cat/0.png", "cat/1.png", "dog/0.png", "dog/1.png");
    images("$RECYCLE.BIN/1.png", "$Recycle.Bin/2.png", "#recycle/1.png", "@eaDir/1.png");
    images("System Volume Information/1.png", "lost+found/1.png", ".Trash-1000/files/1.png");
    assertEquals(List.of("cat", "dog"), classes());
    assertEquals(
        List.of(
            "6 files of macOS, Windows or the file system are left out: #recycle, $RECYCLE.BIN,"
                + " $Recycle.Bin, @eaDir, System Volume Information and 1 more",
            "1 hidden files or folders are left out: .Trash-1000"),
        notes().stream().sorted(Comparator.reverseOrder()).toList());
  }

  @Test
  void whatLiesBesideTheBatchesOfCifarIsNamed() throws IOException {
    byte[] batch = new byte[20 * 3073];
    for (int i = 0; i < 20; i++) {
      batch[i * 3073] = (byte) (i % 10);
      batch[i * 3073 + 1] = (byte) i;
    }
    Files.createDirectories(root);
    for (int b = 1; b <= 6; b++) {
      Files.write(root.resolve("data_batch_" + b + ".bin"), batch);
    }
    Files.write(root.resolve("test_batch.bin"), batch);
    Files.writeString(root.resolve("batches.meta.txt"), "airplane\n");
    images("extra/cat/1.png", "more.png", ".git/x");
    List<String> notes = prepare().notes().stream().map(FileNote::line).toList();
    assertTrue(
        notes.containsAll(
            List.of(
                "1 hidden files or folders are left out: .git",
                "3 files beside the batches of CIFAR-10 are not used: data_batch_6.bin,"
                    + " extra/cat/1.png, more.png",
                "6 batches of CIFAR-10 have another number of records than 10,000: data_batch_1 has"
                    + " 20, data_batch_2 has 20, data_batch_3 has 20, data_batch_4 has 20,"
                    + " data_batch_5 has 20 and 1 more")),
        notes.toString());
  }
}
