package org.alexnet4j.data.image;

import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What the first page of a TIFF says about its samples. The reader of the Java in use hands out
 * most samples as they are stored, with a colour model that is wrong for some; what they mean is
 * decided here, by the tags, and what is not known is refused.
 *
 * @param samples what the samples of a pixel mean
 * @param width in pixels
 * @param height in pixels
 * @param bits of a sample
 * @param oddities what a reader may want to know, "CMYK colours"
 * @param orientation as EXIF's
 * @param fault why the page cannot be read, or null
 */
record TiffTags(
    SampleLayout samples,
    int width,
    int height,
    int bits,
    List<String> oddities,
    int orientation,
    String fault) {
  static final int WIDTH = 256;
  static final int HEIGHT = 257;
  static final int BITS = 258;
  static final int COMPRESSION = 259;
  static final int PHOTOMETRIC = 262;
  private static final int ORIENTATION = 274;
  static final int SAMPLES = 277;
  private static final int PREDICTOR = 317;
  private static final int INK_SET = 332;
  private static final int EXTRA_SAMPLES = 338;
  private static final int SAMPLE_FORMAT = 339;

  static final int JPEG = 7;
  private static final int BYTE = 1;
  private static final int SHORT = 3;
  private static final int LONG = 4;
  private static final int UNDEFINED_BYTES = 7;
  private static final int ENTRY_BYTES = 12;
  private static final int MOST_BYTES = 1 << 14; // of tables for JPEGs, which take two thousand
  private static final int MAX_PAGES = 100_000;
  private static final int WHITE_IS_ZERO = 0;
  private static final int RGB = 2;
  static final int PALETTE = 3;
  private static final int CMYK = 5;
  static final int YCBCR = 6;
  private static final int UNSIGNED = 1;
  private static final int FLOAT = 3;
  private static final int UNDEFINED = 4;

  private static final Map<Integer, String> COLOURS =
      Map.of(
          4,
          "transparency mask",
          8,
          "CIELab",
          9,
          "ICCLab",
          10,
          "ITULab",
          32803,
          "colour filter array");
  private static final Set<Integer> COMPRESSIONS = Set.of(1, 2, 3, 4, 5, 6, 7, 8, 32773, 32946);
  private static final Map<Integer, String> OTHER_COMPRESSIONS =
      Map.of(34712, " (JPEG 2000)", 34925, " (LZMA)", 50000, " (Zstandard)", 50001, " (WebP)");

  /** Reads the tags of the first page and counts the pages. */
  static TiffTags of(byte[] file) {
    try {
      ByteBuffer in = buffer(file);
      int first = in.getInt(4);
      return new Reader(tags(in, first), pages(in, first), file.length).read();
    } catch (IndexOutOfBoundsException | BufferUnderflowException | IllegalArgumentException e) {
      return faulty("truncated or damaged TIFF: its tags end behind the file");
    }
  }

  /** Returns what is wrong with the pixels of the first page, whose tags are in order, or null. */
  static String faultOfPixels(byte[] file) {
    ByteBuffer in = buffer(file);
    return new TiffPixels(file, tags(in, in.getInt(4))).fault();
  }

  /** Hands out the JPEGs that the first page, whose pixels are there, is made of, if it is. */
  static void forEachJpeg(byte[] file, TiffPixels.Listener listener) throws IOException {
    ByteBuffer in = buffer(file);
    new TiffPixels(file, tags(in, in.getInt(4))).forEachJpeg(listener);
  }

  private static ByteBuffer buffer(byte[] file) {
    boolean little = file[0] == 'I';
    return ByteBuffer.wrap(file).order(little ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN);
  }

  private static TiffTags faulty(String fault) {
    return new TiffTags(null, 0, 0, 0, List.of(), 1, fault);
  }

  /** Returns the numbers of the tags that are known here, of the types BYTE, SHORT and LONG. */
  private static Map<Integer, int[]> tags(ByteBuffer in, int directory) {
    Map<Integer, int[]> tags = new HashMap<>();
    int entries = in.getShort(directory) & 0xFFFF;
    for (int i = 0; i < entries; i++) {
      int entry = directory + 2 + ENTRY_BYTES * i;
      int tag = in.getShort(entry) & 0xFFFF;
      int type = in.getShort(entry + 2);
      int count = in.getInt(entry + 4);
      int bytes = bytesOf(type);
      if (bytes > 0 && isWanted(tag)) {
        if (count < 1 || (long) count * bytes > in.capacity() || bytes == 1 && count > MOST_BYTES) {
          throw new IllegalArgumentException("a tag of " + count + " numbers");
        }
        int at = count * bytes > 4 ? in.getInt(entry + 8) : entry + 8;
        int[] values = new int[count];
        for (int v = 0; v < count; v++) {
          values[v] =
              switch (bytes) {
                case 1 -> in.get(at + v) & 0xFF;
                case 2 -> in.getShort(at + 2 * v) & 0xFFFF;
                default -> in.getInt(at + 4 * v);
              };
        }
        tags.put(tag, values);
      }
    }
    return tags;
  }

  private static int bytesOf(int type) {
    return switch (type) {
      case BYTE, UNDEFINED_BYTES -> 1;
      case SHORT -> 2;
      case LONG -> 4;
      default -> 0;
    };
  }

  private static boolean isWanted(int tag) {
    return switch (tag) {
      case WIDTH,
          HEIGHT,
          BITS,
          COMPRESSION,
          PHOTOMETRIC,
          ORIENTATION,
          SAMPLES,
          PREDICTOR,
          INK_SET,
          EXTRA_SAMPLES,
          SAMPLE_FORMAT ->
          true;
      default -> TiffPixels.TAGS.contains(tag);
    };
  }

  private static int pages(ByteBuffer in, int first) {
    Set<Integer> seen = new HashSet<>();
    int at = first;
    while (at > 0 && at + 2 <= in.capacity() && seen.size() < MAX_PAGES && seen.add(at)) {
      long next = (long) at + 2 + (long) ENTRY_BYTES * (in.getShort(at) & 0xFFFF);
      at = next + 4 <= in.capacity() ? in.getInt((int) next) : 0;
    }
    return seen.size();
  }

  /** Decides what the tags mean. */
  private record Reader(Map<Integer, int[]> tags, int pages, int fileBytes) {

    TiffTags read() {
      int photometric = one(PHOTOMETRIC, -1);
      int samples = one(SAMPLES, 1);
      int[] extras = tags.getOrDefault(EXTRA_SAMPLES, new int[0]);
      int bits = one(BITS, 1);
      int format = one(SAMPLE_FORMAT, UNSIGNED);
      String fault = fault(photometric, samples, bits, format);
      if (fault != null) {
        return faulty("not supported: TIFF with " + fault);
      }
      if (isCut(photometric, samples, bits)) {
        return faulty("truncated TIFF: the file ends before its pixels");
      }
      int colours = photometric == CMYK ? 4 : photometric == RGB || photometric == YCBCR ? 3 : 1;
      int alpha = alpha(extras, colours, samples);
      boolean premultiplied = alpha >= 0 && extras[alpha - colours] == 1;
      List<String> oddities = new ArrayList<>();
      if (photometric == CMYK) {
        oddities.add("CMYK colours");
      }
      if (format == FLOAT) {
        oddities.add("floating point, 0 to 1");
      } else if (bits > 8) {
        oddities.add(bits + " bits, rounded to 8");
      }
      if (samples > colours + (alpha < 0 ? 0 : 1)) {
        oddities.add("samples beside the colours, ignored");
      }
      if (pages > 1) {
        oddities.add(pages + " pages, the first is taken");
      }
      boolean converted = photometric == YCBCR || photometric == PALETTE; // by the reader
      SampleLayout layout =
          converted ? null : new SampleLayout(colours, alpha, premultiplied, photometric == CMYK);
      int orientation = one(ORIENTATION, 1);
      boolean known = orientation >= 1 && orientation <= 8;
      return new TiffTags(
          layout,
          one(WIDTH, 0),
          one(HEIGHT, 0),
          bits,
          List.copyOf(oddities),
          known ? orientation : 1,
          null);
    }

    private int one(int tag, int otherwise) {
      return tags.containsKey(tag) ? tags.get(tag)[0] : otherwise;
    }

    /** Says of pixels that are not packed whether the file is too short for them. */
    private boolean isCut(int photometric, int samples, int bits) {
      double pixels = (double) one(WIDTH, 0) * one(HEIGHT, 0);
      double least = photometric == YCBCR ? 1 : samples * bits / 8.0; // YCbCr shares its colours
      return one(COMPRESSION, 1) == 1 && pixels * least > fileBytes;
    }

    /** Returns which sample is the alpha, if the file says so of one. */
    private static int alpha(int[] extras, int colours, int samples) {
      for (int i = 0; i < extras.length && colours + i < samples; i++) {
        if (extras[i] == 1 || extras[i] == 2) {
          return colours + i;
        }
      }
      return -1;
    }

    /** Returns what is not supported, or null. */
    private String fault(int photometric, int samples, int bits, int format) {
      int compression = one(COMPRESSION, 1);
      boolean jpeg = compression == 6 || compression == 7;
      if (!COMPRESSIONS.contains(compression)) {
        return "compression " + compression + OTHER_COMPRESSIONS.getOrDefault(compression, "");
      }
      if (photometric < WHITE_IS_ZERO || photometric > YCBCR || photometric == 4) {
        return photometric < 0
            ? "no photometric interpretation"
            : COLOURS.getOrDefault(photometric, "photometric interpretation " + photometric);
      }
      int least = photometric == CMYK ? 4 : photometric == RGB || photometric == YCBCR ? 3 : 1;
      boolean exact =
          photometric == WHITE_IS_ZERO || photometric == PALETTE || photometric == YCBCR;
      if (samples < least || exact && samples > least) {
        return samples + " samples a pixel for photometric interpretation " + photometric;
      }
      if (!allEqual(BITS) || !allEqual(SAMPLE_FORMAT)) {
        return "samples of different sizes or formats";
      }
      if (format == FLOAT ? bits != 32 && bits != 64 : format != UNSIGNED && format != UNDEFINED) {
        return (format == FLOAT
                ? "floating point of " + bits
                : "signed or complex samples of " + bits)
            + " bits";
      }
      if (format != FLOAT && bits > 16 && photometric == WHITE_IS_ZERO) {
        return "white as zero in " + bits + " bits";
      }
      boolean small = photometric == RGB || photometric == CMYK || samples > 1;
      if (format != FLOAT && (bits > 32 || small && bits != 8 && bits != 16 && bits != 32)) {
        return samples + " samples of " + bits + " bits";
      }
      if (photometric == CMYK && (jpeg || format == FLOAT || one(INK_SET, 1) != 1)) {
        return jpeg
            ? "CMYK colours in JPEG compression"
            : format == FLOAT ? "CMYK colours in floating point" : "other inks than CMYK";
      }
      return one(PREDICTOR, 1) > 2 ? "predictor " + one(PREDICTOR, 1) : null;
    }

    private boolean allEqual(int tag) {
      for (int value : tags.getOrDefault(tag, new int[0])) {
        if (value != tags.get(tag)[0]) {
          return false;
        }
      }
      return true;
    }
  }
}
