package org.alexnet4j.jmh;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.Iterator;
import java.util.Locale;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.ImageWriter;
import javax.imageio.stream.ImageOutputStream;

/**
 * A picture with about as much detail as a photograph, and its JPEG: broad waves of colour with
 * grain. At 500x375 and quality 0.9 it takes about as many bytes as ImageNet's mean, 110 thousand.
 *
 * @param picture the pixels before compression
 * @param jpeg baseline, 4:2:0
 */
record Photo(BufferedImage picture, byte[] jpeg) {
  private static final Pattern SIZE = Pattern.compile("([1-9]\\d{0,3})x([1-9]\\d{0,3})");
  private static final float QUALITY = 0.9f;
  private static final int GRAIN = 24;

  /**
   * Draws one.
   *
   * @param size width and height, as in {@code 500x375}
   */
  static Photo of(String size) throws IOException {
    Matcher matcher = SIZE.matcher(size);
    if (!matcher.matches()) {
      throw new IllegalArgumentException("size is '" + size + "'; allowed: as in 500x375");
    }
    BufferedImage picture =
        drawn(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
    return new Photo(picture, jpeg(picture));
  }

  private static BufferedImage drawn(int width, int height) {
    BufferedImage picture = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    SplittableRandom random = new SplittableRandom(1);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int grain = random.nextInt(GRAIN);
        int red = grain + wave(x, y, 31, 57);
        int green = grain + wave(y, x, 43, 29);
        int blue = grain + wave(x + y, y, 71, 83);
        picture.setRGB(x, y, red << 16 | green << 8 | blue);
      }
    }
    return picture;
  }

  /** Returns a grey level that leaves room for the grain. */
  private static int wave(int a, int b, int first, int second) {
    double both = Math.sin((double) a / first) + Math.cos((double) b / second);
    return (int) ((both + 2) / 4 * (255 - GRAIN));
  }

  private static byte[] jpeg(BufferedImage picture) throws IOException {
    Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName("jpeg");
    ImageWriter writer = writers.next();
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ImageOutputStream out = ImageIO.createImageOutputStream(bytes)) {
      ImageWriteParam how = writer.getDefaultWriteParam();
      how.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      how.setCompressionQuality(QUALITY);
      writer.setOutput(out);
      writer.write(null, new IIOImage(picture, null, null), how);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  /**
   * Checks decoded pixels against the drawing.
   *
   * @param rgb [height,width,3] from the start
   * @throws IllegalStateException if they are off by more than compression explains
   */
  void check(byte[] rgb, int width, int height) {
    if (width != picture.getWidth() || height != picture.getHeight()) {
      throw new IllegalStateException("decoded " + width + "x" + height);
    }
    double sum = 0;
    for (int i = 0; i < width * height; i++) {
      int pixel = picture.getRGB(i % width, i / width);
      for (int c = 0; c < 3; c++) {
        sum += Math.abs((rgb[3 * i + c] & 255) - (pixel >> 16 - 8 * c & 255));
      }
    }
    double mean = sum / (3.0 * width * height);
    if (!(mean < GRAIN / 2.0)) {
      throw new IllegalStateException(
          String.format(Locale.ROOT, "decoded pixels are off by %.1f grey levels", mean));
    }
  }
}
