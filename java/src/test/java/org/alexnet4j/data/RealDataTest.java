package org.alexnet4j.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.alexnet4j.data.DataOptions.Damaged;
import org.alexnet4j.data.archive.ImageFiles;
import org.alexnet4j.data.prepare.Preparation;
import org.alexnet4j.data.prepare.PrepareOptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Real archives, from {@code -Dalexnet.data} or {@code ../shared/data}; skipped where they are not
 * there.
 */
class RealDataTest {
  @TempDir Path dir;

  private static Path archive(String name) {
    String folder = System.getProperty("alexnet.data", "../shared/data");
    Path file = Path.of(folder, name);
    assumeTrue(Files.exists(file), "skipped: no " + file + " (set -Dalexnet.data)");
    return file;
  }

  /** The README of the data gives 5,000 and 1,000 images a class, and ten classes in this order. */
  @Test
  void cifar10() throws IOException {
    Path file = archive("cifar10-images.tar.xz");
    try (Dataset test = Datasets.open(file, DataOptions.heldOut().withSource(32))) {
      assertEquals(10_000, test.size());
      assertEquals(
          "airplane automobile bird cat deer dog frog horse ship truck",
          String.join(" ", test.classes()));
      int[] counts = new int[10];
      for (int i = 0; i < test.size(); i++) {
        counts[test.label(i)]++;
      }
      assertArrayEquals(
          new int[] {1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000, 1000}, counts);
      float[] mean = MeanImage.of(test, 2).perChannel();
      // The published means of the test images are 126.0, 123.7, 114.9; the JPEGs are slightly
      // lossy.
      assertArrayEquals(new float[] {126.0f, 123.7f, 114.9f}, mean, 0.5f);
    }
  }

  @Test
  void tinyImageNetIsEnlargedAndHasWordsForItsClasses() throws IOException {
    Path file = archive("tiny-imagenet-100.tar.xz");
    try (Dataset val = Datasets.open(file, DataOptions.heldOut())) {
      assertEquals(3936, val.size());
      assertEquals(100, val.classes().size());
      assertEquals("goldfish", val.classes().get(0));
      ByteBuffer to = ByteBuffer.allocate(val.imageBytes());
      Set<Integer> sums = new HashSet<>();
      for (int i = 0; i < 40; i++) {
        to.clear();
        val.read(i * 98, to);
        sums.add(Arrays.hashCode(to.array()));
      }
      assertEquals(40, sums.size());
    }
  }

  /** Full-size JPEGs of all samplings, some grey; every one decodes. */
  @Test
  void imageNetSample() throws IOException {
    Path file = archive("imagenet-sample-400.tar");
    try (ImageFiles files = ImageFiles.open(file)) {
      ByteBuffer to = ByteBuffer.allocate(256 * 256 * 3);
      int decoded = 0;
      for (int i = 0; i < files.count(); i += 9) {
        String name = files.path(i);
        to.clear();
        ImageFolder.decode(files.read(i), name, 256, to);
        assertEquals(0, to.remaining(), name);
        decoded++;
      }
      assertTrue(decoded >= 46, decoded + " images");
    }
  }

  /**
   * The colours of 414 images lie along the published directions: rows are channels, columns
   * components, signs are free.
   */
  @Test
  void coloursOfTheSampleAreThePublishedOnes() throws IOException {
    Path file = archive("imagenet-sample-400.tar");
    Path published = archive("imagenet-rgb-pca.txt");
    PrepareOptions options =
        new PrepareOptions(256, 0, false, Damaged.FAIL, false, Optional.empty(), 1024, 2);
    Preparation.run(file, dir.resolve("sample"), options, new Preparation.Listener() {});
    double[][] want;
    try (Stream<String> lines = Files.lines(published)) {
      want =
          lines
              .filter(line -> line.startsWith("eigvec "))
              .map(line -> Stream.of(line.split(" ")).skip(1).mapToDouble(Double::parseDouble))
              .map(DoubleStream::toArray)
              .toArray(double[][]::new);
    }
    try (Dataset set = Datasets.open(dir.resolve("sample"), DataOptions.train())) {
      assertEquals(414, set.size());
      double[][] vectors = set.statistics().orElseThrow().components().vectors();
      for (int j = 0; j < 3; j++) {
        double along = 0;
        for (int c = 0; c < 3; c++) {
          along += want[c][j] * vectors[j][c];
        }
        for (int c = 0; c < 3; c++) {
          assertEquals(want[c][j], Math.signum(along) * vectors[j][c], 0.02);
        }
      }
    }
  }
}
