package org.alexnet4j.cli.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.alexnet4j.cli.Cli;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a preparation that fails leaves behind, and which choices it refuses. */
final class PrepareCommandTest {
  @TempDir Path folder;

  @BeforeEach
  void images() throws IOException {
    for (String name : List.of("train/ant", "train/bee", "val/ant", "val/bee")) {
      Path place = Files.createDirectories(folder.resolve("images").resolve(name));
      for (int i = 0; i < 4; i++) {
        BufferedImage image = new BufferedImage(20, 20, BufferedImage.TYPE_INT_RGB);
        image.setRGB(i, 1, name.hashCode());
        ImageIO.write(image, "png", place.resolve(i + ".png").toFile());
      }
    }
  }

  private Cli prepare(String out, String... more) {
    return Cli.run(
        Stream.concat(
                Stream.of("prepare", folder.resolve("images").toString(), "--side", "16"),
                Stream.concat(Stream.of("--out", folder.resolve(out).toString()), Stream.of(more)))
            .toArray(String[]::new));
  }

  private byte[] damage(String name) throws IOException {
    Path image = folder.resolve("images").resolve(name);
    byte[] whole = Files.readAllBytes(image);
    Files.write(image, java.util.Arrays.copyOf(whole, whole.length / 2));
    return whole;
  }

  @Test
  void nothingIsLeftOfAPreparationThatFinishedNoFile() throws IOException {
    byte[] whole = damage("train/bee/3.png");
    Cli failed = prepare("new/deep/packed", "--threads", "1");
    assertEquals(3, failed.code(), failed.err());
    assertFalse(Files.exists(folder.resolve("new")));
    Files.write(folder.resolve("images/train/bee/3.png"), whole);
    Cli corrected = prepare("new/deep/packed", "--shard-images", "4");
    assertEquals(0, corrected.code(), corrected.err());
  }

  @Test
  void whatIsFinishedStays() throws IOException {
    damage("train/bee/3.png");
    Cli failed = prepare("packed", "--threads", "1", "--shard-images", "4");
    assertEquals(3, failed.code(), failed.err());
    assertTrue(Files.exists(folder.resolve("packed/train/images-00000.npy")));
    Cli goesOn = prepare("packed", "--shard-images", "4", "--damaged", "skip");
    assertEquals(0, goesOn.code(), goesOn.err());
  }

  @Test
  void foldersOfOthersStayAsTheyWere() throws IOException {
    Path other = Files.createDirectories(folder.resolve("other/train"));
    Files.writeString(other.resolve("images-00000.npy"), "mine");
    Cli refused = prepare("other");
    assertEquals(3, refused.code(), refused.err());
    try (Stream<Path> files = Files.walk(folder.resolve("other"))) {
      assertEquals(3, files.count());
    }
    assertEquals("mine", Files.readString(other.resolve("images-00000.npy")));
  }

  @Test
  void anEarlierRequestWithoutAnyFinishedFileBlocksNobody() throws IOException {
    Path work = Files.createDirectories(folder.resolve("packed/.prepare"));
    Files.writeString(work.resolve("request"), "another");
    Cli cli = prepare("packed");
    assertEquals(0, cli.code(), cli.err());
  }

  @Test
  void aShareToHoldOutIsRefusedWhereTheSourceHasVal() {
    for (String share : List.of("0.5", "0")) {
      Cli cli = prepare("packed", "--held-out", share);
      assertEquals(2, cli.code(), cli.err());
      assertTrue(cli.err().contains("images has one; allowed: no --held-out"), cli.err());
    }
    assertFalse(Files.exists(folder.resolve("packed")));
    assertEquals(0, prepare("packed").code());
  }
}
