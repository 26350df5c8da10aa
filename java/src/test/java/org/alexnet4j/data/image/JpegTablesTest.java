package org.alexnet4j.data.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.Arrays;
import java.util.List;
import org.alexnet4j.data.Pictures;
import org.alexnet4j.data.message.DataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A JPEG is decoded by its own tables, whatever the thread has read before. */
class JpegTablesTest {
  private static final int DHT = 0xC4;
  private static final int DQT = 0xDB;
  private static final int SOS = 0xDA;
  private static final int TRIALS = 300;

  /** Returns a JPEG without its segments of one marker, or with other bytes in them. */
  private static byte[] changed(byte[] jpeg, int marker, boolean without, int value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(jpeg, 0, 2);
    int at = 2;
    while ((jpeg[at + 1] & 255) != SOS || without && hasBehind(jpeg, at, marker)) {
      if (jpeg[at] != -1 || jpeg[at + 1] == 0) { // within the codes of a scan
        out.write(jpeg[at++]);
        continue;
      }
      int bytes = 2 + ((jpeg[at + 2] & 255) << 8 | jpeg[at + 3] & 255);
      byte[] segment = Arrays.copyOfRange(jpeg, at, at + bytes);
      if ((jpeg[at + 1] & 255) == marker && !without) {
        Arrays.fill(segment, 5, bytes, (byte) value);
      }
      if ((jpeg[at + 1] & 255) != marker || !without) {
        out.writeBytes(segment);
      }
      at += bytes;
    }
    out.write(jpeg, at, jpeg.length - at);
    return out.toByteArray();
  }

  private static boolean hasBehind(byte[] jpeg, int from, int marker) {
    for (int at = from; at + 1 < jpeg.length; at++) {
      if (jpeg[at] == -1 && (jpeg[at + 1] & 255) == marker) {
        return true;
      }
    }
    return false;
  }

  private static void read(byte[] file) throws DataException {
    ImageDecoder.ofThread().decode(file.clone(), "before");
  }

  private static String refusal(byte[] file) {
    return assertThrows(
            DataException.class, () -> ImageDecoder.ofThread().decode(file.clone(), "file"))
        .reason();
  }

  @ParameterizedTest
  @CsvSource({"219, quantization table 0", "196, Huffman table of DC 0"})
  void aFileWithoutTablesIsDamagedWhateverWasReadBefore(int marker, String what) throws Exception {
    for (byte[] whole : List.of(Pictures.jpeg(), Pictures.progressiveJpeg())) {
      byte[] file = changed(whole, marker, true, 0);
      assertTrue(file.length < whole.length - 60, "it lost its tables");
      String reason = "damaged JPEG: no " + what + " before the scan at byte ";
      for (byte[] before : List.of(Pictures.png(), Pictures.jpeg(), Pictures.progressiveJpeg())) {
        read(before);
        assertTrue(refusal(file).startsWith(reason), refusal(file));
      }
    }
  }

  /** The first scan may do with the tables of DC alone; the ones behind it need those of AC. */
  @Test
  void eachScanNeedsItsOwnTables() throws DataException {
    byte[] file = Pictures.progressiveJpeg();
    read(file);
    byte[] without = file.clone();
    for (int at = 2; at + 4 < file.length; at++) {
      if (file[at] == -1 && (file[at + 1] & 255) == DHT && (file[at + 4] & 0x10) != 0) {
        without[at + 1] = (byte) 0xFE; // a comment
      }
    }
    assertTrue(!Arrays.equals(file, without), "there are tables of AC");
    assertTrue(refusal(without).startsWith("damaged JPEG: no Huffman table of AC"));
  }

  /** Whatever is damaged, pixels and refusals are those of the file alone. */
  @Test
  void pixelsDoNotDependOnTheImageBefore() throws DataException {
    byte[] jpeg = Pictures.jpeg();
    byte[] dark = changed(jpeg, DQT, false, 99);
    int decoded = 0;
    for (int trial = 0; trial < TRIALS; trial++) {
      byte[] file = DamagedInputTest.damage(jpeg, trial);
      if (ImageHeader.of(file.clone()).width() * ImageHeader.of(file.clone()).height() > 1 << 20) {
        continue;
      }
      read(jpeg);
      String one = outcome(file);
      read(dark);
      assertEquals(one, outcome(file), "trial " + trial);
      decoded += one.startsWith("[") ? 1 : 0;
    }
    assertTrue(decoded > TRIALS / 10, decoded + " decoded");
  }

  private static String outcome(byte[] file) {
    ImageDecoder decoder = ImageDecoder.ofThread();
    try {
      decoder.decode(file.clone(), "file");
      int bytes = 3 * decoder.width() * decoder.height();
      return Arrays.toString(Arrays.copyOf(decoder.rgb(), bytes));
    } catch (DataException e) {
      return e.reason();
    }
  }

  @Test
  void aSecondImageBehindTheFirstIsSaid() throws DataException {
    byte[] one = Pictures.jpeg();
    List<String> said = List.of("several images, the first is taken");
    assertEquals(said, oddities(joined(one, Pictures.greyJpeg())));
    assertEquals(said, oddities(joined(one, new byte[100], Pictures.greyJpeg())), "aligned");
    assertEquals(List.of(), oddities(one));
    assertEquals(List.of(), oddities(joined(one, new byte[] {-1, (byte) 0xD8, -1})), "no image");
    read(one);
    byte[] want = ImageDecoder.ofThread().rgb().clone();
    read(joined(one, Pictures.greyJpeg()));
    assertArrayEquals(want, ImageDecoder.ofThread().rgb());
  }

  private static List<String> oddities(byte[] file) throws DataException {
    read(file);
    return ImageDecoder.ofThread().header().oddities();
  }

  private static byte[] joined(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }
}
