package org.alexnet4j.data.image;

import static org.alexnet4j.data.SmallFiles.PIXELS;
import static org.alexnet4j.data.SmallFiles.SIDE;
import static org.alexnet4j.data.SmallFiles.bmp;
import static org.alexnet4j.data.SmallFiles.bytes;
import static org.alexnet4j.data.SmallFiles.gif;
import static org.alexnet4j.data.SmallFiles.ints;
import static org.alexnet4j.data.SmallFiles.png;
import static org.alexnet4j.data.SmallFiles.tiff;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.zip.Deflater;
import org.alexnet4j.data.Pictures;
import org.alexnet4j.data.SmallFiles.Chunk;
import org.alexnet4j.data.TiffFile;
import org.alexnet4j.data.message.DataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files whose missing pixels or colours readers would make up are damaged, and say where. */
class MadeUpPixelsTest {
  private static final int[][] PALETTE = {{10, 20, 30}, {40, 50, 60}, {70, 80, 90}, {1, 2, 3}};

  private static void whole(byte[] file) {
    assertDoesNotThrow(() -> ImageDecoder.ofThread().decode(file.clone(), "file"));
  }

  private static void refused(String reason, byte[] file) {
    DataException e =
        assertThrows(
            DataException.class,
            () -> ImageDecoder.ofThread().decode(file.clone(), "file"),
            reason);
    assertEquals(reason, e.reason());
  }

  // ---- GIF: 13 bytes of screen, 12 of table, 8 of control, 10 of descriptor, size, blocks

  private static final int FRAME = 13 + 12 + 8;
  private static final int BLOCK = FRAME + 10 + 1;

  /** A GIF of one colour whose codes are cut to some bytes. */
  private static byte[] gifOfCodes(byte[] gif, byte[] codes) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.write(gif, 0, BLOCK);
    out.write(codes.length);
    out.writeBytes(codes);
    out.writeBytes(bytes(1, 0, 0x3B));
    return out.toByteArray();
  }

  @Test
  void aGifHasAllItsPixels() {
    byte[] gif = gif(SIDE, SIDE, PALETTE, new int[] {0, 0, SIDE, SIDE, 2, -1});
    whole(gif);
    byte[] codes = Arrays.copyOfRange(gif, BLOCK + 1, BLOCK + 1 + (gif[BLOCK] & 255));
    whole(gifOfCodes(gif, codes));
    String where = " of the 64 pixels of the frame at byte 33";
    // Six bits a pixel: 24 bytes are 32 pixels.
    refused("damaged GIF: codes for 32" + where, gifOfCodes(gif, Arrays.copyOf(codes, 24)));
    byte[] early = Arrays.copyOf(codes, codes.length);
    early[0] = (byte) (4 | 1 << 3 | 5 << 6); // clear, colour 1, end
    early[1] = 1;
    refused("damaged GIF: codes for 1" + where, gifOfCodes(gif, early));
    early[0] = 4 | 7 << 3; // clear, then a code that nothing has made
    refused(
        "damaged GIF: a code without a meaning behind 0 of the 64 pixels of the frame at byte 33",
        gifOfCodes(gif, early));
  }

  /** Codes that grow: 0, then ever longer strings, so that widths of 3 to 5 bits occur. */
  @Test
  void longStringsOfAGifAreCounted() {
    byte[] gif = gif(SIDE, SIDE, PALETTE, new int[] {0, 0, SIDE, SIDE, 2, -1});
    int[] codes = {4, 0, 6, 7, 8, 9, 10, 11, 12, 13, 14, 5}; // 1 + 2 + ... + 10 = 55 pixels
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int held = 0;
    int bits = 0;
    for (int i = 0; i < codes.length; i++) {
      int width = i < 4 ? 3 : 4; // the table has eight codes behind the third pixel code
      bits |= codes[i] << held;
      held += width;
      for (; held >= 8; held -= 8, bits >>>= 8) {
        out.write(bits);
      }
    }
    out.write(bits);
    refused(
        "damaged GIF: codes for 55 of the 64 pixels of the frame at byte 33",
        gifOfCodes(gif, out.toByteArray()));
  }

  @Test
  void aGifHasATableWithItsColours() {
    byte[] gif = gif(SIDE, SIDE, PALETTE, new int[] {0, 0, SIDE, SIDE, 3, -1});
    byte[] without = new byte[gif.length - 12];
    System.arraycopy(gif, 0, without, 0, 13);
    System.arraycopy(gif, 25, without, 13, gif.length - 25);
    without[10] = 1;
    refused("damaged GIF: no table for the colours of the frame at byte 21", without);
    byte[] two = new byte[gif.length - 6];
    System.arraycopy(gif, 0, two, 0, 19);
    System.arraycopy(gif, 25, two, 19, gif.length - 25);
    two[10] = (byte) 0x80;
    refused(
        "damaged GIF: a pixel of colour 3, where the table has 2, of the frame at byte 27", two);
    byte[] clear = gif(SIDE, SIDE, PALETTE, new int[] {0, 0, SIDE, SIDE, 3, 3});
    byte[] table = new byte[clear.length - 6];
    System.arraycopy(clear, 0, table, 0, 19);
    System.arraycopy(clear, 25, table, 19, clear.length - 25);
    table[10] = (byte) 0x80;
    whole(table); // the transparent colour needs no entry
  }

  // ---- TIFF

  private static byte[] deflated(byte[] content) {
    Deflater deflater = new Deflater();
    deflater.setInput(content);
    deflater.finish();
    byte[] out = new byte[1000];
    int length = deflater.deflate(out);
    deflater.end();
    return Arrays.copyOf(out, length);
  }

  private static TiffFile packed(int compression, byte[] strip) {
    return tiff(2, 3, 8).tag(TiffFile.COMPRESSION, compression).strip(strip);
  }

  private static void tiffRefused(String what, TiffFile file) {
    byte[] all = file.bytes();
    DataException e =
        assertThrows(DataException.class, () -> ImageDecoder.ofThread().decode(all, "f"), what);
    assertTrue(e.reason().matches("damaged TIFF: " + what), e.reason());
  }

  @ParameterizedTest
  @ValueSource(ints = {8, 32946})
  void deflatedStripsHaveAllTheirBytes(int compression) {
    byte[] rgb = bytes(PIXELS, 10, 20, 30);
    whole(packed(compression, deflated(rgb)).bytes());
    tiffRefused(
        "strip 0 at byte \\d+ unpacks to 96 of 192 bytes",
        packed(compression, deflated(Arrays.copyOf(rgb, 96))));
    byte[] sum = deflated(rgb);
    sum[sum.length - 1] ^= 1;
    tiffRefused("strip 0 at byte \\d+ is damaged zlib data", packed(compression, sum));
  }

  @Test
  void runsHaveAllTheirBytes() {
    whole(packed(32773, bytes(64, -2 & 255, 77)).bytes()); // 64 runs of three
    tiffRefused(
        "strip 0 at byte \\d+ unpacks to 189 of 192 bytes", packed(32773, bytes(63, 254, 77)));
    tiffRefused(
        "strip 0 at byte \\d+ unpacks to 5 of 192 bytes",
        packed(32773, bytes(1, 127, 1, 2, 3, 4, 5)));
  }

  /** Codes of nine bits, highest first: clear, colours one by one with clears between, end. */
  private static byte[] lzw(int count) {
    byte[] out = new byte[(9 * (2 * count + 1) + 7) / 8 + 1];
    int bit = 0;
    for (int i = 0; i <= 2 * count; i++) {
      int code = i == 2 * count ? 257 : i % 2 == 0 ? 256 : 77;
      for (int b = 8; b >= 0; b--, bit++) {
        out[bit / 8] |= (byte) ((code >> b & 1) << 7 - bit % 8);
      }
    }
    return out;
  }

  @Test
  void lzwStripsHaveAllTheirBytes() {
    whole(packed(5, lzw(192)).bytes());
    tiffRefused("strip 0 at byte \\d+ unpacks to 100 of 192 bytes", packed(5, lzw(100)));
    byte[] cut = Arrays.copyOf(lzw(192), 225); // 1800 bits, 200 codes
    tiffRefused("strip 0 at byte \\d+ unpacks to 100 of 192 bytes", packed(5, cut));
  }

  @Test
  void plainStripsHaveAllTheirBytes() {
    TiffFile rows = tiff(2, 3, 8).tag(TiffFile.ROWS, 4);
    rows.strip(bytes(32, 10, 20, 30)).strip(bytes(16, 10, 20, 30));
    byte[] longer = Arrays.copyOf(rows.bytes(), 1000); // what lies behind is no pixel
    DataException e =
        assertThrows(DataException.class, () -> ImageDecoder.ofThread().decode(longer, "f"));
    assertTrue(e.reason().matches("damaged TIFF: strip 1 at byte \\d+ has 48 of 96 bytes"));
    tiffRefused("1 of its 2 strips", tiff(2, 3, 8).tag(TiffFile.ROWS, 4).strip(new byte[500]));
    TiffFile planes = tiff(2, 3, 8).tag(TiffFile.PLANAR, 2);
    planes.strip(bytes(PIXELS, 10)).strip(bytes(PIXELS, 20)).strip(bytes(500, 30));
    whole(planes.bytes());
    TiffFile two = tiff(2, 3, 8).tag(TiffFile.PLANAR, 2).strip(bytes(500, 1)).strip(bytes(500, 1));
    tiffRefused("2 of its 3 strips", two);
  }

  @Test
  void aTiffOfAPaletteHasAllOfIt() {
    int[] map = new int[3 * 256];
    byte[] pixels = bytes(PIXELS, 1);
    whole(tiff(3, 1, 8).tag(TiffFile.COLOUR_MAP, map).strip(pixels).bytes());
    tiffRefused("a palette of 0 of its 768 numbers", tiff(3, 1, 8).strip(pixels));
    int[] small = Arrays.copyOf(map, 300);
    tiffRefused(
        "a palette of 300 of its 768 numbers",
        tiff(3, 1, 8).tag(TiffFile.COLOUR_MAP, small).strip(pixels));
  }

  @Test
  void aJpegInsideHasItsEndAndItsTables() {
    TiffFile file = new TiffFile(ByteOrder.LITTLE_ENDIAN, Pictures.WIDTH, Pictures.HEIGHT);
    file.tag(TiffFile.COMPRESSION, 7).tag(TiffFile.PHOTOMETRIC, 1).tag(TiffFile.SAMPLES, 1);
    byte[] jpeg = Pictures.greyJpeg();
    file.tag(TiffFile.BITS, 8).strip(Arrays.copyOf(jpeg, jpeg.length - 40));
    tiffRefused(
        "strip 0 at byte \\d+ is a truncated or damaged JPEG: no end marker in its \\d+ bytes",
        file);
  }

  @Test
  void aJpegInsideHasAllItsPixels() {
    byte[] jpeg = Pictures.greyJpeg();
    byte[] torn = jpeg.clone();
    int scan = 0;
    while (torn[scan] != -1 || torn[scan + 1] != (byte) 0xDA) {
      scan++;
    }
    for (int i = scan + 12; i + 1 < torn.length - 2; i += 2) {
      torn[i] = -1;
      torn[i + 1] = 0;
    }
    whole(jpegInside(jpeg, null));
    DataException e =
        assertThrows(
            DataException.class, () -> ImageDecoder.ofThread().decode(jpegInside(torn, null), "f"));
    assertTrue(e.reason().startsWith("Corrupt JPEG data"), e.reason());
  }

  /** The tables in a tag: all segments up to the frame, between the marks of an image. */
  @Test
  void aJpegInsideMayHaveItsTablesInATag() {
    byte[] jpeg = Pictures.greyJpeg();
    ByteArrayOutputStream tables = new ByteArrayOutputStream();
    ByteArrayOutputStream strip = new ByteArrayOutputStream();
    tables.write(jpeg, 0, 2);
    strip.write(jpeg, 0, 2);
    int at = 2;
    while (jpeg[at + 1] != (byte) 0xDA) {
      int bytes = 2 + ((jpeg[at + 2] & 255) << 8 | jpeg[at + 3] & 255);
      boolean table = jpeg[at + 1] == (byte) 0xC4 || jpeg[at + 1] == (byte) 0xDB;
      (table ? tables : strip).write(jpeg, at, bytes);
      at += bytes;
    }
    strip.write(jpeg, at, jpeg.length - at);
    tables.writeBytes(bytes(1, 0xFF, 0xD9));
    whole(jpegInside(strip.toByteArray(), tables.toByteArray()));
    DataException e =
        assertThrows(
            DataException.class,
            () -> ImageDecoder.ofThread().decode(jpegInside(strip.toByteArray(), null), "f"));
    assertTrue(e.reason().contains("no quantization table 0 before the scan"), e.reason());
  }

  private static byte[] jpegInside(byte[] jpeg, byte[] tables) {
    TiffFile file = new TiffFile(ByteOrder.LITTLE_ENDIAN, Pictures.WIDTH, Pictures.HEIGHT);
    file.tag(TiffFile.COMPRESSION, 7).tag(TiffFile.PHOTOMETRIC, 1).tag(TiffFile.SAMPLES, 1);
    if (tables != null) {
      int[] numbers = new int[tables.length];
      for (int i = 0; i < numbers.length; i++) {
        numbers[i] = tables[i] & 255;
      }
      file.tag(TiffFile.JPEG_TABLES, numbers);
    }
    return file.tag(TiffFile.BITS, 8).strip(jpeg).bytes();
  }

  /** Four of eight rows of white by T.6, then its end. */
  @Test
  void faxHasAllItsRows() {
    TiffFile all = tiff(0, 1, 1).tag(TiffFile.COMPRESSION, 4);
    whole(all.strip(bytes(1, 0xFF, 0x00, 0x10, 0x01)).bytes());
    TiffFile half = tiff(0, 1, 1).tag(TiffFile.COMPRESSION, 4);
    tiffRefused(".*", half.strip(bytes(1, 0xF0, 0x01, 0x00, 0x10)));
  }

  /** The reader of Java takes 32 bits for signed and turns them wrongly around. */
  @Test
  void whiteAsZeroIn32BitsIsNotSupported() {
    refused(
        "not supported: TIFF with white as zero in 32 bits",
        tiff(0, 1, 32).strip(ints(PIXELS, 40 * 16843009L)).bytes());
    whole(tiff(1, 1, 32).strip(ints(PIXELS, 40 * 16843009L)).bytes());
  }

  // ---- PNG: 8 bytes of signature, 25 of IHDR

  private static Chunk plte(int colours) {
    return new Chunk("PLTE", bytes(colours, 10, 20, 30));
  }

  @Test
  void aPngsChunksFitTheirChecksums() {
    Chunk clear = new Chunk("tRNS", bytes(1, 255));
    byte[] png =
        png(8, 3, bytes(SIDE, 1), plte(2), clear, new Chunk("tEXt", bytes(1, 65, 0, 66, 66, 66)));
    whole(png);
    String sum = " differs from its checksum";
    refused("damaged PNG: chunk IHDR at byte 8" + sum, flipped(png, 8 + 21));
    refused("damaged PNG: chunk PLTE at byte 33" + sum, flipped(png, 33 + 8));
    refused("damaged PNG: chunk tRNS at byte 51" + sum, flipped(png, 51 + 8));
    whole(flipped(png, 64 + 8)); // a text
    refused("damaged PNG: chunk IDAT at byte 81" + sum, flipped(png, png.length - 12 - 1));
    refused(
        "damaged PNG: chunk IEND at byte " + (png.length - 12) + sum, flipped(png, png.length - 1));
  }

  private static byte[] flipped(byte[] file, int at) {
    byte[] other = file.clone();
    other[at] ^= 1;
    return other;
  }

  @Test
  void aPngNamesNoColourBehindItsPalette() {
    byte[] row = bytes(SIDE, 1);
    whole(png(8, 3, row, plte(2)));
    row[5] = 2;
    refused(
        "damaged PNG: the pixel in row 0, column 5 has colour 2 of a palette of 2",
        png(8, 3, row, plte(2)));
    byte[] four = bytes(2, 0b00_01_10_00);
    refused(
        "damaged PNG: the pixel in row 0, column 2 has colour 2 of a palette of 2",
        png(2, 3, four, plte(2)));
    whole(png(2, 3, four, plte(3)));
    refused(
        "damaged PNG: a palette of 4 bytes at byte 33",
        png(8, 3, row, new Chunk("PLTE", bytes(4, 1))));
  }

  // ---- BMP

  @Test
  void aBitmapNamesNoColourBehindItsPalette() {
    byte[] palette = bytes(2, 30, 20, 10, 0);
    whole(bitmap(palette, bytes(PIXELS, 1)));
    byte[] pixels = bytes(PIXELS, 1);
    pixels[SIDE + 2] = 7;
    refused(
        "damaged BMP: the pixel in row 1, column 2 has colour 7 of a palette of 2",
        bitmap(palette, pixels));
  }

  /** Rows from the top. */
  private static byte[] bitmap(byte[] palette, byte[] pixels) {
    byte[] file = bmp(40, 8, 0, -SIDE, palette, pixels);
    ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putInt(46, palette.length / 4);
    return file;
  }
}
