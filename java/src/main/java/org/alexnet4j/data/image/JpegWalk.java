package org.alexnet4j.data.image;

import java.util.ArrayList;
import java.util.List;

/** A walk over the segments of a JPEG, through all its scans, to the end marker. */
final class JpegWalk {
  private static final int EOI = 0xD9;
  private static final int LOSSLESS = 0xC3;
  private static final int APP1 = 0xE1;
  private static final int APP2 = 0xE2;
  private static final int APP15 = 0xEF;

  private final byte[] file;
  private final JpegTables tables;
  private int width;
  private int height;
  private boolean plain;
  private boolean knownColours; // a JFIF or Adobe segment says what the components are
  private int adobeTransform = -1;
  private int components;
  private boolean progressive;
  private int orientation = 1;
  private String process; // what the coding is called if it is not supported

  JpegWalk(byte[] file) {
    this.file = file;
    this.tables = new JpegTables(file);
  }

  /**
   * Returns what is wrong with a JPEG inside of another file, or null.
   *
   * @param tables a JPEG that has no image but tables, or nothing
   */
  static String faultOfPart(byte[] part, byte[] tables) {
    JpegWalk shared = new JpegWalk(tables);
    shared.end(0);
    JpegWalk walk = new JpegWalk(part);
    walk.tables.take(shared.tables);
    if (walk.end(0) < 0) {
      return "truncated or damaged JPEG: no end marker in its " + part.length + " bytes";
    }
    return walk.tables.fault() == null ? null : "damaged JPEG: " + walk.tables.fault();
  }

  /** Returns what the file says before its pixels, and whether it is whole. */
  ImageHeader header() {
    int end = end(0);
    return end < 0
        ? ImageHeader.faulty(
            ImageHeader.Format.JPEG,
            "truncated or damaged JPEG: no end marker in its " + file.length + " bytes")
        : whole(end);
  }

  /** Returns where the stream of segments ends that begins at a place, or -1 if the file does. */
  private int end(int from) {
    int at = from + 2;
    while (at + 1 < file.length) {
      if ((file[at] & 255) != 0xFF) {
        at++; // some writers leave bytes between segments; decoders pass over them, too
        continue;
      }
      int marker = file[at + 1] & 255;
      if (marker == EOI) {
        return at + 2;
      }
      if (marker == 0xFF) {
        at++; // fill byte
      } else if (marker <= 1 || marker >= 0xD0 && marker <= 0xD8) {
        at += 2; // no length: stuffed zero, restart marker
      } else {
        int bytes = ImageHeader.u16(file, at + 2);
        if (bytes < 2 || at + 2 + bytes > file.length) {
          break;
        }
        if (from == 0) {
          segment(marker, at);
        }
        at += 2 + bytes;
        at = marker == JpegTables.SOS ? scanEnd(at) : at;
      }
    }
    return -1;
  }

  /** Says whether another whole image lies behind the first, as in MPO and beside previews. */
  private boolean hasOthers(int end) {
    for (int at = end; at + 2 < file.length; at++) {
      if (file[at] == -1 && ImageHeader.u16(file, at + 1) == 0xD8FF) {
        return end(at) > 0;
      }
    }
    return false;
  }

  private ImageHeader whole(int end) {
    if (width == 0 || process != null) {
      return ImageHeader.faulty(
          ImageHeader.Format.JPEG,
          width == 0 ? "JPEG without an image" : "not supported: JPEG " + process);
    }
    if (tables.fault() != null) {
      return ImageHeader.faulty(ImageHeader.Format.JPEG, "damaged JPEG: " + tables.fault());
    }
    if (components > 3 && adobeTransform < 0) {
      return ImageHeader.faulty(
          ImageHeader.Format.JPEG,
          "not supported: JPEG of " + components + " components without a word on what they are");
    }
    List<String> oddities = new ArrayList<>();
    if (components > 3) {
      oddities.add(kind().replace("progressive ", "") + " colours");
    }
    if (hasOthers(end)) {
      oddities.add("several images, the first is taken");
    }
    return new ImageHeader(
        ImageHeader.Format.JPEG, width, height, plain, kind(), orientation, oddities, null);
  }

  /**
   * Returns where the coded pixels stop: at the next marker that is not a restart or a stuffed
   * byte.
   */
  private int scanEnd(int from) {
    int at = from;
    while (at + 1 < file.length) {
      if (file[at] == -1) {
        int marker = file[at + 1] & 255;
        if (marker != 0 && (marker < 0xD0 || marker > 0xD7)) {
          return at;
        }
        at++;
      }
      at++;
    }
    return file.length;
  }

  private void segment(int marker, int at) {
    tables.segment(marker, at);
    // SOF0 to SOF15 but for the three numbers among them that mean tables: DHT, JPG, DAC.
    boolean frame =
        marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
    if (marker == 0xE0 && ImageHeader.s32(file, at + 4) == 0x4A464946) { // JFIF
      knownColours = true;
    } else if (marker == 0xEE && ImageHeader.s32(file, at + 4) == 0x41646F62) { // Adob(e)
      knownColours = true;
      adobeTransform = at + 15 < file.length ? file[at + 15] : -1;
    } else if (marker == APP1 && ImageHeader.s32(file, at + 4) == 0x45786966) { // Exif
      orientation = ExifOrientation.find(file, at + 10, at + 2 + ImageHeader.u16(file, at + 2));
    } else if (marker == APP2 && ImageHeader.s32(file, at + 4) == 0x4943435F) { // ICC_(PROFILE)
      file[at + 1] = (byte) APP15;
    } else if (frame) {
      tables.frame(marker, at);
      progressive = marker == 0xC2;
      process = process(marker, at + 4 < file.length ? file[at + 4] : 0);
      frame(at);
    }
  }

  private String kind() {
    String colours =
        components == 1 ? "grey" : components < 4 ? "" : adobeTransform == 2 ? "YCCK" : "CMYK";
    return ((progressive ? "progressive " : "") + colours).strip();
  }

  /** Returns the name of a way of coding that is not supported, or null. */
  private static String process(int marker, int bits) {
    if (marker == LOSSLESS) {
      return "without loss";
    }
    if (marker > LOSSLESS) {
      return marker > 0xC8 ? "with arithmetic coding" : "in a hierarchy";
    }
    return bits == 8 ? null : "of " + bits + " bits";
  }

  private void frame(int at) {
    height = ImageHeader.u16(file, at + 5);
    width = ImageHeader.u16(file, at + 7);
    components = at + 9 < file.length ? file[at + 9] : 0;
    boolean numbered =
        components == 3 && at + 16 < file.length && file[at + 10] == 1 && file[at + 13] == 2;
    plain = components == 1 || components == 3 && (knownColours || numbered);
  }
}
