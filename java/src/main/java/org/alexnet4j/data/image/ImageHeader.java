package org.alexnet4j.data.image;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * What the bytes of an image file say before it is decoded: format, size, and whether the file is
 * whole.
 *
 * <p>Decoders fill what is missing from a cut JPEG or PNG with grey and go on; here the end of the
 * file is looked for first.
 *
 * @param format the format that the content shows
 * @param width in pixels, or 0 if only the decoder can tell, as of a PNM
 * @param height in pixels, or 0 if only the decoder can tell
 * @param plain a JPEG of one or three components whose colours need no guessing
 * @param kind what sort of file it is, in words: "progressive", "grey", "CMYK", "16 bits"; or empty
 * @param orientation how the camera was held by EXIF, 1 to 8; 1 is upright and the default
 * @param oddities what a reader may want to know of a file that is taken
 * @param fault what is wrong with the file, or null
 */
public record ImageHeader(
    Format format,
    int width,
    int height,
    boolean plain,
    String kind,
    int orientation,
    List<String> oddities,
    String fault) {
  /** Formats told apart by their first bytes. */
  public enum Format {
    JPEG,
    PNG,
    GIF,
    BMP,
    TIFF,
    PNM,
    UNKNOWN
  }

  private static final long PNG_MAGIC = 0x89504E470D0A1A0AL;

  /**
   * Looks at the bytes of a file. Colour profiles of plain JPEGs are made invisible: they are not
   * applied.
   */
  static ImageHeader of(byte[] file) {
    if (file.length == 0) {
      return faulty(Format.UNKNOWN, "the file is empty");
    }
    Format format = formatOf(file);
    if (format == Format.UNKNOWN) {
      String kind = looksLike(file);
      return faulty(
          format,
          isForeignImage(kind)
              ? "not supported: " + kind
              : "not an image, by its content (" + kind + ")");
    }
    return switch (format) {
      case JPEG -> new JpegWalk(file).header();
      case PNG -> png(file);
      case GIF -> gif(file);
      case TIFF -> tiff(file);
      case BMP -> bmp(file);
      default -> new ImageHeader(format, 0, 0, false, "", 1, List.of(), null);
    };
  }

  /** Tells a format by the first bytes of a file. */
  public static Format formatOf(byte[] file) {
    int four = s32(file, 0);
    if (u16(file, 0) == 0xFFD8) {
      return Format.JPEG;
    }
    if (file.length >= 8 && ((long) four << 32 | s32(file, 4) & 0xFFFFFFFFL) == PNG_MAGIC) {
      return Format.PNG;
    }
    if (four == 0x47494638) {
      return Format.GIF;
    }
    if (u16(file, 0) == 0x424D && file.length > 17 && isBitmapHeader(file[14], s32(file, 14))) {
      return Format.BMP;
    }
    if (four == 0x49492A00 || four == 0x4D4D002A) {
      return Format.TIFF;
    }
    return isAnymap(file) ? Format.PNM : Format.UNKNOWN;
  }

  /** The bytes of the header that follows, from 12 of OS/2 to 124 of version 5, lowest first. */
  private static boolean isBitmapHeader(int lowest, int four) {
    return lowest >= 12 && lowest <= 124 && (four & 0xFFFFFF) == 0;
  }

  /** P1 to P6, blanks, and a number or a comment. */
  private static boolean isAnymap(byte[] file) {
    if (file.length < 4 || file[0] != 'P' || file[1] < '1' || file[1] > '6' || file[2] > ' ') {
      return false;
    }
    int at = 2;
    while (at + 1 < file.length && (file[at] == ' ' || file[at] >= '\t' && file[at] <= '\r')) {
      at++;
    }
    return at > 2 && (file[at] == '#' || file[at] >= '0' && file[at] <= '9');
  }

  private static ImageHeader gif(byte[] file) {
    GifFrames frames = GifFrames.of(file);
    if (frames.count() == 0) {
      return faulty(Format.GIF, "truncated GIF: no whole frame in its " + file.length + " bytes");
    }
    List<String> oddities =
        frames.count() > 1
            ? List.of("animated, the first of " + frames.count() + " frames is taken")
            : List.of();
    return new ImageHeader(
        Format.GIF, frames.screenWidth(), frames.screenHeight(), false, "", 1, oddities, null);
  }

  private static ImageHeader bmp(byte[] file) {
    ByteBuffer in = ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN);
    boolean old = file[14] == 12; // the header of OS/2
    if (file.length < (old ? 26 : 54)) {
      return faulty(Format.BMP, "truncated BMP: its header has " + file.length + " bytes");
    }
    int width = old ? in.getShort(18) & 0xFFFF : in.getInt(18);
    int height = old ? in.getShort(20) & 0xFFFF : Math.abs(in.getInt(22));
    int bits = in.getShort(old ? 24 : 28);
    int packing = old ? 0 : in.getInt(30);
    boolean plain = packing == 0 || packing == 3 || packing == 6;
    if (plain && (double) width * height * bits / 8 > file.length) {
      return faulty(Format.BMP, "truncated BMP: the file ends before its pixels");
    }
    return new ImageHeader(Format.BMP, width, height, false, "", 1, List.of(), null);
  }

  private static ImageHeader tiff(byte[] file) {
    TiffTags tags = TiffTags.of(file);
    if (tags.fault() != null) {
      return faulty(Format.TIFF, tags.fault());
    }
    boolean inks = tags.samples() != null && tags.samples().inks();
    String kind = ((inks ? "CMYK " : "") + (tags.bits() > 8 ? tags.bits() + " bits" : "")).strip();
    return new ImageHeader(
        Format.TIFF,
        tags.width(),
        tags.height(),
        false,
        kind,
        tags.orientation(),
        tags.oddities(),
        null);
  }

  static ImageHeader faulty(Format format, String fault) {
    return new ImageHeader(format, 0, 0, false, "", 1, List.of(), fault);
  }

  /** Returns the same with more to know. */
  ImageHeader with(List<String> more) {
    if (more.isEmpty()) {
      return this;
    }
    List<String> all = new ArrayList<>(oddities);
    all.addAll(more);
    return new ImageHeader(format, width, height, plain, kind, orientation, all, fault);
  }

  /** Says whether a kind that {@link #looksLike} names is that of images. */
  public static boolean isForeignImage(String kind) {
    return !kind.equals("text") && !kind.equals("unknown bytes");
  }

  /** Says what the first bytes of a file look like that is of no known format. */
  public static String looksLike(byte[] file) {
    int four = s32(file, 0);
    int third = s32(file, 8);
    if (four == 0x52494646 && third == 0x57454250) {
      return "WebP";
    }
    if (s32(file, 4) == 0x66747970) { // ftyp
      if (third == 0x61766966 || third == 0x61766973) {
        return "AVIF";
      }
      if (third >>> 16 == 0x6865
          || third == 0x6D696631
          || third == 0x6D736631) { // he.., mif1, msf1
        return "HEIC";
      }
    }
    if (four == 0x0000000C && s32(file, 4) == 0x6A502020 || four == 0xFF4FFF51) {
      return "JPEG 2000";
    }
    if (four == 0x0000000C && s32(file, 4) == 0x4A584C20 || u16(file, 0) == 0xFF0A) {
      return "JPEG XL";
    }
    if (four == 0x38425053) {
      return "Photoshop";
    }
    if (four == 0x49492B00 || four == 0x4D4D002B) {
      return "BigTIFF";
    }
    if (four == 0x762F3101) {
      return "OpenEXR";
    }
    int printable = 0;
    int seen = Math.min(64, file.length);
    for (int i = 0; i < seen; i++) {
      printable += file[i] == '\n' || file[i] == '\r' || file[i] == '\t' || file[i] >= ' ' ? 1 : 0;
    }
    return printable == seen ? "text" : "unknown bytes";
  }

  private static ImageHeader png(byte[] file) {
    List<String> oddities = new ArrayList<>();
    boolean deep = file.length > 24 && file[24] == 16;
    if (deep) {
      oddities.add("16 bits, rounded to 8");
    }
    int orientation = 1;
    int at = 8;
    while (at + 12 <= file.length) {
      long bytes = s32(file, at) & 0xFFFFFFFFL;
      int chunk = s32(file, at + 4);
      if (chunk == 0x49454E44) { // IEND
        String kind = deep ? "16 bits" : "";
        return new ImageHeader(
            Format.PNG, s32(file, 16), s32(file, 20), false, kind, orientation, oddities, null);
      }
      if (at + 12 + bytes > file.length) {
        break;
      }
      if (chunk == 0x6163544C) { // acTL
        oddities.add("animated, the still image is taken");
      } else if (chunk == 0x65584966) { // eXIf
        boolean whole = PngChunks.isWhole(file, at, (int) bytes);
        orientation = whole ? ExifOrientation.find(file, at + 8, at + 8 + (int) bytes) : 1;
      }
      at += 12 + (int) bytes;
    }
    return faulty(Format.PNG, "truncated PNG: no end chunk in its " + file.length + " bytes");
  }

  static int u16(byte[] file, int at) {
    return at + 2 <= file.length ? (file[at] & 255) << 8 | file[at + 1] & 255 : -1;
  }

  static int s32(byte[] file, int at) {
    return at + 4 <= file.length ? u16(file, at) << 16 | u16(file, at + 2) : 0;
  }
}
