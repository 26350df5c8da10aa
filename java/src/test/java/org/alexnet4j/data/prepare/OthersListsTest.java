package org.alexnet4j.data.prepare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.data.DataOptions.Damaged;
import org.alexnet4j.data.Pictures;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.packed.PackedClass;
import org.alexnet4j.data.packed.Passport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lists and labels that name an image twice, in quotes, or under a name that two images have. */
class OthersListsTest {
  @TempDir Path dir;
  private int outs;

  private void images(String... paths) throws IOException {
    for (String path : paths) {
      Path file = dir.resolve(path);
      Files.createDirectories(file.getParent());
      Files.write(file, Pictures.noise(8, 8, path.hashCode()));
    }
  }

  private Passport prepare(Path from, Path labels) throws IOException {
    PrepareOptions options =
        new PrepareOptions(8, 0, false, Damaged.FAIL, false, Optional.ofNullable(labels), 16, 1);
    Path out = dir.resolve("out" + outs++);
    return Preparation.run(from, out, options, new Preparation.Listener() {}).orElseThrow();
  }

  private Passport list(String text) throws IOException {
    images("a 0.png", "a1.png", "b0.png", "b1.png");
    return prepare(Files.writeString(dir.resolve("list.txt"), text), null);
  }

  private List<String> classes() throws IOException {
    return PackedClass.read(dir.resolve("out" + (outs - 1))).stream()
        .map(PackedClass::name)
        .toList();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"a 0.png\" \"cat\"\na1.png cat\nb0.png dog\nb1.png \"dog\"\n",
        "\"a 0.png\"\t\"cat\"\n\"a1.png\"\tcat\nb0.png\t\"dog\"\nb1.png\tdog\n",
        "a 0.png \"cat\" train\n\"a1.png\" \"cat\" \"train\"\nb0.png dog train\nb1.png dog\n",
        "\"a 0.png\"\t\"cat\"\t\"train\"\na1.png\tcat\ttrain\nb0.png\tdog\nb1.png\tdog\n"
      })
  void quotesAroundLabelsAreNoPartOfThem(String text) throws IOException {
    assertArrayEquals(new int[] {2, 2}, list(text).parts().get("train").perClass());
    assertEquals(List.of("cat", "dog"), classes());
  }

  @Test
  void quotedLabelsMayHaveBlanksAndQuotes() throws IOException {
    list("\"a 0.png\" \"great white\"\na1.png \"great white\" train\nb0.png dog\nb1.png dog\n");
    assertEquals(List.of("dog", "great white"), classes());
    list("a 0.png\t\"the \"\"big\"\" one\"\nb0.png\tdog\n");
    assertEquals(List.of("dog", "the \"big\" one"), classes());
  }

  @ParameterizedTest
  @CsvSource({"a1.png cat, a1.png dog, dog, cat", "./a1.png 02, a1.png 1, 1, 02"})
  void anImageWithTwoLabelsIsRefused(String line, String other, String now, String before) {
    String one = line.contains("2") ? "1" : "dog";
    DataException e =
        assertThrows(
            DataException.class, () -> list(line + "\nb0.png " + one + "\n" + other + "\n"));
    assertEquals(dir.resolve("list.txt") + ": line 3", e.where());
    assertEquals("'a1.png' has label '" + now + "', in line 1 it has '" + before + "'", e.reason());
  }

  @Test
  void anImageThatIsThereTwiceIsNamed() throws IOException {
    Passport passport = list("a1.png 1\nb0.png 0\n./a1.png 01\nb1.png 0\n");
    assertEquals(
        "1 lines name an image that an earlier line names as well: ./a1.png",
        passport.notes().get(0).line());
  }

  private Passport val(String labels, String... val) throws IOException {
    images("set/train/cat/0.png", "set/train/dog/0.png");
    for (String path : val) {
      images("set/val/" + path);
    }
    return prepare(dir.resolve("set"), Files.writeString(dir.resolve("labels"), labels));
  }

  private void assertVal(int cats, int dogs, String labels, String... val) throws IOException {
    assertArrayEquals(
        new int[] {cats, dogs}, val(labels, val).parts().get("val").perClass(), labels);
  }

  private void assertRefused(String reason, String labels, String... val) {
    assertEquals(reason, assertThrows(DataException.class, () -> val(labels, val)).reason());
  }

  @Test
  void aNameEndsAtTheEndingOfAnImage() throws IOException {
    String kaggle = "cat.1.png cat\ncat.2.png cat\ndog.1.png dog\n";
    assertVal(2, 1, kaggle, "cat.1.png", "cat.2.png", "dog.1.png");
    assertVal(2, 1, kaggle.replace(".png ", ","));
    assertVal(2, 1, kaggle.replace(".png", ".JPEG"));
    assertVal(2, 1, kaggle.replaceAll("(?m)^(.*) (.*)$", "\"$1\",\"$2\""));
    assertRefused("no label for cat.1.png", kaggle.replace("cat.1", "cat.1.b"));
  }

  @Test
  void namesThatCouldMeanTwoImages() throws IOException {
    assertVal(1, 1, "1.png cat\n1.jpg dog\n", "1.png", "1.jpg");
    assertRefused("no label for 1.jpg", "1 cat\n");
    assertRefused("'1.gif' has a label in line 1", "1.png cat\n1.gif dog\n");
    Files.delete(dir.resolve("set/val/1.jpg"));
    assertRefused("'1.jpg' has a label in line 1", "1.png cat\n1.jpg dog\n");
  }

  @Test
  void foldersOfValMustAgreeWithTheLabels() throws IOException {
    String[] val = {"cat/1.png", "dog/1.png", "dog/3.png"};
    assertVal(1, 2, "cat\ndog\ndog\n", val);
    assertRefused(
        "cat/1.png is labelled dog, and lies in a folder of class cat", "dog\ncat\ncat\n");
    Files.delete(dir.resolve("set/val/dog/1.png"));
    assertVal(1, 1, "1.png cat\n3.png dog\n");
    assertRefused(
        "dog/3.png is labelled cat, and lies in a folder of class dog", "1.png cat\n3.png cat\n");
  }

  @Test
  void imagesOfOneNameInFoldersOfVal() throws IOException {
    String[] val = {"a/1.png", "b/1.png", "c/2.png"};
    assertRefused(
        "has class and name of " + dir.resolve("set/val/a/1.png"), "cat\ncat\ndog\n", val);
    assertRefused("no label for 1.png, which is there twice", "1.png cat\n2.png dog\n");
    Files.delete(dir.resolve("set/val/a/1.png"));
    images("set/val/a/9.png");
    assertRefused(
        "labels alone, for images in folders, whose order by name is not that by path",
        "cat\ncat\ndog\n");
    assertVal(2, 1, "1.png cat\n2.png dog\n9.png cat\n");
    assertTrue(Files.exists(dir.resolve("out" + (outs - 1))));
  }
}
