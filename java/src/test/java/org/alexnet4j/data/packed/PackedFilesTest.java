package org.alexnet4j.data.packed;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.DataOptions.Damaged;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.PreparedSets;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.prepare.PackedCheck;
import org.alexnet4j.data.prepare.Preparation;
import org.alexnet4j.data.prepare.PrepareOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A file of a prepared folder that is not as prepare wrote it is refused before it is used. */
class PackedFilesTest {
  private static final int SIDE = 8;
  private static final String SHARD = "train/images-00000.npy";

  @TempDir Path dir;
  private Path packed;

  @BeforeEach
  void prepare() throws IOException {
    packed = dir.resolve("packed");
    PreparedSets.folder(dir.resolve("images"), 2, 3);
    PrepareOptions options =
        new PrepareOptions(SIDE, 0.1, false, Damaged.FAIL, false, Optional.empty(), 16, 1);
    Preparation.run(dir.resolve("images"), packed, options, new Preparation.Listener() {});
  }

  private void open() throws IOException {
    try (Dataset set = Datasets.open(packed, DataOptions.train().withSource(SIDE))) {
      set.statistics().orElseThrow();
    }
  }

  private void assertRefused(String file, String reason) throws IOException {
    DataException e = assertThrows(DataException.class, this::open, file + ": " + reason);
    assertEquals(packed.resolve(file).toString(), e.where());
    assertTrue(e.reason().contains(reason), e.reason());
    assertTrue(e.allowed().contains("alexnet prepare"), e.allowed());
    List<String> problems = PackedCheck.run(packed, 1).problems();
    assertTrue(problems.stream().anyMatch(p -> p.startsWith(file + ": ")), problems.toString());
  }

  private void assertRefused(String file, UnaryOperator<byte[]> change, String reason)
      throws IOException {
    byte[] whole = Files.readAllBytes(packed.resolve(file));
    Files.write(packed.resolve(file), change.apply(whole));
    assertRefused(file, reason);
    Files.write(packed.resolve(file), whole);
    open();
  }

  private static UnaryOperator<byte[]> resized(int by) {
    return whole -> Arrays.copyOf(whole, whole.length + by);
  }

  private static UnaryOperator<byte[]> header(String from, String to) {
    return whole -> {
      String text = new String(whole, StandardCharsets.ISO_8859_1);
      assertTrue(text.contains(from), from);
      return text.replace(from, to).getBytes(StandardCharsets.ISO_8859_1);
    };
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, -100, -192, 1, 64, 60_000})
  void anotherLengthIsRefused(int by) throws IOException {
    assertRefused(SHARD, resized(by), "UINT8[6, 8, 8, 3] has 1152 bytes, the file has");
  }

  @Test
  void halfAHeaderIsRefused() throws IOException {
    assertRefused(SHARD, resized(-1200), "the file ends inside its header");
  }

  @Test
  void anotherOrderTypeOrShapeIsRefused() throws IOException {
    assertRefused(SHARD, header("False", "True "), "Fortran order");
    assertRefused(SHARD, header("6, 8, 8, 3", "8, 6, 8, 3"), "is UINT8[8, 6, 8, 3], needed is");
    assertRefused(SHARD, header("6, 8, 8, 3", "6, 3, 8, 8"), "is UINT8[6, 3, 8, 8], needed is");
    assertRefused(SHARD, header("|u1", "|i1"), "is INT8[6, 8, 8, 3], needed is");
    assertRefused(SHARD, header("NUMPY", "Numpy"), "this is no NumPy file");
    assertRefused("train/labels.npy", resized(-4), "it was cut off");
    assertRefused("train/labels.npy", resized(4), "the file has 28");
    assertRefused("train/labels.npy", header("<i4", "<u4"), "needed is INT32[6]");
    assertRefused("train/labels.npy", header("<i4", ">i4"), "big-endian");
    assertRefused("mean.npy", resized(1), "the file has");
    assertRefused("mean.npy", header("<f4", "<i4"), "needed is FLOAT32[8, 8, 3]");
    assertRefused("mean.npy", header("8, 8, 3", "3, 8, 8"), "needed is FLOAT32[8, 8, 3]");
    assertRefused("mean.npy", header("False", "True "), "Fortran order");
  }

  @Test
  void aPassportOfAnotherSideIsRefused() throws IOException {
    Path passport = packed.resolve(Passport.NAME);
    Files.writeString(passport, Files.readString(passport).replace("\"side\": 8", "\"side\": 4"));
    DataException e = assertThrows(DataException.class, this::open);
    assertEquals(packed.resolve(SHARD).toString(), e.where());
    assertEquals("header: is UINT8[6, 8, 8, 3], needed is UINT8[6, 4, 4, 3]", e.reason());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        SHARD,
        "train/labels.npy",
        "train/files.tsv",
        "classes.tsv",
        "mean.npy",
        "pca.json"
      })
  void whatIsMissingOrAFolderIsNamed(String file) throws IOException {
    Files.delete(packed.resolve(file));
    DataException e = assertThrows(DataException.class, this::open);
    assertEquals(packed.resolve(file) + ": no such file; allowed: " + PackedArray.REMEDY, text(e));
    Files.createDirectory(packed.resolve(file));
    e = assertThrows(DataException.class, this::open);
    assertEquals(packed.resolve(file) + ": is a folder; allowed: " + PackedArray.REMEDY, text(e));
  }

  private static String text(DataException e) {
    return e.getMessage();
  }

  @Test
  void aFileThatGoesBetweenOpeningAndReadingIsNamed() throws IOException {
    try (Dataset set = Datasets.open(packed, DataOptions.train().withSource(SIDE))) {
      Files.delete(packed.resolve(SHARD));
      DataException e = assertThrows(DataException.class, () -> PreparedSets.read(set, 0));
      assertEquals(packed.resolve(SHARD).toString(), e.where());
    }
  }

  @Test
  void twoClassesOfOneNameAreRefused() throws IOException {
    Path classes = packed.resolve("classes.tsv");
    for (String[] lines :
        new String[][] {
          {"0\tc0\tc0\n1\tc0\tc1\n", "id c0"}, {"0\tc0\tant\n1\tc1\tant\n", "name ant"}
        }) {
      Files.writeString(classes, lines[0]);
      DataException e = assertThrows(DataException.class, this::open);
      assertEquals(classes + ": line 2", e.where());
      assertEquals(lines[1] + " is that of line 1, too", e.reason());
    }
  }
}
