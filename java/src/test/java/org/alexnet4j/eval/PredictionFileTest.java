package org.alexnet4j.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.io.Npy;
import org.alexnet4j.io.NpyWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is written about every image, by its formats, and averages of what was written. */
class PredictionFileTest {
  private static final List<String> CLASSES =
      List.of("plain", "a,b", "say \"so\"", "two\nlines", "K\u00e4se", "six");
  private static final List<String> NAMES = List.of("val/1.png", "val/x, \"y\".png", "3");

  /** Labels 0, 2 and none. */
  private static final Dataset IMAGES =
      new Dataset() {
        @Override
        public int size() {
          return 3;
        }

        @Override
        public List<String> classes() {
          return CLASSES;
        }

        @Override
        public int label(int index) {
          return index == 2 ? -1 : 2 * index;
        }

        @Override
        public String name(int index) {
          return NAMES.get(index);
        }

        @Override
        public int source() {
          return 32;
        }

        @Override
        public void read(int index, ByteBuffer to) {
          throw new IllegalStateException("no pixel is needed");
        }

        @Override
        public void close() {}
      };

  private static final float[] ROWS = {
    0.5f, 0.125f, 0.25f, 0.0625f, 0.03125f, 0.03125f, //
    0, 1e-5f, 0, 0, 0, 0.99999f, //
    0.1f, 0.2f, 0.3f, 0.15f, 0.05f, 0.2f,
  };

  @TempDir Path folder;

  private Path write(String name, int top, float[] rows) throws IOException {
    Path file = folder.resolve(name);
    try (PredictionFile written = PredictionFile.create(file, IMAGES, CLASSES, top)) {
      float[] two = java.util.Arrays.copyOf(rows, 12);
      two = java.util.Arrays.copyOf(two, 20); // longer than what counts
      written.at(0, 2, two);
      written.at(2, 1, java.util.Arrays.copyOfRange(rows, 12, 18));
      assertFalse(Files.exists(file), "it appears whole");
      written.commit();
    }
    return file;
  }

  @Test
  void anArrayHasTheProbabilitiesAndBesideItItsImages() throws IOException {
    Path file = write("p.npy", 5, ROWS);
    try (Npy read = Npy.open(file)) {
      assertEquals(List.of(3L, 6L), read.shape());
      assertArrayEquals(ROWS, read.readFloats());
    }
    assertEquals(
        List.of(
            "label\tclass\timage",
            "0\tplain\tval/1.png",
            "2\tsay \"so\"\tval/x, \"y\".png",
            "-1\t\t3"),
        Files.readAllLines(folder.resolve("p.npy.tsv")));
  }

  @Test
  void aTableIsQuotedByRfc4180InEveryLocale() throws IOException {
    Locale before = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG"));
    try {
      assertEquals(
          "image,label,class1,name1,probability1,class2,name2,probability2\r\n"
              + "val/1.png,0,0,plain,0.5,2,\"say \"\"so\"\"\",0.25\r\n"
              + "\"val/x, \"\"y\"\".png\",2,5,six,0.99999,1,\"a,b\",1.0E-5\r\n"
              + "3,,2,\"say \"\"so\"\"\",0.3,1,\"a,b\",0.2\r\n",
          Files.readString(write("p.csv", 2, ROWS)));
      assertEquals(20, Files.readAllLines(write("q.CSV", 99, ROWS)).get(0).split(",").length);
      assertEquals("1 3 2 4 5\n6 2 1 3 4\n3 2 6 4 1\n", Files.readString(write("p.txt", 5, ROWS)));
    } finally {
      Locale.setDefault(before);
    }
  }

  @Test
  void aSubmissionNeedsFiveClasses() {
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> PredictionFile.create(folder.resolve("p.txt"), IMAGES, CLASSES.subList(0, 4), 5));
    assertTrue(e.getMessage().contains("five classes, there are 4"), e.getMessage());
  }

  @Test
  void whatFailsLeavesTheOldFile() throws IOException {
    Path file = folder.resolve("p.csv");
    Files.writeString(file, "old");
    try (PredictionFile written = PredictionFile.create(file, IMAGES, CLASSES, 5)) {
      written.at(0, 1, ROWS);
    }
    assertEquals("old", Files.readString(file));
  }

  private static float[] other() {
    float[] rows = new float[18];
    for (int i = 0; i < 18; i++) {
      rows[i] = i % 6 == i / 6 ? 0.75f : 0.05f;
    }
    return rows;
  }

  private static float[] averages(List<Path> files, Float... shares) throws IOException {
    float[] all = new float[18];
    try (SavedPredictions saved =
        SavedPredictions.open(files, List.of(shares), IMAGES, line -> {})) {
      saved.forEach((first, n, rows) -> System.arraycopy(rows, 0, all, 6 * first, 6 * n));
    }
    return all;
  }

  @Test
  void filesAreAveragedByTheirShares() throws IOException {
    Path one = write("one.npy", 5, ROWS);
    Path two = write("two.npy", 5, other());
    assertArrayEquals(ROWS, averages(List.of(one)));
    for (float[] shares : new float[][] {{}, {0.6f, 0.4f}, {3, 1}}) {
      List<Float> list = new ArrayList<>();
      for (float share : shares) {
        list.add(share);
      }
      double part = shares.length == 0 ? 0.5 : shares[0] / (double) (shares[0] + shares[1]);
      float[] wanted = new float[18];
      for (int i = 0; i < 18; i++) {
        wanted[i] = (float) (part * ROWS[i] + (1 - part) * other()[i]);
      }
      assertArrayEquals(wanted, averages(List.of(one, two), list.toArray(Float[]::new)), 1e-7f);
    }
    Exception e =
        assertThrows(IllegalArgumentException.class, () -> averages(List.of(one, two), 1f, 2f, 3f));
    assertTrue(e.getMessage().contains("one for each of the 2 files"), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "2 | 6 | is FLOAT32[2, 6], needed is FLOAT32[3, 6]",
        "3 | 5 | is FLOAT32[3, 5], needed is FLOAT32[3, 6]",
      })
  void otherShapesAreRefused(int rows, int classes, String text) throws IOException {
    Path file = folder.resolve("p.npy");
    NpyWriter.writeFloats(file, new float[rows * classes], rows, classes);
    Exception e = assertThrows(IOException.class, () -> averages(List.of(file)));
    assertTrue(e.getMessage().contains(text), e.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "NaN | row 1: class 2 has NaN; allowed: probabilities",
        "-0.5 | row 1: class 2 has -0.5; allowed",
        "0.5 | row 1: adds up to 1.5000; allowed",
      })
  void whatIsNoProbabilityIsNamed(float value, String text) throws IOException {
    float[] rows = ROWS.clone();
    rows[8] = value;
    Path file = folder.resolve("p.npy");
    NpyWriter.writeFloats(file, rows, 3, 6);
    Exception e = assertThrows(IOException.class, () -> averages(List.of(file)));
    assertTrue(e.getMessage().contains(text), e.getMessage());
  }

  @Test
  void rowsOfOtherImagesAreRefusedAndAMissingListIsSaid() throws IOException {
    Path file = write("p.npy", 5, ROWS);
    Path list = RowList.beside(file);
    Files.writeString(list, Files.readString(list).replace("val/1.png", "val/2.png"));
    Exception e = assertThrows(IOException.class, () -> averages(List.of(file)));
    assertTrue(e.getMessage().contains("row 0 is of val/2.png"), e.getMessage());
    Files.writeString(list, "label\tclass\timage\n");
    e = assertThrows(IOException.class, () -> averages(List.of(file)));
    assertTrue(e.getMessage().contains("has 1 lines"), e.getMessage());
    Files.delete(list);
    List<String> notes = new ArrayList<>();
    SavedPredictions.open(List.of(file), List.of(), IMAGES, notes::add).close();
    assertTrue(notes.get(0).contains("there is no p.npy.tsv beside it"), notes.toString());
  }
}
