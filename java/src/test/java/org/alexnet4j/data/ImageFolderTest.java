package org.alexnet4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.alexnet4j.data.DataOptions.Damaged;
import org.alexnet4j.data.message.DataException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageFolderTest {
  private static final DataOptions TRAIN = DataOptions.train().withSource(4);
  private static final DataOptions HELD_OUT = DataOptions.heldOut().withSource(4);

  @TempDir Path dir;
  private Path root;

  @BeforeEach
  void setUp() {
    root = dir.resolve("set");
  }

  /** Writes an image whose red tells which it is. */
  private void image(String path, int red) throws IOException {
    file(path, Pictures.plain(8, red, 20, 30));
  }

  private void file(String path, byte[] content) throws IOException {
    Path file = root.resolve(path);
    Files.createDirectories(file.getParent());
    Files.write(file, content);
  }

  private void trainAndVal() throws IOException {
    image("train/cat/b.png", 1);
    image("train/cat/a.png", 2);
    image("train/ant/deeper/c.PNG", 3);
    image("val/cat/d.png", 4);
    image("val/ant/e.png", 5);
  }

  private static int red(Dataset set, int index) throws IOException {
    ByteBuffer to = ByteBuffer.allocate(set.imageBytes());
    set.read(index, to);
    assertEquals(0, to.remaining());
    assertEquals(20, to.get(1));
    assertEquals(30, to.get(2));
    return to.get(0) & 255;
  }

  private static String describe(Dataset set) throws IOException {
    StringBuilder text = new StringBuilder(String.join(",", set.classes()));
    for (int i = 0; i < set.size(); i++) {
      text.append(' ').append(set.name(i)).append(':').append(set.label(i)).append('=');
      text.append(red(set, i));
    }
    return text.toString();
  }

  private String open(DataOptions options) throws IOException {
    try (Dataset set = Datasets.open(root, options)) {
      return describe(set);
    }
  }

  @Test
  void trainAndValAreReadInOrderOfClassAndName() throws IOException {
    trainAndVal();
    assertEquals(
        "ant,cat train/ant/deeper/c.PNG:0=3 train/cat/a.png:1=2 train/cat/b.png:1=1", open(TRAIN));
    assertEquals("ant,cat val/ant/e.png:0=5 val/cat/d.png:1=4", open(HELD_OUT));
  }

  @Test
  void testServesWhereThereIsNoVal() throws IOException {
    trainAndVal();
    Files.move(root.resolve("val"), root.resolve("test"));
    assertEquals("ant,cat test/ant/e.png:0=5 test/cat/d.png:1=4", open(HELD_OUT));
  }

  @Test
  void foldersAroundTheSetAndHiddenFilesArePassedOver() throws IOException {
    root = dir.resolve("set").resolve("outer");
    trainAndVal();
    root = dir.resolve("set");
    file("outer/.cache/x/y.png", Pictures.text());
    file("outer/train/cat/.a.png", Pictures.text());
    file("outer/train/cat/Thumbs.db", Pictures.text());
    file("readme.txt", Pictures.text());
    assertTrue(open(TRAIN).startsWith("ant,cat outer/train/ant/deeper/c.PNG:0=3 "));
  }

  @Test
  void classFoldersAloneAreSplitByTheHashOfTheNames() throws IOException {
    for (int i = 0; i < 20; i++) {
      image("cat/" + i + ".png", i);
      image("dog/" + i + ".png", 100 + i);
    }
    DataOptions share = TRAIN.withHeldOutShare(0.25);
    String train = open(share);
    String held = open(share.withSplit(DataOptions.Split.HELD_OUT));
    Set<String> trainNames = new TreeSet<>(List.of(train.split(" ")));
    Set<String> heldNames = new TreeSet<>(List.of(held.split(" ")));
    assertEquals(1 + 2 * 15, trainNames.size());
    assertEquals(1 + 2 * 5, heldNames.size());
    Set<String> both = new HashSet<>(trainNames);
    both.retainAll(heldNames);
    assertEquals(Set.of("cat,dog"), both); // the classes, no image
    assertEquals(train, open(share)); // again the same
    image("cat/20.png", 20); // one more image moves none from one part to the other but at the edge
    Set<String> later =
        new TreeSet<>(List.of(open(share.withSplit(DataOptions.Split.HELD_OUT)).split(" ")));
    later.retainAll(heldNames);
    assertTrue(later.size() >= 10, "held out before and after: " + later);
  }

  /** By the characters of the whole path: a-b comes between a and what is in a. */
  @Test
  void imagesInDeeperFoldersAreInOrderOfTheirPaths() throws IOException {
    image("train/ant/x.png", 1);
    for (String name :
        List.of("a/z", "a/a", "a-b/c", "a-b", "a", "a.b/c", "a0", "\uD83D\uDE00", "～")) {
      image("train/cat/" + name + ".png", 7);
    }
    List<String> names = new ArrayList<>();
    try (Dataset set = Datasets.open(root, TRAIN.withHeldOutShare(0))) {
      for (int i = 1; i < set.size(); i++) {
        names.add(set.name(i).replaceAll("train/cat/|\\.png", ""));
      }
    }
    assertEquals(
        List.of("a-b", "a-b/c", "a.b/c", "a", "a/a", "a/z", "a0", "\uD83D\uDE00", "～"), names);
  }

  @Test
  void aFolderMayBeNamedLikeAnImage() throws IOException {
    trainAndVal();
    image("train/cat/b.png.jpg/x.png", 6);
    Files.createDirectories(root.resolve("train/cat/empty.jpg"));
    assertTrue(open(TRAIN).contains(" train/cat/b.png.jpg/x.png:1=6"), open(TRAIN));
  }

  /** It is not asked of each of a million names whether it is a link to a folder. */
  @Test
  void aLinkToAFolderMustNotBeNamedLikeAnImage() throws IOException {
    trainAndVal();
    image("elsewhere/f.png", 7);
    Path folder = root.resolve("train/cat");
    Files.createSymbolicLink(folder.resolve("link"), root.resolve("elsewhere"));
    assertTrue(open(TRAIN).contains(" train/cat/link/f.png:1=7"), open(TRAIN));
    assumeTrue((Integer) Files.getAttribute(folder, "unix:nlink") == 2, "folders' links counted");
    Files.createSymbolicLink(folder.resolve("z.png"), root.resolve("elsewhere"));
    DataException e = assertThrows(DataException.class, () -> open(TRAIN));
    assertEquals(
        folder.resolve("z.png")
            + ": it is a folder; allowed: files; a link to a folder must not be named like an image",
        e.getMessage());
  }

  @Test
  void aLinkBackIsNamed() throws IOException {
    trainAndVal();
    Files.createSymbolicLink(root.resolve("train/cat/up"), root.resolve("train"));
    assertMessage(
        root.resolve("train/cat/up")
            + ": a link back to a folder around it; allowed: folders without such links",
        TRAIN);
  }

  @Test
  void wordsForClassesComeFromClassesTxt() throws IOException {
    trainAndVal();
    file(
        "classes.txt",
        "0\tant\tthe ant, formicid\n1\tcat\thouse cat\n".getBytes(StandardCharsets.UTF_8));
    assertTrue(open(TRAIN).startsWith("the ant,house cat "), open(TRAIN));
    file("classes.txt", "0\tant\tanimal\n1\tcat\tanimal\n".getBytes(StandardCharsets.UTF_8));
    assertTrue(open(TRAIN).startsWith("animal ant,animal cat "), open(TRAIN));
    file("classes.txt", "0\tant\tthe ant\n".getBytes(StandardCharsets.UTF_8));
    assertTrue(open(TRAIN).startsWith("ant,cat "), open(TRAIN));
  }

  @Test
  void imagesAreCutAndScaledToTheWantedSide() throws IOException {
    trainAndVal();
    file("train/cat/a.png", Pictures.png()); // 64×32: the middle 32×32
    try (Dataset set = Datasets.open(root, TRAIN.withSource(2))) {
      ByteBuffer to = ByteBuffer.allocate(12);
      set.read(1, to);
      int[][] want = Pictures.COLOURS;
      for (int i = 0; i < 4; i++) {
        for (int c = 0; c < 3; c++) {
          assertEquals(want[i][c], to.get(3 * i + c) & 255);
        }
      }
    }
  }

  @Test
  void missingFolder() {
    assertMessage(
        root
            + ": no such folder or file; allowed: a folder of images by class, a .tar, .tar.gz, "
            + ".tar.xz, .tar.bz2 or .zip of one, or synthetic:",
        TRAIN);
  }

  @Test
  void noClasses() throws IOException {
    Files.createDirectories(root);
    assertReason("no image in it", TRAIN);
    image("a.png", 1);
    assertReason("1 images, but no class folder", TRAIN);
    image("cat/a.png", 1);
    image("cat/b.png", 1);
    assertReason("only one class in it, [cat]", TRAIN);
  }

  @Test
  void emptyClass() throws IOException {
    trainAndVal();
    Files.createDirectories(root.resolve("train/cow"));
    assertMessage(
        root.resolve("train/cow")
            + ": class 'cow' has no image; allowed: one file or more named "
            + ".jpg, .jpeg, .png, .gif, .bmp, .tif, .tiff, .ppm, .pgm, .pbm",
        TRAIN);
    file("train/cow/moo.txt", Pictures.text());
    file("train/cow/low.txt", Pictures.text());
    DataException e = assertThrows(DataException.class, () -> Datasets.open(root, TRAIN));
    assertTrue(e.reason().matches("class 'cow' has no image, only 2 other files such as .*txt"));
  }

  @Test
  void partsWithDifferentClasses() throws IOException {
    trainAndVal();
    image("val/cow/a.png", 1);
    assertReason("class 'cow' is not in train", HELD_OUT);
    assertReason("class 'cow' is not in train", TRAIN);
    image("train/cow/a.png", 1);
    image("train/dog/a.png", 1);
    assertReason("class 'dog' of train is missing", TRAIN);
  }

  @Test
  void noTrainFolder() throws IOException {
    image("val/cat/d.png", 4);
    image("val/ant/e.png", 5);
    assertReason("no folder train in it, only [val]", TRAIN);
    assertEquals("ant,cat val/ant/e.png:0=5 val/cat/d.png:1=4", open(HELD_OUT));
  }

  @Test
  void oneImageCannotBeSplit() throws IOException {
    image("cat/a.png", 1);
    image("dog/a.png", 1);
    assertReason("class 'cat' has one image, so none can be held out", TRAIN);
  }

  @Test
  void damagedImagesFailWithTheirNameWhenTheyAreRead() throws IOException {
    trainAndVal();
    file("train/cat/a.png", Pictures.text());
    try (Dataset set = Datasets.open(root, TRAIN)) {
      assertEquals(1, red(set, 2));
      DataException e =
          assertThrows(DataException.class, () -> set.read(1, ByteBuffer.allocate(48)));
      assertEquals(root.resolve("train/cat/a.png").toString(), e.where());
      assertEquals("not an image, by its content (text)", e.reason());
      Files.delete(root.resolve("train/cat/b.png"));
      assertEquals(1, red(set, 2)); // from the cache
      Files.delete(root.resolve("train/ant/deeper/c.PNG"));
      DataException gone =
          assertThrows(DataException.class, () -> set.read(0, ByteBuffer.allocate(48)));
      assertTrue(gone.reason().startsWith("cannot be read: "), gone.getMessage());
    }
  }

  @Test
  void damagedImagesAreSkippedCountedAndListedOnRequest() throws IOException {
    trainAndVal();
    file("train/cat/a.png", Pictures.cut(Pictures.jpeg(), 50));
    DataOptions skip = TRAIN.withDamaged(Damaged.SKIP);
    try (Dataset set = Datasets.open(root, skip)) {
      assertEquals("ant,cat train/ant/deeper/c.PNG:0=3 train/cat/b.png:1=1", describe(set));
      assertEquals(1, set.skipped().size());
      assertTrue(
          set.skipped().get(0).startsWith(root.resolve("train/cat/a.png") + ": truncated"),
          set.skipped().get(0));
    }
    file("train/cat/b.png", Pictures.text());
    DataException e = assertThrows(DataException.class, () -> Datasets.open(root, skip));
    assertTrue(e.getMessage().startsWith("class 'cat': all its images are damaged, such as "));
  }

  @Test
  void singleFilesHaveNoLabel() throws IOException {
    trainAndVal();
    Path file = root.resolve("train/cat/b.png");
    try (Dataset set = Datasets.files(List.of(file), 4)) {
      assertEquals(1, red(set, 0));
      assertEquals(-1, set.label(0));
      assertEquals(file.toString(), set.name(0));
    }
    Path missing = root.resolve("none.png");
    DataException e = assertThrows(DataException.class, () -> Datasets.files(List.of(missing), 4));
    assertEquals(missing + ": no such file; allowed: image files", e.getMessage());
  }

  /** A second reading comes from memory, up to the limit of bytes. */
  @Test
  void theCacheKeepsImagesUpToItsLimit() throws IOException {
    trainAndVal();
    int bytes = 4 * 4 * 3;
    try (Dataset two = Datasets.open(root, TRAIN.withCacheBytes(2 * bytes + 1));
        Dataset none = Datasets.open(root, TRAIN.withCacheBytes(0))) {
      String before = describe(two);
      assertEquals(before, describe(two));
      for (int i = 0; i < 3; i++) {
        Files.delete(root.resolve(two.name(i)));
      }
      assertArrayEquals(new int[] {3, 2}, new int[] {red(two, 0), red(two, 1)});
      assertThrows(DataException.class, () -> red(two, 2));
      assertThrows(DataException.class, () -> red(none, 0));
    }
  }

  /**
   * An image of 8 pixels enlarged to 32 takes 8·8·3 bytes of the cache, and gives the same bytes as
   * without.
   */
  @Test
  void theCacheKeepsSmallImagesAtTheirOwnSize() throws IOException {
    trainAndVal();
    file("train/cat/a.png", Pictures.png());
    DataOptions large = TRAIN.withSource(32);
    try (Dataset all = Datasets.open(root, large.withCacheBytes(2 * 8 * 8 * 3 + 32 * 32 * 3));
        Dataset none = Datasets.open(root, large.withCacheBytes(0))) {
      byte[][] want = new byte[3][];
      for (int i = 0; i < 3; i++) {
        want[i] = pixels(none, i);
        assertArrayEquals(want[i], pixels(all, i));
        Files.delete(root.resolve(all.name(i)));
        assertArrayEquals(want[i], pixels(all, i));
      }
    }
  }

  private static byte[] pixels(Dataset set, int index) throws IOException {
    ByteBuffer to = ByteBuffer.allocate(set.imageBytes());
    set.read(index, to);
    return to.array();
  }

  private void assertMessage(String want, DataOptions options) {
    DataException e = assertThrows(DataException.class, () -> Datasets.open(root, options));
    assertEquals(want, e.getMessage());
  }

  private void assertReason(String want, DataOptions options) {
    DataException e = assertThrows(DataException.class, () -> Datasets.open(root, options));
    assertEquals(want, e.reason());
  }
}
