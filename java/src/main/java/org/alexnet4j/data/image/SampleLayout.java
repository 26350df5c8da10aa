package org.alexnet4j.data.image;

import java.awt.color.ColorSpace;
import java.awt.image.ColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.DataBufferByte;
import java.awt.image.PixelInterleavedSampleModel;
import java.awt.image.Raster;
import java.util.Arrays;
import org.alexnet4j.data.message.DataException;

/**
 * What the samples of a pixel mean, and what becomes of them: eight bits of red, green and blue,
 * without colour management. Grey is repeated, wider samples are rounded, inks are subtracted from
 * white, and what is transparent lies over white.
 *
 * @param colours how many of the first samples are colours: grey, three of light, or four inks
 * @param alpha place of the sample that is the opacity, or -1
 * @param premultiplied whether the colours were multiplied with the opacity
 * @param inks whether the colours are cyan, magenta, yellow and black
 */
record SampleLayout(int colours, int alpha, boolean premultiplied, boolean inks) {
  private static final int INKS = 4;

  /**
   * Returns the layout that a colour model describes.
   *
   * @throws DataException if it is one that is not known
   */
  static SampleLayout of(ColorModel model, String name) throws DataException {
    int colours = model.getNumColorComponents();
    int type = model.getColorSpace().getType();
    boolean light =
        type == ColorSpace.TYPE_RGB && colours == 3 || type == ColorSpace.TYPE_GRAY && colours == 1;
    boolean inks = type == ColorSpace.TYPE_CMYK && colours == INKS;
    if (!light && !inks) {
      throw notSupported(name, "colours of " + colours + " components, type " + type);
    }
    int alpha = model.hasAlpha() ? colours : -1;
    return new SampleLayout(colours, alpha, model.isAlphaPremultiplied(), inks);
  }

  private static DataException notSupported(String name, String what) {
    return new DataException(name, "not supported: " + what, ImageDecoder.ALLOWED);
  }

  /**
   * Writes the pixels of a raster.
   *
   * @param to [height,width,3]
   * @return whether a pixel is transparent in part
   * @throws DataException if samples are signed, or floating point outside of 0 to 1
   */
  boolean write(Raster raster, byte[] to, String name) throws DataException {
    int bands = raster.getNumBands();
    if (bands < colours || alpha >= bands) {
      throw notSupported(name, bands + " samples a pixel");
    }
    int type = raster.getTransferType();
    boolean floats = type == DataBuffer.TYPE_FLOAT || type == DataBuffer.TYPE_DOUBLE;
    if (type == DataBuffer.TYPE_SHORT) {
      throw notSupported(name, "signed samples");
    }
    if (isPlain(raster)) {
      byte[] bytes = ((DataBufferByte) raster.getDataBuffer()).getData();
      System.arraycopy(bytes, 0, to, 0, bytes.length);
      return false;
    }
    Level[] levels = new Level[bands];
    for (int b = 0; b < bands; b++) {
      int bits = raster.getSampleModel().getSampleSize(b);
      levels[b] = floats ? Level.FLOAT : new Level((1L << bits) - 1);
    }
    int width = raster.getWidth();
    double[] row = new double[bands * width];
    int[] pixel = new int[bands];
    boolean transparent = false;
    int at = 0;
    for (int y = 0; y < raster.getHeight(); y++) {
      raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
      for (int x = 0; x < width; x++) {
        for (int b = 0; b < bands; b++) {
          pixel[b] = b < colours || b == alpha ? levels[b].to8(row[bands * x + b]) : 0;
          if (pixel[b] < 0) {
            throw notSupported(name, "samples outside of 0 to 1, such as " + row[bands * x + b]);
          }
        }
        transparent |= alpha >= 0 && pixel[alpha] < 255;
        for (int c = 0; c < 3; c++) {
          to[at++] = (byte) light(pixel, c);
        }
      }
    }
    return transparent;
  }

  /** Says whether the raster is the result already: the usual case, and quick. */
  private boolean isPlain(Raster raster) {
    return colours == 3
        && alpha < 0
        && raster.getSampleModel() instanceof PixelInterleavedSampleModel model
        && Arrays.equals(model.getBandOffsets(), new int[] {0, 1, 2})
        && raster.getDataBuffer() instanceof DataBufferByte bytes
        && bytes.getData().length == 3 * raster.getWidth() * raster.getHeight();
  }

  /** Returns a colour of a pixel whose samples have eight bits. */
  private int light(int[] pixel, int c) {
    int value = pixel[colours < 3 ? 0 : c];
    if (inks) {
      value = ((255 - value) * (255 - pixel[INKS - 1]) + 127) / 255;
    }
    if (alpha < 0) {
      return value;
    }
    return premultiplied
        ? Math.min(255, value + 255 - pixel[alpha])
        : overWhite(value, pixel[alpha]);
  }

  static int overWhite(int value, int alpha) {
    return (value * alpha + 255 * (255 - alpha) + 127) / 255;
  }

  /**
   * Brings a sample to eight bits.
   *
   * @param most the largest sample, or 0 for floating point from 0 to 1
   */
  private record Level(long most) {
    static final Level FLOAT = new Level(0);

    /** Returns 0 to 255, or -1 if the sample is out of range. */
    int to8(double sample) {
      if (most == 0) {
        return sample >= 0 && sample <= 1 ? (int) (sample * 255 + 0.5) : -1;
      }
      if (most == 255) {
        return (int) sample;
      }
      long whole = (long) sample;
      long value = whole < 0 ? whole + (1L << Integer.SIZE) : whole; // 32 bits come signed
      return (int) ((value * 255 + most / 2) / most);
    }
  }
}
