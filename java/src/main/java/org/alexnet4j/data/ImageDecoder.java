package org.alexnet4j.data;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Iterator;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/**
 * Turns the bytes of an image file into RGB pixels, by content and not by name.
 *
 * <p>Sample values are taken as they are, without colour management, as other tools for training
 * do: grey is repeated three times, 16 bits are rounded to 8, transparent pixels are laid over
 * white. Ordinary JPEGs go to the JDK's reader, CMYK and odd ones to TwelveMonkeys. One instance
 * serves one thread; {@link #ofThread} keeps it.
 *
 * <p>JPEG pixels come from the libjpeg of the Java in use: Debian's 17 and Temurin's 25 agree to
 * the bit on 413 of 414 ImageNet files; the other one (4:4:0) differs by up to 16 grey levels.
 */
final class ImageDecoder {
  /** Larger images are refused before memory is allocated for them. */
  static final long MAX_PIXELS = 100_000_000;

  static final String ALLOWED =
      "whole JPEG, PNG, GIF, BMP or TIFF files of 1 to " + MAX_PIXELS + " pixels";

  private static final int KEPT_BYTES = 32 << 20;

  private static final ThreadLocal<ImageDecoder> DECODERS =
      ThreadLocal.withInitial(ImageDecoder::new);

  static {
    ImageIO.setUseCache(false); // no temporary files
  }

  private final ImageReader jdkJpeg = jdkJpegReader();
  private String warning;
  private byte[] rgb = new byte[0];
  private int width;
  private int height;
  private ImageHeader header;

  private ImageDecoder() {
    jdkJpeg.addIIOReadWarningListener(this::warned);
  }

  /**
   * Bytes too many before a marker harm nothing; all else means that the decoder made pixels up.
   */
  private void warned(ImageReader reader, String text) {
    if (text.startsWith("Corrupt JPEG data") && !text.contains("extraneous")) {
      warning = text;
    }
  }

  /** Returns the decoder of this thread. */
  static ImageDecoder ofThread() {
    return DECODERS.get();
  }

  /** Returns the width of the last image in pixels. */
  int width() {
    return width;
  }

  /** Returns the height of the last image in pixels. */
  int height() {
    return height;
  }

  /**
   * Returns the pixels of the last image, [height,width,3]; the array may be longer and is used
   * again.
   */
  byte[] rgb() {
    return rgb;
  }

  /** Returns what the header of the last image says. */
  ImageHeader header() {
    return header;
  }

  /** Turns the last image upright where EXIF says how the camera was held. */
  void turnUpright() {
    int orientation = header.orientation();
    if (orientation == 1) {
      return;
    }
    rgb = ExifOrientation.upright(rgb, width, height, orientation);
    if (orientation > 4) {
      int side = width;
      width = height;
      height = side;
    }
  }

  /**
   * Decodes a file. EXIF's orientation changes nothing, as in 2012.
   *
   * @param name name for messages
   * @throws DataException if it is not a whole image of an allowed size
   */
  void decode(byte[] file, String name) throws DataException {
    header = ImageHeader.of(file);
    if (header.fault() != null) {
      throw new DataException(name, header.fault(), ALLOWED);
    }
    if (header.format() == ImageHeader.Format.JPEG || header.format() == ImageHeader.Format.PNG) {
      checkSize(header.width(), header.height(), name);
    }
    warning = null;
    try {
      if (header.format() == ImageHeader.Format.PNM) {
        readPpm(file, name);
        return;
      }
      BufferedImage image = header.plain() ? readPlainJpeg(file) : readAny(file, name);
      if (warning != null) {
        throw new DataException(name, warning, ALLOWED);
      }
      unpack(image);
    } catch (DataException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // Readers throw both for damaged files.
      throw new DataException(
          name, "damaged " + header.format() + ": " + e.getMessage(), ALLOWED, e);
    }
  }

  private static void checkSize(long width, long height, String name) throws DataException {
    if (width < 1 || height < 1 || width * height > MAX_PIXELS) {
      throw new DataException(name, "an image of " + width + "x" + height + " pixels", ALLOWED);
    }
  }

  private BufferedImage readPlainJpeg(byte[] file) throws IOException {
    try {
      jdkJpeg.setInput(new MemoryCacheImageInputStream(new ByteArrayInputStream(file)), true, true);
      return jdkJpeg.read(0);
    } finally {
      jdkJpeg.setInput(null); // reset() would take the listener away, too
    }
  }

  /** The raw pixels of sets such as CIFAR-10 come as "P6 width height 255" and the bytes. */
  private void readPpm(byte[] file, String name) throws DataException {
    int at = 0;
    int[] numbers = new int[4]; // the 6 of P6, width, height, most
    for (int i = 0; i < numbers.length; i++) {
      at += i == 0 ? 1 : 0; // the P
      for (; at < file.length && file[at] >= '0' && file[at] <= '9'; at++) {
        numbers[i] = Math.min(10 * numbers[i] + file[at] - '0', 1 << 24);
      }
      at++; // one blank
    }
    checkSize(numbers[1], numbers[2], name);
    long bytes = 3L * numbers[1] * numbers[2];
    if (numbers[3] != 255 || file.length - at != bytes) {
      throw new DataException(name, "damaged PPM: not " + bytes + " bytes of pixels", ALLOWED);
    }
    width = numbers[1];
    height = numbers[2];
    rgb = Arrays.copyOfRange(file, at, file.length);
  }

  private BufferedImage readAny(byte[] file, String name) throws IOException {
    try (ImageInputStream in = new MemoryCacheImageInputStream(new ByteArrayInputStream(file))) {
      Iterator<ImageReader> readers = ImageIO.getImageReaders(in);
      if (!readers.hasNext()) {
        throw new DataException(name, "no reader for this image", ALLOWED);
      }
      ImageReader reader = readers.next();
      try {
        reader.addIIOReadWarningListener(this::warned);
        reader.setInput(in, true, true);
        checkSize(reader.getWidth(0), reader.getHeight(0), name);
        return reader.read(0);
      } finally {
        reader.dispose();
      }
    }
  }

  private static ImageReader jdkJpegReader() {
    Iterator<ImageReader> readers = ImageIO.getImageReadersByFormatName("jpeg");
    while (readers.hasNext()) {
      ImageReader reader = readers.next();
      if (reader.getClass().getName().startsWith("com.sun.imageio.")) {
        return reader;
      }
    }
    throw new IllegalStateException("this Java has no JPEG reader; allowed: one with java.desktop");
  }

  private void unpack(BufferedImage image) {
    width = image.getWidth();
    height = image.getHeight();
    int bytes = 3 * width * height;
    if (rgb.length < bytes
        || rgb.length > KEPT_BYTES) { // a rare huge image does not hold its memory
      rgb = new byte[bytes];
    }
    Raster raster = image.getRaster();
    ColorModel model = image.getColorModel();
    if (image.getType() == BufferedImage.TYPE_3BYTE_BGR && isCompact(raster, 3)) {
      byte[] bgr = ((DataBufferByte) raster.getDataBuffer()).getData();
      for (int i = 0; i < 3 * width * height; i += 3) {
        rgb[i] = bgr[i + 2];
        rgb[i + 1] = bgr[i + 1];
        rgb[i + 2] = bgr[i];
      }
    } else if (image.getType() == BufferedImage.TYPE_BYTE_GRAY && isCompact(raster, 1)) {
      byte[] grey = ((DataBufferByte) raster.getDataBuffer()).getData();
      for (int i = 0; i < width * height; i++) {
        rgb[3 * i] = rgb[3 * i + 1] = rgb[3 * i + 2] = grey[i];
      }
    } else if (model instanceof IndexColorModel || !hasPlainSamples(raster)) {
      unpackColours(image);
    } else {
      unpackSamples(raster, model);
    }
  }

  private boolean isCompact(Raster raster, int bands) {
    return raster.getDataBuffer() instanceof DataBufferByte bytes
        && bytes.getData().length == bands * width * height;
  }

  private static boolean hasPlainSamples(Raster raster) {
    int type = raster.getTransferType();
    boolean unsigned =
        type == DataBuffer.TYPE_BYTE
            || type == DataBuffer.TYPE_USHORT
            || type == DataBuffer.TYPE_INT;
    return unsigned && raster.getNumBands() <= 4;
  }

  /** Palettes and rarities: through the colour model. */
  private void unpackColours(BufferedImage image) {
    int[] row = new int[width];
    int at = 0;
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int argb : row) {
        int alpha = argb >>> 24;
        for (int shift = 16; shift >= 0; shift -= 8) {
          rgb[at++] = overWhite(argb >>> shift & 255, alpha);
        }
      }
    }
  }

  /** One or three bands of any depth, with or without alpha behind them. */
  private void unpackSamples(Raster raster, ColorModel model) {
    int bands = raster.getNumBands();
    boolean alphaBand = bands == 2 || bands == 4;
    int[] most = new int[bands];
    for (int b = 0; b < bands; b++) {
      most[b] = (1 << raster.getSampleModel().getSampleSize(b)) - 1;
    }
    boolean premultiplied = model.isAlphaPremultiplied();
    int[] row = new int[bands * width];
    int at = 0;
    for (int y = 0; y < height; y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int x = 0; x < width; x++) {
        int alpha = alphaBand ? scaled(row[bands * x + bands - 1], most[bands - 1]) : 255;
        for (int c = 0; c < 3; c++) {
          int band = bands < 3 ? 0 : c;
          int value = scaled(row[bands * x + band], most[band]);
          rgb[at++] =
              premultiplied ? (byte) Math.min(255, value + 255 - alpha) : overWhite(value, alpha);
        }
      }
    }
  }

  private static int scaled(int sample, int most) {
    return most == 255 ? sample : (int) ((sample * 255L + most / 2) / most);
  }

  private static byte overWhite(int value, int alpha) {
    return (byte) ((value * alpha + 255 * (255 - alpha) + 127) / 255);
  }
}
