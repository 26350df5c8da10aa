package org.alexnet4j.data.image;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.zip.CRC32;

/**
 * Whether the chunks of a PNG are what was written. The reader of Java looks at no checksum but
 * that of the pixels, and takes the last colour for one that a palette has not.
 */
final class PngChunks {
  private static final int FIRST = 8;
  private static final int DEPTH = 24;
  private static final int TYPE = 25;
  private static final int PALETTE_TYPE = 3;
  private static final int PLTE = 0x504C5445;
  private static final int IEND = 0x49454E44;
  private static final int TRNS = 0x74524E53;

  private PngChunks() {}

  /** Says whether the content of a chunk fits its checksum. */
  static boolean isWhole(byte[] file, int chunk, int bytes) {
    CRC32 sum = new CRC32();
    sum.update(file, chunk + 4, 4 + bytes);
    return (int) sum.getValue() == ImageHeader.s32(file, chunk + 8 + bytes);
  }

  /**
   * Returns what is wrong with a file that has an end chunk, or null. Chunks that carry no pixels
   * may be damaged.
   */
  static String fault(byte[] file) {
    int at = FIRST;
    while (true) {
      int bytes = ImageHeader.s32(file, at);
      int name = ImageHeader.s32(file, at + 4);
      if (bytes < 0 || bytes > file.length - at - 12) {
        return "truncated PNG: the file ends inside the chunk at byte " + at;
      }
      boolean critical = (name >> 24 & 0x20) == 0;
      if ((critical || name == TRNS) && !isWhole(file, at, bytes)) {
        return "damaged PNG: chunk " + text(name) + " at byte " + at + " differs from its checksum";
      }
      if (name == PLTE && (bytes % 3 != 0 || bytes == 0 || bytes > 3 * 256)) {
        return "damaged PNG: a palette of " + bytes + " bytes at byte " + at;
      }
      if (name == IEND) {
        return null;
      }
      at += 12 + bytes;
    }
  }

  private static String text(int name) {
    byte[] bytes = ByteBuffer.allocate(4).putInt(name).array();
    StringBuilder text = new StringBuilder();
    for (byte b : bytes) {
      text.append((char) (b & 255));
    }
    return text.toString();
  }

  /** Returns how many colours the palette has of an image that is made of such, else 0. */
  static int colours(byte[] file) {
    int at = file[TYPE] == PALETTE_TYPE && file[DEPTH] <= 8 ? palette(file) : -1;
    return at < 0 ? 0 : ImageHeader.s32(file, at) / 3;
  }

  private static int palette(byte[] file) {
    int at = FIRST;
    while (ImageHeader.s32(file, at + 4) != IEND) {
      if (ImageHeader.s32(file, at + 4) == PLTE) {
        return at;
      }
      at += 12 + ImageHeader.s32(file, at);
    }
    return -1;
  }

  /** Returns the same image with as many colours as its pixels can name, black at the end. */
  static byte[] withAllColours(byte[] file) {
    int at = palette(file);
    int bytes = ImageHeader.s32(file, at);
    int more = Math.max(0, 3 * (1 << file[DEPTH]) - bytes);
    byte[] wide = Arrays.copyOf(file, file.length + more);
    int behind = at + 8 + bytes;
    Arrays.fill(wide, behind, behind + more, (byte) 0);
    System.arraycopy(file, behind, wide, behind + more, file.length - behind);
    ByteBuffer.wrap(wide).putInt(at, bytes + more);
    CRC32 sum = new CRC32();
    sum.update(wide, at + 4, 4 + bytes + more);
    ByteBuffer.wrap(wide).putInt(behind + more, (int) sum.getValue());
    return wide;
  }
}
