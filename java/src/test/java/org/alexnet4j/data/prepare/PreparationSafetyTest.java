package org.alexnet4j.data.prepare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.DataOptions.Damaged;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.Pictures;
import org.alexnet4j.data.PreparedSets;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.alexnet4j.data.packed.Passport;
import org.alexnet4j.io.OutputFolder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What prepare must not harm, must not drop in silence, and must give back as it was. */
class PreparationSafetyTest {
  private static final int SIDE = 8;

  @TempDir Path dir;
  private Path images;

  @BeforeEach
  void makeImages() throws IOException {
    images = dir.resolve("images");
    PreparedSets.folder(images, 2, 3);
  }

  private Passport prepare(Path from, Path out, Damaged damaged) throws IOException {
    PrepareOptions options =
        new PrepareOptions(SIDE, 0.1, false, damaged, false, Optional.empty(), 4, 1);
    return Preparation.run(from, out, options, new Preparation.Listener() {}).orElseThrow();
  }

  private Passport prepare(Path out) throws IOException {
    return prepare(images, out, Damaged.FAIL);
  }

  private static List<String> lines(Passport passport) {
    return passport.summary().stream().map(FileNote::line).toList();
  }

  @Test
  void outputsInsideOfInputsAreRefusedBeforeAnythingIsWritten() throws IOException {
    Path link = Files.createSymbolicLink(dir.resolve("link"), images);
    Path inner = Files.createSymbolicLink(dir.resolve("inner"), images.resolve("train/c0"));
    Map<String, String> before = PreparedSets.hashes(dir);
    for (Path out :
        List.of(
            images,
            images.resolve("packed"),
            images.resolve("a/b/c"),
            images.resolve("../images/packed"),
            images.resolve("train/c0"),
            link,
            link.resolve("packed"),
            inner.resolve("packed"),
            dir,
            dir.resolve("x/.."))) {
      OutputFolder.UnwritableException e =
          assertThrows(OutputFolder.UnwritableException.class, () -> prepare(out), out.toString());
      assertTrue(
          e.getReason().matches("(it|the input) .*(input itself|inside of).*"), e.getReason());
      assertEquals(before, PreparedSets.hashes(dir), out.toString());
      assertFalse(Files.exists(images.resolve("packed")));
    }
    assertThrows(
        OutputFolder.UnwritableException.class,
        () -> prepare(link, images.resolve("packed"), Damaged.FAIL));
    prepare(dir.resolve("images2")); // its name begins the same, and no more
  }

  @Test
  void linksInTheFolderAreRefusedAndNothingBehindThemIsTouched() throws IOException {
    Path thesis = Files.createDirectories(dir.resolve("thesis"));
    Files.writeString(thesis.resolve("lock"), "years of work");
    Files.writeString(thesis.resolve(".a.tmp"), "more of it");
    Map<String, String> before = PreparedSets.hashes(thesis);
    for (String name : List.of(Passport.WORK, "train", "val")) {
      Path out = Files.createDirectories(dir.resolve("out-" + name));
      Files.createSymbolicLink(out.resolve(name), thesis);
      assertReason("it is a link", () -> prepare(out));
    }
    for (String name : List.of("lock", "request", "train-00000.json")) {
      Path work = Files.createDirectories(dir.resolve("out-in-" + name).resolve(Passport.WORK));
      Files.createSymbolicLink(work.resolve(name), thesis.resolve("lock"));
      assertReason("it is a link or no file", () -> prepare(work.getParent()));
    }
    assertEquals(before, PreparedSets.hashes(thesis));
  }

  @Test
  void filesOfOthersAreNotDeleted() throws IOException {
    Path out = dir.resolve("out");
    Path work = Files.createDirectories(out.resolve(Passport.WORK));
    Path mine = Files.writeString(work.resolve("notes.txt"), "mine");
    assertReason("prepare has not written it", () -> prepare(out));
    Files.delete(mine);
    Path other = Files.writeString(out.resolve(".mine.tmp"), "mine");
    assertReason("the folder is not empty", () -> prepare(out));
    Files.delete(other);
    Files.write(work.resolve(".request.17.tmp"), new byte[3]); // its own, of a killed call
    prepare(out);
    assertFalse(Files.exists(work));
    Files.createDirectories(work);
    Files.writeString(work.resolve("notes.txt"), "mine");
    assertReason("prepare has not written it", () -> prepare(out));
    assertEquals("mine", Files.readString(work.resolve("notes.txt")));
  }

  @Test
  void aClassThatSkippingEmptiesIsRefused() throws IOException {
    for (String part : List.of("train", "val")) {
      Path folder = images.resolve(part).resolve("c1");
      Map<Path, byte[]> whole = new HashMap<>();
      for (int i = 0; i < 3; i++) {
        Path file = folder.resolve("i" + i + ".png");
        whole.put(file, Files.readAllBytes(file));
        Files.write(file, Pictures.text());
      }
      Path out = dir.resolve("out-" + part);
      assertReason(
          "class 'c1' has no image left in "
              + part
              + ", all are damaged, such as "
              + part
              + "/c1/i0.png: not an image, by its content (text)",
          () -> prepare(images, out, Damaged.SKIP));
      assertFalse(Passport.isIn(out));
      for (Map.Entry<Path, byte[]> file : whole.entrySet()) {
        Files.write(file.getKey(), file.getValue());
      }
    }
  }

  @Test
  void whatWasLeftOutEnlargedOrThereTwiceIsInThePassport() throws IOException {
    Files.write(images.resolve("train/c0/readme"), Pictures.text());
    Files.copy(images.resolve("train/c1/i0.png"), images.resolve("train/c1/again.png"));
    Files.copy(images.resolve("train/c1/i1.png"), images.resolve("val/c1/i1.jpg"));
    Files.write(images.resolve("train/c0/i9.png"), new byte[0]);
    Path out = dir.resolve("out");
    List<String> want =
        List.of(
            "1 files are left out that are no images by their content: train/c0/readme",
            "10 of 14 images are smaller than 8 pixels and were enlarged: train/c0/i0.png,"
                + " train/c0/i1.png, train/c1/again.png, train/c1/i0.png, train/c1/i1.png and 5"
                + " more",
            "2 images have the pixels of one in the other part: train and val overlap:"
                + " train/c1/i1.png, val/c1/i1.jpg",
            "2 images have the pixels of another one in the same part: train/c1/again.png,"
                + " train/c1/i0.png",
            "1 damaged images are left out: train/c0/i9.png",
            "1 images (PNG by its content): val/c1/i1.jpg");
    assertEquals(sorted(want), sorted(lines(prepare(images, out, Damaged.SKIP))));
    assertEquals(sorted(want), sorted(lines(Passport.read(out))));
    try (Dataset train = Datasets.open(out, DataOptions.train().withSource(SIDE))) {
      assertEquals(sorted(want), sorted(train.notes().stream().map(FileNote::line).toList()));
    }
    List<String> verified = PackedCheck.run(out, 1).notes();
    assertTrue(verified.containsAll(want.subList(0, 2)), verified.toString());
  }

  private static List<String> sorted(List<String> lines) {
    return lines.stream().sorted().toList();
  }

  /** A passport as it was written before there were notes. */
  @Test
  void aPassportWithoutNotesIsRead() throws IOException {
    Path out = dir.resolve("out");
    prepare(out);
    Path file = out.resolve("passport.json");
    String text = Files.readString(file);
    String without = text.replaceFirst("(?s),\\s*\"notes\": \\[.*\\]\\s*\\}\\s*$", "}");
    assertFalse(without.contains("\"notes\""));
    Files.writeString(file, without);
    assertEquals(List.of(), Passport.read(out).notes());
  }

  @Test
  void anyNameOfAClassOrFileComesBack() throws IOException {
    List<String> names =
        List.of(
            "tab\there",
            "line\nfeed",
            "back\\slash",
            "back\\tslash",
            "ends with \\",
            "blank at the end ",
            " blank before",
            "carriage\rreturn",
            "K\u00e4se",
            "Ka\u0308se",
            "\uD83D\uDE00",
            "quote\"s",
            "a\u2028b\u0085c");
    Path odd = dir.resolve("odd");
    for (String name : names) {
      Path folder = Files.createDirectories(odd.resolve(name));
      Files.write(folder.resolve(name + ".png"), Pictures.noise(SIDE, SIDE, name.hashCode()));
    }
    PrepareOptions options =
        new PrepareOptions(SIDE, 0, false, Damaged.FAIL, false, Optional.empty(), 4, 1);
    Path out = dir.resolve("out");
    Preparation.run(odd, out, options, new Preparation.Listener() {}).orElseThrow();
    try (Dataset set = Datasets.open(out, DataOptions.train().withSource(SIDE))) {
      assertEquals(sorted(names), sorted(set.classes()));
      for (int i = 0; i < set.size(); i++) {
        String name = set.classes().get(set.label(i));
        assertEquals(name + "/" + name + ".png", set.name(i));
      }
    }
    assertEquals(List.of(), PackedCheck.run(out, 1).problems());
  }

  private interface Attempt {
    void run() throws IOException;
  }

  private static void assertReason(String want, Attempt attempt) {
    assertEquals(want, assertThrows(DataException.class, attempt::run).reason());
  }
}
