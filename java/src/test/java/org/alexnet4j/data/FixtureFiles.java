package org.alexnet4j.data;

import java.awt.image.Raster;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/** Image files of all the sorts that large sets contain, each with what must become of it. */
public final class FixtureFiles {
  /**
   * A file and its outcome.
   *
   * @param corners the colours that its corners must have, or null if it is refused
   * @param tolerance grey levels that they may be off
   * @param reason beginning of the reason for which it is refused or listed as odd, or null
   */
  record Fixture(String name, byte[] content, int[][] corners, int tolerance, String reason) {
    boolean decodes() {
      return corners != null;
    }
  }

  private static final int[][] GREYS = {
    {40, 40, 40}, {90, 90, 90}, {140, 140, 140}, {190, 190, 190}
  };

  /** By EXIF: which stored corner is top left, top right, bottom left, bottom right. */
  static final int[][] UPRIGHT = {
    {0, 1, 2, 3}, {1, 0, 3, 2}, {3, 2, 1, 0}, {2, 3, 0, 1},
    {0, 2, 1, 3}, {2, 0, 3, 1}, {3, 1, 2, 0}, {1, 3, 0, 2}
  };

  private final List<Fixture> files = new ArrayList<>();

  private FixtureFiles() {}

  static List<Fixture> all() {
    FixtureFiles made = new FixtureFiles();
    made.jpegs();
    made.others();
    made.turned();
    made.truncated();
    made.bombs();
    return made.files;
  }

  private void whole(String name, byte[] content, int[][] corners, int tolerance) {
    files.add(new Fixture(name, content, corners, tolerance, null));
  }

  private void odd(String name, byte[] content, int[][] corners, int tolerance, String reason) {
    files.add(new Fixture(name, content, corners, tolerance, reason));
  }

  private void refused(String name, byte[] content, String reason) {
    files.add(new Fixture(name, content, null, 0, reason));
  }

  private void jpegs() {
    whole("baseline.JPEG", Pictures.jpeg(), Pictures.COLOURS, 4);
    whole("progressive.JPEG", Pictures.progressiveJpeg(), Pictures.COLOURS, 4);
    whole("grey.JPEG", Pictures.greyJpeg(), GREYS, 2);
    odd("cmyk.JPEG", fourColours(0), Pictures.COLOURS, 12, "CMYK colours");
    odd("ycck.JPEG", fourColours(2), Pictures.COLOURS, 12, "YCCK colours");
    refused(
        "four.JPEG",
        encode(raster(4, false)),
        "not supported: JPEG of 4 components without a word on what they are");
    whole("rgb.JPEG", adobe(raster(3, false), 0), Pictures.COLOURS, 4);
    whole("trailing.JPEG", Arrays.copyOf(Pictures.jpeg(), 5000), Pictures.COLOURS, 4);
    whole("comment.JPEG", afterStart(Pictures.jpeg(), 0xFE, Pictures.text()), Pictures.COLOURS, 4);
  }

  private void others() {
    odd("png-by-content.JPEG", Pictures.png(), Pictures.COLOURS, 0, "PNG by its content");
    odd("gif-by-content.JPEG", Pictures.gif(), Pictures.COLOURS, 0, "GIF by its content");
    odd("jpeg-by-content.png", Pictures.jpeg(), Pictures.COLOURS, 4, "JPEG by its content");
    whole("plain.png", Pictures.png(), Pictures.COLOURS, 0);
    odd("deep.png", Pictures.png16(), Pictures.COLOURS, 0, "16 bits, rounded to 8");
    whole("grey.png", Pictures.greyPng(), GREYS, 0);
    whole("palette.png", Pictures.palettePng(), Pictures.COLOURS, 0);
    int[][] overWhite = new int[4][3];
    for (int i = 0; i < 12; i++) {
      overWhite[i / 3][i % 3] =
          (int) Math.round((128 * Pictures.COLOURS[i / 3][i % 3] + 127 * 255) / 255.0);
    }
    String reason = "transparency, laid over white";
    odd("alpha.png", Pictures.alphaPng(), overWhite, 0, reason);
    whole("picture.gif", Pictures.gif(), Pictures.COLOURS, 0);
    whole("picture.bmp", Pictures.bmp(), Pictures.COLOURS, 0);
    whole("picture.tiff", Pictures.encode(Pictures.rgb(), "tiff"), Pictures.COLOURS, 0);
  }

  private void turned() {
    for (int o = 1; o <= 8; o++) {
      byte[] file = afterStart(Pictures.jpeg(), 0xE1, exif(o));
      String reason = o == 1 ? null : "EXIF orientation " + o + ", ignored";
      odd("exif-" + o + ".JPEG", file, Pictures.COLOURS, 4, reason);
    }
    byte[] damaged = exif(6);
    damaged[10] = 99; // the directory lies behind the end
    whole("exif-damaged.JPEG", afterStart(Pictures.jpeg(), 0xE1, damaged), Pictures.COLOURS, 4);
  }

  private void truncated() {
    byte[] file = Pictures.jpeg();
    int scan = 0;
    while (file[scan] != -1 || file[scan + 1] != (byte) 0xDA) {
      scan++;
    }
    int[] cuts = {2, 15, 300, scan + 30, file.length - 2};
    for (int i = 0; i < cuts.length; i++) {
      String reason = "truncated or damaged JPEG: no end marker in its " + cuts[i] + " bytes";
      refused("truncated-" + i + ".JPEG", Arrays.copyOf(file, cuts[i]), reason);
    }
    refused("truncated.png", Pictures.cut(Pictures.png(), 60), "truncated PNG: no end chunk");
    refused("empty.JPEG", new byte[0], "the file is empty");
    refused("text.JPEG", Pictures.text(), "not an image, by its content (text)");
    byte[] webp = "RIFF....WEBPVP8 ".getBytes(StandardCharsets.US_ASCII);
    refused("webp.JPEG", webp, "not supported: WebP");
    byte[] torn = file.clone();
    for (int i = scan + 16; i + 1 < torn.length - 2; i += 2) {
      torn[i] = -1;
      torn[i + 1] = 0;
    }
    refused("torn.JPEG", torn, "Corrupt JPEG data");
  }

  private void bombs() {
    refused("bomb.png", Pictures.pngOfSize(100_000, 100_000), "an image of 100000x100000 pixels");
    refused("bomb.JPEG", jpegOfSize(65_500, 65_500), "an image of 65500x65500 pixels");
    refused("long.png", Pictures.pngOfSize(2_000_000_000, 1), "an image of 2000000000x1 pixels");
    refused("negative.png", Pictures.pngOfSize(-1, 32), "an image of -1x32 pixels");
    refused("no-width.png", Pictures.pngOfSize(0, 32), "an image of 0x32 pixels");
    refused("no-height.JPEG", jpegOfSize(64, 0), "an image of 64x0 pixels");
  }

  private static byte[] jpegOfSize(int width, int height) {
    byte[] file = Pictures.jpeg();
    int frame = 0;
    while (file[frame] != -1 || file[frame + 1] != (byte) 0xC0) {
      frame++;
    }
    file[frame + 5] = (byte) (height >> 8);
    file[frame + 6] = (byte) height;
    file[frame + 7] = (byte) (width >> 8);
    file[frame + 8] = (byte) width;
    return file;
  }

  /** Puts a segment behind the first two bytes of a JPEG. */
  private static byte[] afterStart(byte[] jpeg, int marker, byte[] content) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    int length = content.length + 2;
    out.write(jpeg, 0, 2);
    out.writeBytes(new byte[] {-1, (byte) marker, (byte) (length >> 8), (byte) length});
    out.writeBytes(content);
    out.write(jpeg, 2, jpeg.length - 2);
    return out.toByteArray();
  }

  /** One directory with one entry; odd numbers in the byte order of Motorola, even of Intel. */
  public static byte[] exif(int orientation) {
    boolean little = orientation % 2 == 0;
    byte[] head = "Exif\0\0".getBytes(StandardCharsets.US_ASCII);
    byte[] tiff = new byte[26];
    tiff[0] = (byte) (little ? 'I' : 'M');
    tiff[1] = tiff[0];
    put(tiff, 2, 2, 42, little);
    put(tiff, 4, 4, 8, little);
    put(tiff, 8, 2, 1, little);
    put(tiff, 10, 2, 0x0112, little);
    put(tiff, 12, 2, 3, little);
    put(tiff, 14, 4, 1, little);
    put(tiff, 18, 2, orientation, little);
    byte[] exif = Arrays.copyOf(head, head.length + tiff.length);
    System.arraycopy(tiff, 0, exif, head.length, tiff.length);
    return exif;
  }

  private static void put(byte[] to, int at, int bytes, int value, boolean little) {
    for (int i = 0; i < bytes; i++) {
      to[at + (little ? i : bytes - 1 - i)] = (byte) (value >> 8 * i);
    }
  }

  /** Inks as Adobe stores them, inverted: the three colours and no black. */
  private static byte[] fourColours(int transform) {
    return adobe(raster(4, transform == 2), transform);
  }

  private static Raster raster(int bands, boolean luminance) {
    WritableRaster raster =
        Raster.createInterleavedRaster(0, Pictures.WIDTH, Pictures.HEIGHT, bands, null);
    for (int y = 0; y < Pictures.HEIGHT; y++) {
      for (int x = 0; x < Pictures.WIDTH; x++) {
        int[] c = Pictures.colourAt(x, y);
        double[] samples = {c[0], c[1], c[2], 255};
        if (luminance) { // YCCK is the luminance of the inks, not of the light
          c = new int[] {255 - c[0], 255 - c[1], 255 - c[2]};
          samples[0] = 0.299 * c[0] + 0.587 * c[1] + 0.114 * c[2];
          samples[1] = 128 - 0.168736 * c[0] - 0.331264 * c[1] + 0.5 * c[2];
          samples[2] = 128 + 0.5 * c[0] - 0.418688 * c[1] - 0.081312 * c[2];
        }
        for (int b = 0; b < bands; b++) {
          raster.setSample(x, y, b, (int) Math.round(samples[b]));
        }
      }
    }
    return raster;
  }

  /** Writes samples as they are and says by Adobe's segment what they mean. */
  private static byte[] adobe(Raster raster, int transform) {
    byte[] content = Arrays.copyOf("Adobe".getBytes(StandardCharsets.US_ASCII), 12);
    content[6] = 100;
    content[11] = (byte) transform;
    return afterStart(encode(raster), 0xEE, content);
  }

  private static byte[] encode(Raster raster) {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(raster, null, null), null);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }
}
