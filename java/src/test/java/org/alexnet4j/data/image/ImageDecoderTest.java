package org.alexnet4j.data.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.alexnet4j.data.Pictures;
import org.alexnet4j.data.message.DataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ImageDecoderTest {
  private static final int WHOLE_PARTS = 0;

  /**
   * Colour at half size mixes colours up to two pixels beyond a border, and the deblocked chroma up
   * to six.
   */
  private static final int JPEG_BORDER = 8;

  static byte[] fixture(String name) throws IOException {
    Path inModule = Path.of("..", "test-data", name); // Maven runs tests in the module's folder
    return Files.readAllBytes(Files.exists(inModule) ? inModule : Path.of("test-data", name));
  }

  private static ImageDecoder decode(byte[] file) throws DataException {
    ImageDecoder decoder = ImageDecoder.ofThread();
    decoder.decode(file, "file");
    assertEquals(Pictures.WIDTH, decoder.width());
    assertEquals(Pictures.HEIGHT, decoder.height());
    return decoder;
  }

  private interface Expected {
    int sample(int x, int y, int channel);
  }

  private static void assertPixels(ImageDecoder got, Expected want, int border, int tolerance) {
    for (int y = 0; y < got.height(); y++) {
      for (int x = 0; x < got.width(); x++) {
        boolean inside = Math.abs(x - 31.5) > border && Math.abs(y - 15.5) > Math.min(border, 6);
        for (int c = 0; inside && c < 3; c++) {
          int value = got.rgb()[3 * (y * got.width() + x) + c] & 255;
          String place = "row " + y + ", column " + x + ", channel " + c;
          assertEquals(want.sample(x, y, c), value, tolerance, place);
        }
      }
    }
  }

  private static final Expected COLOURS = (x, y, c) -> Pictures.colourAt(x, y)[c];

  @ParameterizedTest
  @CsvSource({
    "baseline.jpg, 4",
    "progressive.jpg, 4",
    "cmyk.jpg, 12", // CMYK is converted twice
    "rgb.png, 0",
    "rgb16.png, 0",
    "palette.png, 0",
    "really-a-png.jpg, 0"
  })
  void fixturesDecodeToTheirColours(String name, int tolerance) throws IOException {
    assertPixels(
        decode(fixture(name)), COLOURS, tolerance == 0 ? WHOLE_PARTS : JPEG_BORDER, tolerance);
  }

  @Test
  void decodingChangesNoSettingOfTheProcess() throws DataException {
    decode(Pictures.png());
    assertTrue(ImageIO.getUseCache(), "as Java has it");
  }

  @Test
  void gifAndBmpDecodeToo() throws IOException {
    assertPixels(decode(Pictures.gif()), COLOURS, WHOLE_PARTS, 0);
    assertPixels(decode(Pictures.bmp()), COLOURS, WHOLE_PARTS, 0);
  }

  /** Java's grey colour space has another curve than sRGB; sample values must pass unchanged. */
  @Test
  void greyIsRepeatedWithoutAChangeOfCurve() throws IOException {
    Expected grey = (x, y, c) -> Pictures.greyAt(x, y);
    assertPixels(decode(Pictures.greyPng()), grey, WHOLE_PARTS, 0);
    assertPixels(decode(fixture("grey.jpg")), grey, JPEG_BORDER, 2);
  }

  /** Alpha 128 over white: (128 v + 127 · 255) / 255, rounded. */
  @Test
  void transparentPixelsLieOverWhite() throws IOException {
    Expected half =
        (x, y, c) -> (int) Math.round((128 * Pictures.colourAt(x, y)[c] + 127 * 255) / 255.0);
    assertPixels(decode(fixture("alpha.png")), half, WHOLE_PARTS, 0);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "truncated.jpg | truncated or damaged JPEG: no end marker in its 403 bytes",
        "truncated.png | truncated PNG: no end chunk in its 106 bytes",
        "text.jpg | not an image, by its content (text)",
        "huge.png | an image of 100000x100000 pixels",
      })
  void damagedFixturesSayWhatIsWrong(String name, String reason) throws IOException {
    byte[] file = fixture(name);
    assertReason(reason, file, name);
  }

  @Test
  void damagedContentSaysWhatIsWrong() {
    assertReason("the file is empty", new byte[0], "empty.jpg");
    assertReason("not an image, by its content (unknown bytes)", new byte[] {1, 2, 3}, "x.png");
    byte[] webp = "RIFF....WEBPVP8 ".getBytes(StandardCharsets.US_ASCII);
    assertReason("not supported: WebP", webp, "x.jpg");
    assertReason("an image of 0x32 pixels", Pictures.pngOfSize(0, 32), "flat.png");
    byte[] png = Pictures.png();
    for (int i = 60; i < 80; i++) {
      png[i] = 0x55;
    }
    assertTrue(message(png).startsWith("file: damaged PNG: "), message(png));
  }

  /**
   * Coded pixels that make no sense: decoders fill the rest with grey, which must not pass for an
   * image.
   */
  @Test
  void aJpegWithDamagedPixelsIsRefused() {
    byte[] file = Pictures.jpeg();
    int scan = 0;
    while (file[scan] != -1 || file[scan + 1] != (byte) 0xDA) {
      scan++;
    }
    for (int i = scan + 16; i + 1 < file.length - 2; i += 2) {
      file[i] = -1; // one bits only, which no table has as a code; a zero is stuffed behind 255
      file[i + 1] = 0;
    }
    assertTrue(message(file).contains("Corrupt JPEG data"), message(file));
  }

  @Test
  void bytesBehindTheEndMarkerDoNoHarm() throws IOException {
    byte[] file = Pictures.jpeg();
    byte[] longer = Arrays.copyOf(file, file.length + 100);
    assertPixels(decode(longer), COLOURS, JPEG_BORDER, 4);
  }

  @Test
  void everyMessageNamesTheFileAndWhatIsAllowed() {
    assertEquals(
        "file: the file is empty; allowed: whole JPEG, PNG, GIF, BMP, TIFF or PNM files of 1"
            + " to 100000000 pixels",
        message(new byte[0]));
  }

  private static String message(byte[] file) {
    return assertThrows(DataException.class, () -> ImageDecoder.ofThread().decode(file, "file"))
        .getMessage();
  }

  private static void assertReason(String reason, byte[] file, String name) {
    DataException e =
        assertThrows(DataException.class, () -> ImageDecoder.ofThread().decode(file, name));
    assertEquals(name, e.where());
    assertEquals(reason, e.reason());
  }
}
