package org.alexnet4j.data.image;

import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.DataBufferByte;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import org.alexnet4j.data.message.DataException;

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
public final class ImageDecoder {
  /** Larger images are refused before memory is allocated for them. */
  static final long MAX_PIXELS = 100_000_000;

  /** What is decoded, for messages. */
  public static final String ALLOWED =
      "whole JPEG, PNG, GIF, BMP, TIFF or PNM files of 1 to " + MAX_PIXELS + " pixels";

  private static final int KEPT_BYTES = 32 << 20;

  private static final ThreadLocal<ImageDecoder> DECODERS =
      ThreadLocal.withInitial(ImageDecoder::new);

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
  public static ImageDecoder ofThread() {
    return DECODERS.get();
  }

  /** Returns the width of the last image in pixels. */
  public int width() {
    return width;
  }

  /** Returns the height of the last image in pixels. */
  public int height() {
    return height;
  }

  /**
   * Returns the pixels of the last image, [height,width,3]; the array may be longer and is used
   * again.
   */
  public byte[] rgb() {
    return rgb;
  }

  /** Returns what the header of the last image says. */
  public ImageHeader header() {
    return header;
  }

  /** Turns the last image upright where EXIF says how the camera was held. */
  public void turnUpright() {
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
  public void decode(byte[] file, String name) throws DataException {
    header = ImageHeader.of(file);
    if (header.fault() != null) {
      throw new DataException(name, header.fault(), ALLOWED);
    }
    if (header.width() != 0 || header.format() == ImageHeader.Format.PNG) {
      checkSize(header.width(), header.height(), name);
    }
    warning = null;
    try {
      read(file, name);
    } catch (DataException e) {
      throw e;
    } catch (IOException | RuntimeException e) { // Readers throw both for damaged files.
      throw new DataException(name, fault(e), ALLOWED, e);
    }
  }

  private String fault(Exception e) {
    String text = String.valueOf(e.getMessage());
    if (e instanceof EOFException) {
      return "truncated " + header.format() + ": the file ends before its pixels";
    }
    boolean unknown = text.matches("(?is).*(unsupported|not supported|not implemented).*");
    return (unknown
            ? "not supported: " + header.format() + ": "
            : "damaged " + header.format() + ": ")
        + text;
  }

  private void read(byte[] file, String name) throws IOException {
    if (header.format() == ImageHeader.Format.PNM) {
      take(new Anymap(file, name).read());
      return;
    }
    String fault = faultOfPixels(file);
    if (fault != null) {
      throw new DataException(name, fault, ALLOWED);
    }
    if (header.format() == ImageHeader.Format.TIFF) {
      TiffTags.forEachJpeg(file, this::listen);
    }
    int colours = header.format() == ImageHeader.Format.PNG ? PngChunks.colours(file) : 0;
    byte[] readable = colours > 0 ? PngChunks.withAllColours(file) : file;
    BufferedImage image = header.plain() ? readPlainJpeg(file) : readAny(readable, name);
    if (warning != null) {
      throw new DataException(name, warning, ALLOWED);
    }
    boolean transparent = unpack(image, file, colours, name);
    if (header.format() == ImageHeader.Format.GIF) {
      GifFrames frames = GifFrames.of(file);
      transparent |= frames.screenWidth() > width || frames.screenHeight() > height;
      layOnScreen(frames);
    }
    if (header.format() == ImageHeader.Format.PNG) {
      transparent |= PngClearGrey.whiten(file, rgb, width * height);
    }
    if (transparent) {
      header = header.with(List.of("transparency, laid over white"));
    }
  }

  /** Returns what readers would make pixels up for, or null. */
  private String faultOfPixels(byte[] file) {
    return switch (header.format()) {
      case PNG -> PngChunks.fault(file);
      case GIF -> GifPixels.fault(file, GifFrames.of(file));
      case TIFF -> TiffTags.faultOfPixels(file);
      default -> null;
    };
  }

  private void take(Anymap.Image image) {
    width = image.width();
    height = image.height();
    rgb = image.rgb();
    List<String> oddities = new ArrayList<>();
    if (image.most() > 255) {
      oddities.add("16 bits, rounded to 8");
    }
    if (image.others()) {
      oddities.add("several images, the first is taken");
    }
    header = header.with(oddities);
  }

  private void layOnScreen(GifFrames frames) {
    if (frames.screenWidth() > width || frames.screenHeight() > height) {
      rgb = frames.onScreen(rgb, width, height);
      width = frames.screenWidth();
      height = frames.screenHeight();
    }
  }

  /** Refuses images of no pixel or too many. */
  static void checkSize(long width, long height, String name) throws DataException {
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

  /** Reads a JPEG for its warnings, which the reader of the file around it keeps to itself. */
  private void listen(byte[] jpeg) throws IOException {
    try {
      jdkJpeg.setInput(new MemoryCacheImageInputStream(new ByteArrayInputStream(jpeg)), true, true);
      jdkJpeg.readRaster(0, null);
    } finally {
      jdkJpeg.setInput(null);
    }
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

  /**
   * Turns an image into RGB; says whether some of it was transparent.
   *
   * @param colours of the palette, or 0 if the image knows
   */
  private boolean unpack(BufferedImage image, byte[] file, int colours, String name)
      throws DataException {
    width = image.getWidth();
    height = image.getHeight();
    int bytes = 3 * width * height;
    if (rgb.length < bytes
        || rgb.length > KEPT_BYTES) { // a rare huge image does not hold its memory
      rgb = new byte[bytes];
    }
    Raster raster = image.getRaster();
    ColorModel model = image.getColorModel();
    boolean indexed = model instanceof IndexColorModel;
    TiffTags tags = header.format() == ImageHeader.Format.TIFF ? TiffTags.of(file) : null;
    if (tags != null && tags.samples() != null && !indexed) {
      return tags.samples().write(raster, rgb, name);
    }
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
    } else if (indexed) {
      IndexColorModel palette = (IndexColorModel) model;
      requireColours(raster, colours > 0 ? colours : palette.getMapSize(), name);
      return unpackPalette(image);
    } else {
      return SampleLayout.of(model, name).write(raster, rgb, name);
    }
    return false;
  }

  private boolean isCompact(Raster raster, int bands) {
    return raster.getDataBuffer() instanceof DataBufferByte bytes
        && bytes.getData().length == bands * width * height;
  }

  /** Refuses pixels of colours that the palette has not. */
  private void requireColours(Raster raster, int colours, String name) throws DataException {
    int[] row = new int[width];
    for (int y = 0; y < height; y++) {
      raster.getSamples(raster.getMinX(), raster.getMinY() + y, width, 1, 0, row);
      for (int x = 0; x < width; x++) {
        if (row[x] >= colours) {
          String place = "the pixel in row " + y + ", column " + x;
          String reason = place + " has colour " + row[x] + " of a palette of " + colours;
          throw new DataException(name, "damaged " + header.format() + ": " + reason, ALLOWED);
        }
      }
    }
  }

  private boolean unpackPalette(BufferedImage image) {
    boolean transparent = false;
    int[] row = new int[width];
    int at = 0;
    for (int y = 0; y < height; y++) {
      image.getRGB(0, y, width, 1, row, 0, width);
      for (int argb : row) {
        int alpha = argb >>> 24;
        transparent |= alpha < 255;
        for (int shift = 16; shift >= 0; shift -= 8) {
          rgb[at++] = (byte) SampleLayout.overWhite(argb >>> shift & 255, alpha);
        }
      }
    }
    return transparent;
  }
}
