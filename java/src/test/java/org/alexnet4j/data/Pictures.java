package org.alexnet4j.data;

import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.WritableRaster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/**
 * Image files for tests: 64×32 pixels in four parts of 32×16, red and green above blue and grey, so
 * that a decoder that swaps channels, axes or corners is found. {@link #main} writes those that lie
 * in test-data.
 */
public final class Pictures {
  public static final int WIDTH = 64;
  public static final int HEIGHT = 32;

  /** Top left, top right, bottom left, bottom right. */
  static final int[][] COLOURS = {{200, 40, 40}, {40, 180, 60}, {50, 60, 200}, {220, 220, 220}};

  private Pictures() {}

  public static int[] colourAt(int x, int y) {
    return COLOURS[(y < HEIGHT / 2 ? 0 : 2) + (x < WIDTH / 2 ? 0 : 1)];
  }

  public static int greyAt(int x, int y) {
    return 40 + 50 * ((y < HEIGHT / 2 ? 0 : 2) + (x < WIDTH / 2 ? 0 : 1)); // 40, 90, 140, 190
  }

  public static BufferedImage rgb() {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int[] c = colourAt(x, y);
        image.setRGB(x, y, c[0] << 16 | c[1] << 8 | c[2]);
      }
    }
    return image;
  }

  /** An image of one colour, for data sets in which only the number of the image matters. */
  public static byte[] plain(int side, int red, int green, int blue) {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < side * side; i++) {
      image.setRGB(i % side, i / side, red << 16 | green << 8 | blue);
    }
    return encode(image, "png");
  }

  /** A PNG of random pixels, others for every seed. */
  public static byte[] noise(int width, int height, int seed) {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    PhiloxStream random = new PhiloxStream(seed, PhiloxStream.DRAWING, 0, 0);
    for (int i = 0; i < width * height; i++) {
      image.setRGB(i % width, i / width, random.bits() >>> 8);
    }
    return encode(image, "png");
  }

  public static byte[] jpeg() {
    return encode(rgb(), "jpeg");
  }

  public static byte[] png() {
    return encode(rgb(), "png");
  }

  public static byte[] greyJpeg() {
    return encode(grey(), "jpeg");
  }

  public static byte[] progressiveJpeg() {
    ImageWriter writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      ImageWriteParam param = writer.getDefaultWriteParam();
      param.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      writer.setOutput(out);
      writer.write(null, new IIOImage(rgb(), null, null), param);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /** Sixteen bits a sample: 257 times the eight-bit value, plus 100, which rounds away. */
  public static byte[] png16() {
    ComponentColorModel model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB),
            false,
            false,
            Transparency.OPAQUE,
            DataBuffer.TYPE_USHORT);
    WritableRaster raster = model.createCompatibleWritableRaster(WIDTH, HEIGHT);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int[] c = colourAt(x, y);
        raster.setPixel(x, y, new int[] {257 * c[0] + 100, 257 * c[1] + 100, 257 * c[2] + 100});
      }
    }
    return encode(new BufferedImage(model, raster, false, null), "png");
  }

  /** Half transparent. */
  static byte[] alphaPng() {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_INT_ARGB);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        int[] c = colourAt(x, y);
        image.setRGB(x, y, 128 << 24 | c[0] << 16 | c[1] << 8 | c[2]);
      }
    }
    return encode(image, "png");
  }

  public static byte[] palettePng() {
    byte[][] parts = new byte[3][4];
    for (int i = 0; i < 4; i++) {
      for (int c = 0; c < 3; c++) {
        parts[c][i] = (byte) COLOURS[i][c];
      }
    }
    IndexColorModel model = new IndexColorModel(2, 4, parts[0], parts[1], parts[2]);
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_BINARY, model);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        image.getRaster().setSample(x, y, 0, (y < HEIGHT / 2 ? 0 : 2) + (x < WIDTH / 2 ? 0 : 1));
      }
    }
    return encode(image, "png");
  }

  public static byte[] greyPng() {
    return encode(grey(), "png");
  }

  public static byte[] gif() {
    return encode(rgb(), "gif");
  }

  public static byte[] bmp() {
    return encode(rgb(), "bmp");
  }

  /** A PNG whose header promises the given size; there are no pixels for it. */
  public static byte[] pngOfSize(int width, int height) {
    byte[] file = png();
    for (int i = 0; i < 4; i++) {
      file[16 + i] = (byte) (width >>> 24 - 8 * i);
      file[20 + i] = (byte) (height >>> 24 - 8 * i);
    }
    return file;
  }

  public static byte[] text() {
    return "This is not an image.\n".getBytes(StandardCharsets.UTF_8);
  }

  /** The first part of a file. */
  public static byte[] cut(byte[] file, int percent) {
    return Arrays.copyOf(file, file.length * percent / 100);
  }

  /** Sample values as they are: setRGB would convert between the grey and sRGB curves. */
  private static BufferedImage grey() {
    BufferedImage image = new BufferedImage(WIDTH, HEIGHT, BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        image.getRaster().setSample(x, y, 0, greyAt(x, y));
      }
    }
    return image;
  }

  public static byte[] encode(BufferedImage image, String format) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try {
      if (!ImageIO.write(image, format, bytes)) {
        throw new IllegalStateException("no writer for " + format);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Writes the files of test-data, except cmyk.jpg, whose origin its README tells. */
  public static void main(String[] folder) throws IOException {
    Path to = Files.createDirectories(Path.of(folder[0]));
    Files.write(to.resolve("baseline.jpg"), jpeg());
    Files.write(to.resolve("progressive.jpg"), progressiveJpeg());
    Files.write(to.resolve("grey.jpg"), greyJpeg());
    Files.write(to.resolve("rgb.png"), png());
    Files.write(to.resolve("rgb16.png"), png16());
    Files.write(to.resolve("alpha.png"), alphaPng());
    Files.write(to.resolve("palette.png"), palettePng());
    Files.write(to.resolve("really-a-png.jpg"), png());
    Files.write(to.resolve("truncated.jpg"), cut(jpeg(), 60));
    Files.write(to.resolve("truncated.png"), cut(png(), 60));
    Files.write(to.resolve("text.jpg"), text());
    Files.write(to.resolve("huge.png"), pngOfSize(100_000, 100_000));
  }
}
