package org.alexnet4j.data.image;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.Draws;
import org.alexnet4j.data.Pictures;
import org.alexnet4j.data.SmallFiles;
import org.alexnet4j.data.TarWriter;
import org.alexnet4j.data.TiffFile;
import org.alexnet4j.data.message.DataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Whatever bytes a file holds, the answer is an image or a {@link DataException}: never another
 * exception or a hang.
 */
class DamagedInputTest {
  private static final int TRIALS = 400;
  private static final int MOST_PIXELS =
      1_000_000; // changed headers may promise more than a test should allocate

  @TempDir Path dir;

  /** Changes a few bytes, most of them in the first 200, and sometimes cuts the end off. */
  static byte[] damage(byte[] file, int trial) {
    Draws random = new Draws(2012, 0, trial);
    byte[] damaged = file.clone();
    int changes = 1 + random.below(4);
    for (int i = 0; i < changes; i++) {
      int reach = random.below(4) > 0 ? Math.min(200, file.length) : file.length;
      damaged[random.below(reach)] = (byte) random.bits();
    }
    return random.below(4) > 0 ? damaged : Arrays.copyOf(damaged, random.below(file.length));
  }

  @Test
  void imageFiles() {
    byte[][] files = {
      Pictures.jpeg(),
      Pictures.progressiveJpeg(),
      Pictures.greyJpeg(),
      Pictures.png(),
      Pictures.png16(),
      Pictures.palettePng(),
      Pictures.gif(),
      Pictures.bmp(),
      Pictures.encode(Pictures.rgb(), "tiff"),
      SmallFiles.tiff(5, 5, 8)
          .tag(TiffFile.EXTRA_SAMPLES, 2)
          .strip(SmallFiles.bytes(SmallFiles.PIXELS, 1, 2, 3, 4, 5))
          .bytes(),
      SmallFiles.text("P3 8 8 255 " + "10 20 30\n".repeat(64)),
      SmallFiles.text("P5 8 8 65535 " + "ab".repeat(64))
    };
    int refused = 0;
    for (int kind = 0; kind < files.length; kind++) {
      for (int trial = 0; trial < TRIALS; trial++) {
        byte[] file = damage(files[kind], trial);
        ImageHeader header = ImageHeader.of(file.clone());
        if ((long) header.width() * header.height() > MOST_PIXELS) {
          continue;
        }
        try {
          ImageDecoder decoder = ImageDecoder.ofThread();
          decoder.decode(file, "trial " + trial);
          ByteBuffer square = ByteBuffer.allocate(16 * 16 * 3);
          SquareResize.ofThread()
              .apply(decoder.rgb(), decoder.width(), decoder.height(), 16, square);
        } catch (DataException e) {
          refused++;
        }
      }
    }
    assertTrue(refused > TRIALS, refused + " of " + files.length * TRIALS + " refused");
  }

  @Test
  void archives() throws IOException {
    byte[] tar =
        new TarWriter()
            .file("train/ant/a.png", Pictures.png())
            .paxFile("train/cat/" + "x".repeat(120) + ".png", Pictures.png())
            .gnuFile("val/ant/" + "x".repeat(120) + ".png", Pictures.png())
            .file("val/cat/a.png", Pictures.png())
            .bytes();
    int refused = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
      Path file = Files.write(dir.resolve("archive"), damage(tar, trial));
      try (Dataset set = Datasets.open(file, DataOptions.train().withSource(8))) {
        set.read(0, ByteBuffer.allocate(set.imageBytes()));
      } catch (DataException e) {
        refused++;
      }
    }
    assertTrue(refused > TRIALS / 2, refused + " of " + TRIALS + " refused");
  }
}
