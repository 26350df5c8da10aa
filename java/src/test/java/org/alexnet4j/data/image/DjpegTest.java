package org.alexnet4j.data.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.alexnet4j.data.archive.ImageFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares decoded pixels with libjpeg-turbo's {@code djpeg} (package libjpeg-turbo-progs); skipped
 * where it or the images are not there.
 */
class DjpegTest {
  private static final int IMAGES = 200;
  private static final double MOST_MEAN = 0.5;
  private static final int MOST = 2;

  @TempDir Path dir;

  private static boolean isThere(Path program) {
    return Files.isExecutable(program);
  }

  private byte[] djpeg(Path program, byte[] file) throws IOException, InterruptedException {
    Path in = Files.write(dir.resolve("in.jpg"), file);
    Path out = dir.resolve("out.ppm");
    int code =
        new ProcessBuilder(program.toString(), "-rgb", "-outfile", out.toString(), in.toString())
            .inheritIO()
            .start()
            .waitFor();
    assertEquals(0, code);
    return Files.readAllBytes(out);
  }

  @Test
  void pixelsAgreeWithLibjpegTurbo() throws IOException, InterruptedException {
    Path program = Path.of("/usr/bin/djpeg");
    assumeTrue(isThere(program), "skipped: no djpeg (apt-get install libjpeg-turbo-progs)");
    Path archive =
        Path.of(System.getProperty("alexnet.data", "../shared/data"), "imagenet-sample-400.tar");
    assumeTrue(Files.exists(archive), "skipped: no " + archive + " (set -Dalexnet.data)");
    int compared = 0;
    int most = 0;
    double worstMean = 0;
    try (ImageFiles files = ImageFiles.open(archive)) {
      for (int i = 0; i < files.count() && compared < IMAGES; i++) {
        if (files.isFolder(i)) {
          continue;
        }
        byte[] file = files.read(i);
        byte[] ppm = djpeg(program, file);
        ImageDecoder decoder = ImageDecoder.ofThread();
        decoder.decode(file, "file");
        byte[] rgb = Arrays.copyOf(decoder.rgb(), 3 * decoder.width() * decoder.height());
        decoder.decode(ppm, "djpeg");
        long sum = 0;
        int largest = 0;
        for (int p = 0; p < rgb.length; p++) {
          int difference = Math.abs((rgb[p] & 255) - (decoder.rgb()[p] & 255));
          sum += difference;
          largest = Math.max(largest, difference);
        }
        double mean = (double) sum / rgb.length;
        compared++;
        assertTrue(
            mean <= MOST_MEAN && largest <= MOST,
            files.path(i) + ": mean " + mean + ", most " + largest);
        worstMean = Math.max(worstMean, mean);
        most = Math.max(most, largest);
      }
    }
    System.out.printf(
        Locale.ROOT, "%d images: mean up to %.4f, most %d%n", compared, worstMean, most);
    assertEquals(IMAGES, compared);
  }
}
