package org.alexnet4j.data.prepare;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.DataOptions.Damaged;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.Pictures;
import org.alexnet4j.data.TarWriter;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;
import org.alexnet4j.data.packed.Passport;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Labels and lists as people have them: taken if they can mean one thing only, else refused. */
class OthersLabelsTest {
  /** Classes 0, 1 and 2 of ILSVRC-2012. */
  private static final List<String> SYNSETS = List.of("n01440764", "n01443537", "n01484850");

  @TempDir Path dir;
  private Path source;
  private int outs;

  @BeforeEach
  void archives() throws IOException {
    source = Files.createDirectories(dir.resolve("ilsvrc"));
    TarWriter train = new TarWriter();
    TarWriter val = new TarWriter();
    for (int c = 0; c < 3; c++) {
      TarWriter inner = new TarWriter();
      inner.file(SYNSETS.get(c) + "_1.JPEG", Pictures.noise(8, 8, c));
      train.file(SYNSETS.get(c) + ".tar", inner.bytes());
    }
    for (int i = 1; i <= 6; i++) {
      val.file(name(i) + ".JPEG", Pictures.noise(8, 8, 100 + i));
    }
    val.file("._" + name(1) + ".JPEG", new byte[4]); // what macOS puts beside a file
    Files.write(source.resolve("ILSVRC2012_img_train.tar"), train.bytes());
    Files.write(source.resolve("ILSVRC2012_img_val.tar"), val.bytes());
  }

  private static String name(int i) {
    return "ILSVRC2012_val_0000000" + i;
  }

  private Passport prepare(Path from, double heldOut) throws IOException {
    PrepareOptions options =
        new PrepareOptions(8, heldOut, false, Damaged.FAIL, false, Optional.empty(), 16, 1);
    Path out = dir.resolve("out" + outs++);
    return Preparation.run(from, out, options, new Preparation.Listener() {}).orElseThrow();
  }

  private static List<String> lines(Passport passport) {
    return passport.notes().stream().map(FileNote::line).toList();
  }

  private void labels(byte[] content) throws IOException {
    Files.write(source.resolve("val_labels.txt"), content);
  }

  private void assertVal(String labels, int... perClass) throws IOException {
    labels(labels.getBytes(StandardCharsets.UTF_8));
    assertArrayEquals(perClass, prepare(source, 0.1).parts().get("val").perClass(), labels);
  }

  private void assertRefused(String labels, String where, String reason) throws IOException {
    labels(labels.getBytes(StandardCharsets.UTF_8));
    assertRefused(where, reason);
  }

  private void assertRefused(String where, String reason) {
    DataException e = assertThrows(DataException.class, () -> prepare(source, 0.1));
    assertEquals(reason, e.reason());
    assertEquals(source.resolve("val_labels.txt") + where, e.where());
    assertFalse(Files.exists(dir.resolve("out" + (outs - 1))), "refused before it is begun");
  }

  @Test
  void labelsThatCanMeanOneThingOnly() throws IOException {
    String plain = "0\n1\n2\n0\n1\n2\n";
    for (String labels :
        List.of(
            plain,
            "\uFEFF" + plain,
            plain.replace("\n", "\r\n"),
            plain.replace('\n', '\r'),
            plain + "\n \n\n",
            plain.strip(),
            " 0\n1 \n2\t\n00\n01\n002\n",
            plain
                .replace("0", "n01440764")
                .replace("1\n", "n01443537\n")
                .replace("2\n", "n01484850\n"))) {
      assertVal(labels, 2, 2, 2);
    }
    assertEquals(
        List.of(
            "labels of val count from 0 in the order of the 1,000 synset ids of ILSVRC-2012",
            "1 files of macOS, Windows or the file system are left out: ._" + name(1) + ".JPEG",
            "of 9 images"),
        notesOf(plain));
  }

  private List<String> notesOf(String labels) throws IOException {
    labels(labels.getBytes(StandardCharsets.UTF_8));
    List<String> lines = new ArrayList<>(lines(prepare(source, 0.1)));
    lines.removeIf(line -> line.contains("without the ending"));
    if (lines.size() == 2) {
      lines.add("of 9 images");
    }
    return lines;
  }

  @Test
  void labelsByName() throws IOException {
    StringBuilder caffe = new StringBuilder();
    StringBuilder kaggle = new StringBuilder("ImageId,PredictionString\r\n");
    for (int i = 6; i >= 1; i--) {
      String id = SYNSETS.get((i - 1) / 2);
      caffe.append(name(i)).append(".JPEG ").append((i - 1) / 2).append('\n');
      kaggle.append(name(i)).append(',').append(id).append(" 1 2 3 4 ");
      kaggle.append(i % 2 == 0 ? id + " 5 6 7 8 \r\n" : "\r\n");
    }
    assertVal(caffe.toString(), 2, 2, 2);
    assertVal(kaggle.toString(), 2, 2, 2);
    assertRefused(
        kaggle.toString().replaceFirst("n01484850 5", "n01440764 5"),
        ": line 2",
        "'" + name(6) + ",n01484850 1 2 3 4 n01440764 5 6 7 8'");
    assertRefused(
        caffe.toString().replace("6.JPEG 2", "6.JPEG 2 7"),
        ": line 1",
        "'" + name(6) + ".JPEG 2 7'");
    assertRefused(caffe + name(6) + " 1\n", ": line 7", "'" + name(6) + "' has a label in line 1");
    assertRefused(
        caffe.toString().replace(name(2), name(7)), "", "no label for " + name(2) + ".JPEG");
    assertTrue(
        notesOf(caffe + name(7) + " 0\n")
            .contains("1 labels are of images that are not there: " + name(7)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tench;goldfish;shark;tench;goldfish;shark | : line 1 | 'tench' is no class folder of train and no synset id",
        "0;1;2;0;1;shark | : line 6 | 'shark' is no class folder of train and no synset id",
        "0;1;2;0;1;-2 | : line 6 | '-2' is no class folder of train and no synset id",
        "0;1;2;0;1;2.0 | : line 6 | '2.0' is no class folder of train and no synset id",
        "n01440764;1;2;0;1;2 | : line 2 | '1' is a number, other labels are names",
        "0;1;2;0;1;1000 | : line 6 | label 1000, the last class is 999",
        "0;1;;2;0;1;2 | : line 3 | it is blank",
        "0;1;2;0;1 | '' | 5 labels for 6 images",
        "0;1;2;0;1;2;0 | '' | 7 labels for 6 images",
        "0;1;great white shark;0;1;2 | : line 3 | 'great white shark' beside lines of a label alone",
        "1;2;3;1;2;3 | '' | labels from 1 to 3: ILSVRC2012_IDs of the development kit, whose order is not the canonical one",
        "7;8;9;7;8;9 | '' | no validation image has a class of train; the first has n01514668",
        "n01440764;n99999999;n01484850;n01440764;n01440764;n01440764 | : line 2 | 'n99999999' is no class folder of train and no synset id",
      })
  void labelsThatAreNotUnderstood(String labels, String where, String reason) throws IOException {
    assertRefused(labels.replace(';', '\n'), where == null ? "" : where, reason);
  }

  @Test
  void labelsInOtherEncodings() throws IOException {
    String plain = "0\n1\n2\n0\n1\n2\n";
    labels(("\uFEFF" + plain).getBytes(StandardCharsets.UTF_16LE));
    assertRefused("", "a text in UTF-16");
    labels(plain.getBytes(StandardCharsets.UTF_16));
    assertRefused("", "a text in UTF-16");
    labels(plain.getBytes(StandardCharsets.UTF_16LE));
    assertRefused(": line 1", "a byte of zero");
    labels("0\n1\nK\u00e4se\n0\n1\n2\n".getBytes(StandardCharsets.ISO_8859_1));
    assertRefused(": line 3", "not a text in UTF-8");
  }

  @Test
  void whatElseLiesThereIsNamed() throws IOException {
    Files.createDirectories(source.resolve("ILSVRC2012_devkit_t12"));
    Files.write(source.resolve("ILSVRC2012_img_test.tar"), new byte[1024]);
    assertTrue(
        notesOf("0\n1\n2\n0\n1\n2\n")
            .contains(
                "2 files or folders beside train and val are not used: ILSVRC2012_devkit_t12,"
                    + " ILSVRC2012_img_test.tar"));
  }

  @Test
  void moreThanOneFileOfLabelsOrNone() throws IOException {
    DataException none = assertThrows(DataException.class, () -> prepare(source, 0.1));
    assertEquals("no labels for " + source.resolve("ILSVRC2012_img_val.tar"), none.reason());
    labels("0\n".getBytes(StandardCharsets.UTF_8));
    Files.writeString(source.resolve("val.txt"), "");
    DataException two = assertThrows(DataException.class, () -> prepare(source, 0.1));
    assertEquals("more than one file of labels: val.txt, val_labels.txt", two.reason());
    assertEquals("--val-labels FILE", two.allowed());
  }

  @Test
  void foldersThatAreNumbersAreMeantByTheirNames() throws IOException {
    List<String> folders = List.of("1", "10", "2"); // in the order of names
    ValLabels labels =
        ValLabels.read(
            Files.writeString(dir.resolve("l"), "2\n10\n1\n"), List.of("a", "b", "c"), folders);
    assertEquals(List.of("2", "10", "1"), labels.classes());
    ValLabels byPlace =
        ValLabels.read(
            Files.writeString(dir.resolve("l"), "2\n1\n0\n"),
            List.of("a", "b", "c"),
            List.of("x", "y", "z"));
    assertEquals(List.of("z", "y", "x"), byPlace.classes());
    DataException e =
        assertThrows(
            DataException.class,
            () ->
                ValLabels.read(
                    Files.writeString(dir.resolve("l"), "3\n1\n2\n"),
                    List.of("a", "b", "c"),
                    List.of("x", "y", "z")));
    assertEquals("labels from 1 to 3: they count from 1", e.reason());
  }

  private Path list(String text) throws IOException {
    for (int i = 0; i < 4; i++) {
      for (String name : List.of("my photos/red " + i, "b" + i)) {
        Path file = dir.resolve("lists").resolve(name + ".png");
        Files.createDirectories(file.getParent());
        Files.write(file, Pictures.noise(8, 8, name.hashCode()));
      }
    }
    return Files.writeString(dir.resolve("lists/list.txt"), text);
  }

  private static final String BLANKS =
      "my photos/red 0.png red\nmy photos/red 1.png red\nb0.png blue\nb1.png blue\n";

  @Test
  void listsAsPeopleHaveThem() throws IOException {
    String quoted = BLANKS.replaceAll("(?m)^(.*\\.png)", "\"$1\"");
    String absolute = BLANKS.replaceAll("(?m)^", dir.resolve("lists") + "/");
    for (String text :
        List.of(
            BLANKS,
            "\uFEFF" + BLANKS,
            "# made by hand\n\n" + BLANKS.replace("\n", "\r\n"),
            BLANKS.replace(".png ", ".png\t"),
            quoted,
            quoted.replace("\" ", "\"\t"),
            absolute,
            BLANKS.replace(".png ", ".png   "))) {
      Passport passport = prepare(list(text), 0);
      assertArrayEquals(new int[] {2, 2}, passport.parts().get("train").perClass(), text);
    }
    String parts =
        BLANKS.replace("\n", " train\n") + "my photos/red 2.png red val\nb2.png blue test\n";
    DataException e = assertThrows(DataException.class, () -> prepare(list(parts), 0));
    assertEquals("label 'blue' has no line that ends in val", e.reason());
    Passport three = prepare(list(parts + "b3.png blue validation\n"), 0);
    assertArrayEquals(new int[] {1, 1}, three.parts().get("val").perClass());
    assertEquals(
        List.of(
            "1 lines that end in test are left out, those that end in val are held out: b2.png"),
        lines(three));
    Passport some =
        prepare(list(parts.replace("b2.png blue test", "b2.png blue val\nb3.png blue")), 0);
    assertEquals(List.of("1 lines say no part and are taken for train: b3.png"), lines(some));
  }

  @Test
  void aLabelMayBeTheNameOfAPart() throws IOException {
    Passport passport =
        prepare(list("my photos/red 0.png train\nb0.png test\n\"my photos/red 1.png\" test\n"), 0);
    assertArrayEquals(new int[] {2, 1}, passport.parts().get("train").perClass());
    assertEquals(List.of(), lines(passport));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "b0.png 0;b1.png one | 2 | label 'one' beside '0'",
        "b0.png red;b1.png 1 | 2 | label '1' beside 'red'",
        "b0.png -1;b1.png -2 | 1 | label '-1'",
        "b0.png 1.0;b1.png 2.0 | 1 | label '1.0'",
        "b0.png 1234567;b1.png 1 | 1 | label '1234567'",
        "b0.png a;b1.png | 2 | '''b1.png'''",
        "b0.png a;b1 .png b | 2 | 'b1 .png' is no file there",
        "b0.png a;b1.png 1 0 1 | 2 | label '1' beside 'a'",
        "b0.png a;gone.png b;gone2.png b | 2 | 'gone.png' is no file there, nor are the files of 1 other lines",
        "b0.png a;#b1.png b | 2 | '#b1.png' is a file, and lines that begin with # are comments",
      })
  void listsThatAreNotUnderstood(String text, int line, String reason) throws IOException {
    Path list = list(text.replace(';', '\n'));
    Files.write(dir.resolve("lists/#b1.png"), Pictures.png());
    DataException e = assertThrows(DataException.class, () -> prepare(list, 0));
    assertEquals(reason, e.reason());
    assertEquals(list + ": line " + line, e.where());
  }

  @Test
  void numbersWithHolesAreSaid() throws IOException {
    Passport passport = prepare(list("b0.png 1\nb1.png 3\nb2.png 3\nb3.png 9\n"), 0);
    assertEquals(
        List.of(
            "7 labels from 0 to 9 do not occur, the others become 0 to 2: 0, 2, 4, 5, 6 and 2 more"),
        lines(passport));
    assertEquals(3, passport.classes());
  }

  @Test
  void cifarInOtherForms() throws IOException {
    Path folder = Files.createDirectories(dir.resolve("cifar"));
    Files.write(folder.resolve("data_batch_1"), new byte[] {(byte) 0x80, 2, '}'});
    DataException python = assertThrows(DataException.class, () -> prepare(folder, 0));
    assertEquals("CIFAR-10 for Python or Matlab, whose files are not read", python.reason());
    assertTrue(python.allowed().startsWith("cifar-10-binary.tar.gz"), python.allowed());
    assertThrows(DataException.class, () -> Datasets.open(folder, DataOptions.train()));
    Path hundred = Files.createDirectories(dir.resolve("cifar-100-binary"));
    Files.write(hundred.resolve("train.bin"), new byte[3074]);
    assertEquals(
        "CIFAR-100, which is not read",
        assertThrows(DataException.class, () -> prepare(hundred, 0)).reason());
    Path partial = Files.createDirectories(dir.resolve("partial"));
    byte[] batch = new byte[20 * 3073];
    for (int i = 0; i < 20; i++) {
      batch[i * 3073] = (byte) (i % 10);
      batch[i * 3073 + 1] = (byte) i;
    }
    Files.write(partial.resolve("data_batch_2.bin"), batch);
    assertEquals(
        "5 of the 6 batches of CIFAR-10 are not there: data_batch_1, data_batch_3, data_batch_4,"
            + " data_batch_5, test_batch",
        lines(prepare(partial, 0)).get(0));
    Files.createDirectories(partial.resolve("again"));
    Files.write(partial.resolve("again/data_batch_2.bin"), batch);
    assertEquals(
        "the batch is there twice",
        assertThrows(DataException.class, () -> prepare(partial, 0)).reason());
  }
}
