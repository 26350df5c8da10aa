package org.alexnet4j.data.prepare;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.message.DataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Lists of a megabyte in one line end in a second, where a backtracking search takes hours. */
class LinearTextTest {
  private static final String BLANKS = " ".repeat(1 << 20);

  @TempDir Path dir;

  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void labelsOfOneLongLineAreRefusedAtOnce() throws IOException {
    Path labels =
        Files.writeString(dir.resolve("val.txt"), "a" + BLANKS + "b" + BLANKS + "c,1 2\n");
    DataException e =
        assertThrows(
            DataException.class,
            () -> ValLabels.read(labels, List.of("x.JPEG"), List.of("n00000001")));
    assertTrue(e.getMessage().length() < 4000, () -> "" + e.getMessage().length());
  }

  @Test
  @Timeout(value = 20, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void pathsOfOneLongLineAreRefusedAtOnce() throws IOException {
    Path list = Files.writeString(dir.resolve("list.txt"), "a/" + ".".repeat(1 << 20) + "x 1\n");
    DataException e =
        assertThrows(
            DataException.class, () -> Datasets.open(list, DataOptions.train().withSource(8)));
    assertTrue(e.getMessage().length() < 4000, () -> "" + e.getMessage().length());
  }
}
