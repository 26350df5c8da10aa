package org.alexnet4j.data.prepare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.data.DataOptions.Damaged;
import org.alexnet4j.data.Pictures;
import org.alexnet4j.data.PreparedSets;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackedCheckTest {
  private static final List<String> SYNSETS = List.of("n01440764", "n01443537", "n01484850");

  @TempDir Path dir;
  private Path images;
  private Path packed;

  @BeforeEach
  void makeImages() throws IOException {
    images = dir.resolve("images");
    packed = dir.resolve("packed");
    int seed = 0;
    for (String part : List.of("train", "val")) {
      for (String id : SYNSETS) {
        Path folder = Files.createDirectories(images.resolve(part).resolve(id));
        for (int i = 0; i < 3; i++) {
          Files.write(folder.resolve(id + "_" + i + ".png"), Pictures.noise(12, 9, seed++));
        }
      }
    }
  }

  private PackedCheck.Result prepareAndCheck() throws IOException {
    PrepareOptions options =
        new PrepareOptions(8, 0.1, false, Damaged.FAIL, false, Optional.empty(), 4, 2);
    Preparation.run(images, packed, options, new Preparation.Listener() {});
    return PackedCheck.run(packed, 2);
  }

  private static final String NOT_ALL =
      "classes: 3 of ILSVRC-2012's 1,000; labels count among these, not among all (prepare"
          + " --ilsvrc-labels)";

  @Test
  void aWholeSetHasNoProblem() throws IOException {
    PackedCheck.Result result = prepareAndCheck();
    assertEquals(18, result.images());
    assertEquals(List.of(), result.problems());
    assertEquals(List.of(NOT_ALL), result.notes());
  }

  @Test
  void progressCountsEveryImageOnce() throws IOException {
    prepareAndCheck();
    List<Long> read = new ArrayList<>();
    PackedCheck.run(packed, 2, read::add);
    assertEquals(18, read.get(read.size() - 1));
    assertEquals(read.stream().sorted().distinct().toList(), read);
  }

  @Test
  void everyChangedFileIsFound() throws IOException {
    prepareAndCheck();
    List<String> missed = new ArrayList<>();
    for (String name : PreparedSets.hashes(packed).keySet()) {
      if (name.equals("passport.json") || name.equals("classes.tsv")) {
        continue;
      }
      Path file = packed.resolve(name);
      byte[] whole = Files.readAllBytes(file);
      byte[] changed = whole.clone();
      changed[whole.length - (name.endsWith("labels.npy") ? 4 : 1)] ^= 1;
      Files.write(file, changed);
      List<String> problems = PackedCheck.run(packed, 2).problems();
      if (problems.stream().noneMatch(problem -> problem.startsWith(name + ": "))) {
        missed.add(name + " " + problems);
      }
      Files.write(file, whole);
    }
    assertEquals(List.of(), missed);
    assertEquals(List.of(), PackedCheck.run(packed, 2).problems());
  }

  @Test
  void labelsOfAnotherOrderAreNamed() throws IOException {
    prepareAndCheck();
    Path labels = packed.resolve("train/labels.npy");
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(labels)).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < 9; i++) {
      bytes.putInt(128 + 4 * i, 2 - i / 3); // the classes backwards
    }
    Files.write(labels, bytes.array());
    List<String> problems = PackedCheck.run(packed, 2).problems();
    String want =
        "train: 6 images have the label of another class: train/n01484850/n01484850_2.png is"
            + " labelled 0, n01440764; labels do not follow the sorted synset ids: n01484850 is"
            + " labelled 0 and is class 2; the development kit's ILSVRC2012_ID has such an order";
    assertTrue(problems.contains(want), problems.toString());
  }

  @Test
  void classesOfAnotherOrderAreNamed() throws IOException {
    prepareAndCheck();
    String classes = Files.readString(packed.resolve("classes.tsv"));
    Files.writeString(
        packed.resolve("classes.tsv"),
        classes
            .replace("n01440764", "x")
            .replace("n01484850", "n01440764")
            .replace("x", "n01484850"));
    List<String> problems = PackedCheck.run(packed, 2).problems();
    assertTrue(
        problems.stream()
            .anyMatch(p -> p.startsWith("classes: labels do not follow the sorted synset ids")),
        problems.toString());
  }

  @Test
  void imagesThatComeTwiceAreNamed() throws IOException {
    Path val = images.resolve("val/n01440764");
    Files.copy(val.resolve("n01440764_0.png"), images.resolve("train/n01443537/n01443537_7.png"));
    Files.copy(val.resolve("n01440764_1.png"), val.resolve("n01440764_8.png"));
    PackedCheck.Result result = prepareAndCheck();
    assertEquals(List.of(), result.problems());
    assertEquals(
        List.of(
            NOT_ALL,
            "duplicate in train and val, with different labels: train/n01443537/n01443537_7.png,"
                + " val/n01440764/n01440764_0.png",
            "duplicate within val: val/n01440764/n01440764_1.png, val/n01440764/n01440764_8.png"),
        result.notes());
  }
}
