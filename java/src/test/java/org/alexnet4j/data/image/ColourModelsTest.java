package org.alexnet4j.data.image;

import static org.alexnet4j.data.SmallFiles.PIXELS;
import static org.alexnet4j.data.SmallFiles.SIDE;
import static org.alexnet4j.data.SmallFiles.bmp;
import static org.alexnet4j.data.SmallFiles.bytes;
import static org.alexnet4j.data.SmallFiles.doubles;
import static org.alexnet4j.data.SmallFiles.floats;
import static org.alexnet4j.data.SmallFiles.gif;
import static org.alexnet4j.data.SmallFiles.ints;
import static org.alexnet4j.data.SmallFiles.png;
import static org.alexnet4j.data.SmallFiles.shorts;
import static org.alexnet4j.data.SmallFiles.text;
import static org.alexnet4j.data.SmallFiles.tiff;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alexnet4j.data.FixtureFiles;
import org.alexnet4j.data.Pictures;
import org.alexnet4j.data.SmallFiles.Chunk;
import org.alexnet4j.data.TiffFile;
import org.alexnet4j.data.message.DataException;
import org.junit.jupiter.api.Test;

/**
 * Colours by the colour model of each format. Files are made by hand and the wanted colours written
 * down: half transparent is (128 v + 127 · 255) / 255, inks are (255 - c)(255 - k) / 255.
 */
class ColourModelsTest {
  private static final ByteOrder LITTLE = ByteOrder.LITTLE_ENDIAN;
  private static final ByteOrder BIG = ByteOrder.BIG_ENDIAN;
  private static final String OVER_WHITE = "transparency, laid over white";

  private final List<String> faults = new ArrayList<>();

  /** Decodes a file, and compares a pixel in the middle and what is odd about it. */
  private void check(String name, byte[] file, int red, int green, int blue, String... odd) {
    try {
      ImageDecoder decoder = ImageDecoder.ofThread();
      decoder.decode(file.clone(), name);
      int at = 3 * (3 * decoder.width() + 4);
      int[] got = new int[3];
      for (int c = 0; c < 3; c++) {
        got[c] = decoder.rgb()[at + c] & 255;
      }
      int[] want = {red, green, blue};
      if (!Arrays.equals(want, got)) {
        faults.add(name + ": " + Arrays.toString(got) + " for " + Arrays.toString(want));
      }
      if (!decoder.header().oddities().equals(List.of(odd))) {
        faults.add(name + ": " + decoder.header().oddities() + " for " + Arrays.toString(odd));
      }
    } catch (DataException e) {
      faults.add(e.getMessage());
    }
  }

  private void checkGrey(String name, byte[] file, int grey, String... odd) {
    check(name, file, grey, grey, grey, odd);
  }

  private void refused(String reason, byte[] file) {
    DataException e =
        assertThrows(
            DataException.class, () -> ImageDecoder.ofThread().decode(file, reason), reason);
    if (!e.reason().startsWith(reason)) {
      faults.add(e.reason() + " for " + reason);
    }
  }

  private void assertNoFaults() {
    assertEquals("", String.join("\n", faults));
  }

  @Test
  void tiffRgb() {
    byte[] rgb = bytes(PIXELS, 10, 20, 30);
    String deep = "16 bits, rounded to 8";
    check("8 bits", tiff(2, 3, 8).strip(rgb).bytes(), 10, 20, 30);
    byte[] two = shorts(LITTLE, PIXELS, 2570 + 100, 5140, 7710 - 100);
    check("16 bits", tiff(2, 3, 16).strip(two).bytes(), 10, 20, 30, deep);
    TiffFile big = new TiffFile(BIG, SIDE, SIDE).tag(TiffFile.PHOTOMETRIC, 2);
    big.tag(TiffFile.SAMPLES, 3).tag(TiffFile.BITS, 16, 16, 16);
    check("big", big.strip(shorts(BIG, PIXELS, 2570, 5140, 7710)).bytes(), 10, 20, 30, deep);
    byte[] four = ints(PIXELS, 10 * 16843009L, 200 * 16843009L, 30 * 16843009L);
    check("32 bits", tiff(2, 3, 32).strip(four).bytes(), 10, 200, 30, "32 bits, rounded to 8");
    String floating = "floating point, 0 to 1";
    TiffFile single = tiff(2, 3, 32).tag(TiffFile.SAMPLE_FORMAT, 3, 3, 3);
    single.strip(floats(PIXELS, 10 / 255., 1, 0));
    check("float", single.bytes(), 10, 255, 0, floating);
    TiffFile twice = tiff(2, 3, 64).tag(TiffFile.SAMPLE_FORMAT, 3, 3, 3);
    twice.strip(doubles(PIXELS, 10 / 255., 20 / 255., 30 / 255.));
    check("double", twice.bytes(), 10, 20, 30, floating);
    TiffFile planes = tiff(2, 3, 8).tag(TiffFile.PLANAR, 2);
    planes.strip(bytes(PIXELS, 10)).strip(bytes(PIXELS, 20)).strip(bytes(PIXELS, 30));
    check("planar", planes.bytes(), 10, 20, 30);
    TiffFile pages = tiff(2, 3, 8).strip(rgb);
    pages.page(tiff(2, 3, 8).strip(new byte[192]).page(tiff(2, 3, 8).strip(new byte[192])));
    check("pages", pages.bytes(), 10, 20, 30, "3 pages, the first is taken");
    TiffFile jpeg = new TiffFile(LITTLE, Pictures.WIDTH, Pictures.HEIGHT);
    jpeg.tag(TiffFile.COMPRESSION, 7).tag(TiffFile.PHOTOMETRIC, 1).tag(TiffFile.SAMPLES, 1);
    checkGrey("JPEG inside", jpeg.tag(TiffFile.BITS, 8).strip(Pictures.greyJpeg()).bytes(), 40);
    assertNoFaults();
  }

  @Test
  void tiffAlphaOnlyWhereTheFileSaysSo() {
    byte[] half = bytes(PIXELS, 10, 20, 30, 128);
    String beside = "samples beside the colours, ignored";
    byte[] plain = tiff(2, 4, 8).tag(TiffFile.EXTRA_SAMPLES, 2).strip(half).bytes();
    check("alpha", plain, 132, 137, 142, OVER_WHITE);
    byte[] multiplied = bytes(PIXELS, 5, 10, 15, 128);
    byte[] associated = tiff(2, 4, 8).tag(TiffFile.EXTRA_SAMPLES, 1).strip(multiplied).bytes();
    check("premultiplied", associated, 132, 137, 142, OVER_WHITE);
    byte[] unsaid = tiff(2, 4, 8).tag(TiffFile.EXTRA_SAMPLES, 0).strip(half).bytes();
    check("unspecified", unsaid, 10, 20, 30, beside);
    check("not mentioned", tiff(2, 4, 8).strip(half).bytes(), 10, 20, 30, beside);
    byte[] five = bytes(PIXELS, 10, 20, 30, 99, 128);
    byte[] second = tiff(2, 5, 8).tag(TiffFile.EXTRA_SAMPLES, 0, 2).strip(five).bytes();
    check("the second one", second, 132, 137, 142, beside, OVER_WHITE);
    byte[] solid = bytes(PIXELS, 10, 20, 30, 255);
    check("opaque", tiff(2, 4, 8).tag(TiffFile.EXTRA_SAMPLES, 2).strip(solid).bytes(), 10, 20, 30);
    byte[] grey = bytes(PIXELS, 77, 128);
    byte[] greyAlpha = tiff(1, 2, 8).tag(TiffFile.EXTRA_SAMPLES, 2).strip(grey).bytes();
    checkGrey("grey, alpha", greyAlpha, 166, OVER_WHITE);
    byte[] greyBeside = tiff(1, 2, 8).tag(TiffFile.EXTRA_SAMPLES, 0).strip(grey).bytes();
    checkGrey("grey, unspecified", greyBeside, 77, beside);
    assertNoFaults();
  }

  @Test
  void tiffGrey() {
    checkGrey("8 bits", tiff(1, 1, 8).strip(bytes(PIXELS, 77)).bytes(), 77);
    checkGrey("white is zero", tiff(0, 1, 8).strip(bytes(PIXELS, 178)).bytes(), 77);
    checkGrey("4 bits", tiff(1, 1, 4).strip(bytes(PIXELS / 2, 0x55)).bytes(), 85);
    checkGrey("4 bits, white is zero", tiff(0, 1, 4).strip(bytes(PIXELS / 2, 0xAA)).bytes(), 85);
    checkGrey("2 bits", tiff(1, 1, 2).strip(bytes(PIXELS / 4, 0x55)).bytes(), 85);
    checkGrey("1 bit", tiff(1, 1, 1).strip(bytes(PIXELS / 8, 0xFF)).bytes(), 255);
    checkGrey("1 bit, white is zero", tiff(0, 1, 1).strip(bytes(PIXELS / 8, 0xFF)).bytes(), 0);
    byte[] twelve = bytes(PIXELS / 2, 0x4D, 0x44, 0xD4);
    checkGrey("12 bits", tiff(1, 1, 12).strip(twelve).bytes(), 77, "12 bits, rounded to 8");
    byte[] deep = shorts(LITTLE, PIXELS, 77 * 257);
    checkGrey("16 bits", tiff(1, 1, 16).strip(deep).bytes(), 77, "16 bits, rounded to 8");
    byte[] inverse = shorts(LITTLE, PIXELS, 178 * 257);
    checkGrey("16, white 0", tiff(0, 1, 16).strip(inverse).bytes(), 77, "16 bits, rounded to 8");
    byte[] wide = ints(PIXELS, 200 * 16843009L);
    checkGrey("32 bits", tiff(1, 1, 32).strip(wide).bytes(), 200, "32 bits, rounded to 8");
    byte[] single = floats(PIXELS, 120 / 255.);
    byte[] floating = tiff(1, 1, 32).tag(TiffFile.SAMPLE_FORMAT, 3).strip(single).bytes();
    checkGrey("float", floating, 120, "floating point, 0 to 1");
    assertNoFaults();
  }

  @Test
  void tiffInksPalettesAndLuminance() {
    String inks = "CMYK colours";
    check(
        "no black",
        tiff(5, 4, 8).strip(bytes(PIXELS, 135, 135, 115, 0)).bytes(),
        120,
        120,
        140,
        inks);
    byte[] black = bytes(PIXELS, 100, 50, 0, 100);
    check("black", tiff(5, 4, 8).strip(black).bytes(), 94, 125, 155, inks);
    byte[] two = shorts(LITTLE, PIXELS, 100 * 257, 50 * 257, 0, 100 * 257);
    String deep = "16 bits, rounded to 8";
    check("16 bits", tiff(5, 4, 16).strip(two).bytes(), 94, 125, 155, inks, deep);
    byte[] five = bytes(PIXELS, 100, 50, 0, 100, 128);
    byte[] alpha = tiff(5, 5, 8).tag(TiffFile.EXTRA_SAMPLES, 2).strip(five).bytes();
    check("alpha", alpha, 174, 190, 205, inks, OVER_WHITE);
    TiffFile planes = tiff(5, 4, 8).tag(TiffFile.PLANAR, 2);
    planes.strip(bytes(PIXELS, 100)).strip(bytes(PIXELS, 50)).strip(bytes(PIXELS, 0));
    check("planar", planes.strip(bytes(PIXELS, 100)).bytes(), 94, 125, 155, inks);
    int[] map = new int[3 * 256];
    map[5] = 10 * 257;
    map[256 + 5] = 20 * 257;
    map[512 + 5] = 30 * 257;
    TiffFile palette = tiff(3, 1, 8).tag(TiffFile.COLOUR_MAP, map).strip(bytes(PIXELS, 5));
    check("palette", palette.bytes(), 10, 20, 30);
    byte[] full = bytes(PIXELS, 81, 90, 240); // 81 + 1.402 · 112 and so on
    check("YCbCr", tiff(6, 3, 8).tag(TiffFile.SUBSAMPLING, 1, 1).strip(full).bytes(), 238, 14, 13);
    byte[] shared = bytes(PIXELS / 4, 81, 81, 81, 81, 90, 240);
    check(
        "shared", tiff(6, 3, 8).tag(TiffFile.SUBSAMPLING, 2, 2).strip(shared).bytes(), 238, 14, 13);
    assertNoFaults();
  }

  @Test
  void tiffsThatAreNotSupportedAreNotCalledDamaged() {
    byte[] three = bytes(PIXELS, 10, 20, 30);
    String not = "not supported: TIFF with ";
    refused(not + "CIELab", tiff(8, 3, 8).strip(three).bytes());
    refused(not + "ICCLab", tiff(9, 3, 8).strip(three).bytes());
    refused(not + "colour filter array", tiff(32803, 1, 8).strip(three).bytes());
    refused(not + "photometric interpretation 32845", tiff(32845, 3, 8).strip(three).bytes());
    refused(not + "transparency mask", tiff(4, 1, 1).strip(three).bytes());
    refused(not + "other inks", tiff(5, 4, 8).tag(TiffFile.INK_SET, 2).strip(three).bytes());
    refused(
        not + "compression 50000 (Z",
        tiff(2, 3, 8).tag(TiffFile.COMPRESSION, 50000).strip(three).bytes());
    refused(
        not + "signed", tiff(1, 1, 16).tag(TiffFile.SAMPLE_FORMAT, 2).strip(new byte[128]).bytes());
    refused(
        not + "floating point of 16",
        tiff(1, 1, 16).tag(TiffFile.SAMPLE_FORMAT, 3).strip(new byte[128]).bytes());
    refused(
        not + "samples of different",
        tiff(2, 3, 8).tag(TiffFile.BITS, 5, 6, 5).strip(three).bytes());
    refused(not + "2 samples", tiff(2, 2, 8).strip(three).bytes());
    byte[] hot = floats(PIXELS, 0.5, 17.5, 0.5);
    TiffFile radiance = tiff(2, 3, 32).tag(TiffFile.SAMPLE_FORMAT, 3, 3, 3).strip(hot);
    refused("not supported: samples outside of 0 to 1, such as 17.5", radiance.bytes());
    TiffFile nothing = tiff(1, 1, 32).tag(TiffFile.SAMPLE_FORMAT, 3);
    refused("not supported: samples outside", nothing.strip(floats(PIXELS, Double.NaN)).bytes());
    byte[] whole = tiff(2, 3, 8).strip(three).bytes();
    refused("truncated TIFF", Arrays.copyOf(whole, whole.length - 50));
    refused("truncated or damaged TIFF", Arrays.copyOf(whole, 20));
    assertNoFaults();
  }

  @Test
  void tiffAndPngOrientation() throws DataException {
    byte[] tiff = tiff(2, 3, 8).tag(TiffFile.ORIENTATION, 6).strip(bytes(PIXELS, 1, 2, 3)).bytes();
    byte[] exif = Arrays.copyOfRange(FixtureFiles.exif(3), 6, 32);
    byte[] png = png(8, 0, bytes(SIDE, 77), new Chunk("eXIf", exif));
    ImageDecoder.ofThread().decode(tiff, "tiff");
    assertEquals(6, ImageDecoder.ofThread().header().orientation());
    ImageDecoder.ofThread().decode(png, "png");
    assertEquals(3, ImageDecoder.ofThread().header().orientation());
  }

  @Test
  void pngs() {
    String deep = "16 bits, rounded to 8";
    checkGrey("grey 16", png(16, 0, shorts(BIG, SIDE, 77 * 257 + 100)), 77, deep);
    checkGrey("grey 4", png(4, 0, bytes(SIDE / 2, 0x55)), 85);
    checkGrey("grey 2", png(2, 0, bytes(SIDE / 4, 0x55)), 85);
    checkGrey("grey 1", png(1, 0, bytes(1, 0xFF)), 255);
    Chunk clear = new Chunk("tRNS", new byte[] {0, 77});
    checkGrey("clear grey", png(8, 0, bytes(SIDE, 77), clear), 255, OVER_WHITE);
    checkGrey("another grey", png(8, 0, bytes(SIDE, 78), clear), 78);
    Chunk clear4 = new Chunk("tRNS", new byte[] {0, 5});
    checkGrey("clear grey 4", png(4, 0, bytes(SIDE / 2, 0x55), clear4), 255, OVER_WHITE);
    checkGrey("another grey 4", png(4, 0, bytes(SIDE / 2, 0x66), clear4), 102);
    checkGrey("grey, alpha", png(8, 4, bytes(SIDE, 77, 128)), 166, OVER_WHITE);
    byte[] deepAlpha = shorts(BIG, SIDE, 77 * 257, 128 * 257);
    checkGrey("grey, alpha 16", png(16, 4, deepAlpha), 166, deep, OVER_WHITE);
    Chunk colour = new Chunk("tRNS", new byte[] {0, 10, 0, 20, 0, 30});
    checkGrey("clear colour", png(8, 2, bytes(SIDE, 10, 20, 30), colour), 255, OVER_WHITE);
    check("alpha", png(8, 6, bytes(SIDE, 10, 20, 30, 128)), 132, 137, 142, OVER_WHITE);
    check("opaque", png(8, 6, bytes(SIDE, 10, 20, 30, 255)), 10, 20, 30);
    Chunk palette = new Chunk("PLTE", new byte[] {0, 0, 0, 10, 20, 30});
    check("palette", png(2, 3, bytes(SIDE / 4, 0x55), palette), 10, 20, 30);
    Chunk half = new Chunk("tRNS", new byte[] {0, (byte) 128});
    check("palette, alpha", png(8, 3, bytes(SIDE, 1), palette, half), 132, 137, 142, OVER_WHITE);
    Chunk animation = new Chunk("acTL", new byte[8]);
    String odd = "animated, the still image is taken";
    check("animated", png(8, 2, bytes(SIDE, 10, 20, 30), animation), 10, 20, 30, odd);
    assertNoFaults();
  }

  private static byte[] masks(int... masks) {
    ByteBuffer all = ByteBuffer.allocate(4 * masks.length).order(LITTLE);
    Arrays.stream(masks).forEach(all::putInt);
    return all.array();
  }

  @Test
  void bitmaps() {
    byte[] none = {};
    byte[] three = bytes(PIXELS, 30, 20, 10);
    check("24 bits", bmp(40, 24, 0, 8, none, three), 10, 20, 30);
    check("OS/2", bmp(12, 24, 0, 8, none, three), 10, 20, 30);
    check("32 bits, 0 behind", bmp(40, 32, 0, 8, none, bytes(PIXELS, 30, 20, 10, 0)), 10, 20, 30);
    check("32 bits, 128", bmp(40, 32, 0, 8, none, bytes(PIXELS, 30, 20, 10, 128)), 10, 20, 30);
    byte[] fives = shorts(LITTLE, PIXELS, 10 << 10 | 20 << 5 | 30); // 10 · 255 / 31
    check("555", bmp(40, 16, 0, 8, none, fives), 82, 165, 247);
    byte[] six = shorts(LITTLE, PIXELS, 10 << 11 | 20 << 5 | 30); // 20 · 255 / 63
    check("565", bmp(40, 16, 3, 8, masks(0xF800, 0x7E0, 0x1F), six), 82, 81, 247);
    byte[] other = bytes(PIXELS, 10, 20, 30, 0);
    check("masks", bmp(40, 32, 3, 8, masks(0xFF, 0xFF00, 0xFF0000), other), 10, 20, 30);
    byte[] four = bmp(108, 32, 3, 8, none, bytes(PIXELS, 30, 20, 10, 128));
    ByteBuffer.wrap(four).position(54).put(masks(0xFF0000, 0xFF00, 0xFF, 0xFF000000));
    check("alpha", four, 132, 137, 142, OVER_WHITE);
    byte[] palette = new byte[1024];
    System.arraycopy(bytes(1, 30, 20, 10), 0, palette, 20, 3);
    check("palette", bmp(40, 8, 0, 8, palette, bytes(PIXELS, 5)), 10, 20, 30);
    byte[] runs = Arrays.copyOf(bytes(SIDE, 8, 5, 0, 0), 4 * SIDE + 2);
    runs[4 * SIDE + 1] = 1;
    check("runs", bmp(40, 8, 1, 8, palette, runs), 10, 20, 30);
    byte[] runs4 = Arrays.copyOf(bytes(SIDE, 8, 0x55, 0, 0), 4 * SIDE + 2);
    runs4[4 * SIDE + 1] = 1;
    check("runs of 4", bmp(40, 4, 2, 8, Arrays.copyOf(palette, 64), runs4), 10, 20, 30);
    byte[] rows = bytes(1, new int[3 * PIXELS]);
    Arrays.fill(rows, 3 * 3 * SIDE, 4 * 3 * SIDE, (byte) 9); // the fourth row from the top
    checkGrey("from the top", bmp(40, 24, 0, -8, none, rows), 9);
    checkGrey("from the bottom", bmp(40, 24, 0, 8, none, rows), 0);
    byte[] whole = bmp(40, 24, 0, 8, none, three);
    refused("truncated BMP", Arrays.copyOf(whole, whole.length - 100));
    assertNoFaults();
  }

  @Test
  void gifs() throws DataException {
    int[][] colours = {{1, 2, 3}, {10, 20, 30}, {200, 100, 50}};
    check("plain", gif(8, 8, colours, new int[] {0, 0, 8, 8, 1, -1}), 10, 20, 30);
    checkGrey("clear", gif(8, 8, colours, new int[] {0, 0, 8, 8, 1, 1}), 255, OVER_WHITE);
    byte[] moving =
        gif(8, 8, colours, new int[] {0, 0, 8, 8, 1, -1}, new int[] {0, 0, 8, 8, 2, -1});
    check("two", moving, 10, 20, 30, "animated, the first of 2 frames is taken");
    byte[] small = gif(20, 10, colours, new int[] {3, 2, 5, 4, 2, -1});
    check("smaller than its screen", small, 200, 100, 50, OVER_WHITE);
    ImageDecoder decoder = ImageDecoder.ofThread();
    decoder.decode(small, "small");
    assertEquals(List.of(20, 10), List.of(decoder.width(), decoder.height()));
    for (int i = 0; i < 200; i++) {
      boolean inside = i % 20 >= 3 && i % 20 < 8 && i / 20 >= 2 && i / 20 < 6;
      assertEquals(inside ? 100 : 255, decoder.rgb()[3 * i + 1] & 255, "pixel " + i);
    }
    check("no screen", gif(0, 0, colours, new int[] {0, 0, 8, 8, 1, -1}), 10, 20, 30);
    refused("truncated GIF", Arrays.copyOf(small, small.length - 8));
    byte[] unended = gif(8, 8, colours, new int[] {0, 0, 8, 8, 1, -1});
    check("no end", Arrays.copyOf(unended, unended.length - 1), 10, 20, 30);
    refused("an image of 65535x65535", gif(65535, 65535, colours, new int[] {0, 0, 8, 8, 1, -1}));
    assertNoFaults();
  }

  private static byte[] raw(String head, byte[] pixels, String tail) {
    byte[] start = text(head);
    byte[] all = Arrays.copyOf(start, start.length + pixels.length + tail.length());
    System.arraycopy(pixels, 0, all, start.length, pixels.length);
    System.arraycopy(text(tail), 0, all, start.length + pixels.length, tail.length());
    return all;
  }

  @Test
  void anymaps() {
    String size = "8 8\n";
    byte[] three = bytes(PIXELS, 10, 20, 30);
    check("P6", raw("P6\n" + size + "255\n", three, ""), 10, 20, 30);
    check("a final line feed", raw("P6 8 8 255\n", three, "\n"), 10, 20, 30);
    check("comments", raw("P6 # GIMP\n#\n8# wide\n 8\r\n# 7\n255\n", three, ""), 10, 20, 30);
    checkGrey("P5", raw("P5\n" + size + "255\n", bytes(PIXELS, 77), ""), 77);
    checkGrey("to 15", raw("P5\n" + size + "15\n", bytes(PIXELS, 5), ""), 85);
    checkGrey("to 100", raw("P5\n" + size + "100\n", bytes(PIXELS, 30), ""), 77);
    String deep = "16 bits, rounded to 8";
    byte[] two = shorts(BIG, PIXELS, 77 * 257);
    checkGrey("16 bits", raw("P5\n" + size + "65535\n", two, ""), 77, deep);
    byte[] ten = shorts(BIG, PIXELS, 309, 0, 1023);
    check("10 bits", raw("P6\n" + size + "1023\n", ten, ""), 77, 0, 255, deep);
    checkGrey("P4, one is black", raw("P4\n" + size, bytes(SIDE, 0), ""), 255);
    checkGrey("P4 of rows that end in a byte", raw("P4 10 8\n", bytes(SIDE, 0xFF, 0xC0), ""), 0);
    checkGrey("P1", text("P1\n8 8\n" + "11111111\n".repeat(8)), 0);
    checkGrey("P2", text("P2\n# c\n8 8 255\n" + "77 # x\n".repeat(64)), 77);
    check("P3", text("P3 8 8 255 " + "10 20 30\n".repeat(64)), 10, 20, 30);
    String several = "several images, the first is taken";
    byte[] second = raw("P5\n" + size + "255\n", bytes(PIXELS, 77), "P5\n8 8\n255\n");
    checkGrey("two", second, 77, several);
    refused("truncated PNM", raw("P6\n" + size + "255\n", Arrays.copyOf(three, 100), ""));
    refused("damaged PNM: 3 bytes behind", raw("P6\n" + size + "255\n", three, "\1\2\3"));
    refused("damaged PNM: a largest value", raw("P6\n" + size + "70000\n", three, ""));
    refused("damaged PNM: a sample of 77", raw("P5\n" + size + "15\n", bytes(PIXELS, 77), ""));
    refused("damaged PNM: no sample", text("P2 8 8 255 x"));
    refused("an image of 16777216x8", raw("P6\n99999999 8\n255\n", three, ""));
    assertNoFaults();
  }

  /** The byte behind 0xFF of the frame's marker says how a JPEG is coded. */
  @Test
  void jpegsThatAreNotSupportedAreNotCalledDamaged() {
    String[] want = {
      "C3 without loss", "C5 in a hierarchy", "C9 with arithmetic coding", "CA with arith"
    };
    for (String row : want) {
      byte[] file = Pictures.jpeg();
      int frame = 0;
      while (file[frame] != -1 || file[frame + 1] != (byte) 0xC0) {
        frame++;
      }
      file[frame + 1] = (byte) Integer.parseInt(row.substring(0, 2), 16);
      refused("not supported: JPEG " + row.substring(3), file);
      file[frame + 1] = (byte) 0xC1;
      file[frame + 4] = 12;
      refused("not supported: JPEG of 12 bits", file);
    }
    refused("not supported: WebP", text("RIFF....WEBPVP8 "));
    refused("not supported: HEIC", text("\0\0\0\30ftypmif1"));
    refused("not supported: AVIF", text("\0\0\0\30ftypavif"));
    assertNoFaults();
  }
}
