package org.alexnet4j.data.image;

import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/** Counts the bytes that packed ones stand for, up to where they are enough or make no sense. */
final class Unpacked {
  private static final int CLEAR = 256;
  private static final int END = 257;
  private static final int MOST_CODES = 4096;
  private static final int BUFFER_BYTES = 1 << 13;

  private Unpacked() {}

  /** Counts the bytes of a zlib stream; -1 if it is damaged, be it by its checksum. */
  static long deflate(byte[] file, int from, int to, long enough) {
    Inflater inflater = new Inflater();
    byte[] buffer = new byte[BUFFER_BYTES];
    long count = 0;
    try {
      inflater.setInput(file, from, to - from);
      while (!inflater.finished() && count <= enough) {
        int got = inflater.inflate(buffer);
        if (got == 0 && (inflater.needsInput() || inflater.needsDictionary())) {
          break;
        }
        count += got;
      }
      return count;
    } catch (DataFormatException e) {
      return -1;
    } finally {
      inflater.end();
    }
  }

  /** Counts the bytes of runs as a TIFF packs them. */
  static long packBits(byte[] file, int from, int to, long enough) {
    long count = 0;
    int at = from;
    while (at < to && count < enough) {
      int run = file[at++];
      if (run >= 0) {
        count += Math.min(run + 1, to - at);
        at += run + 1;
      } else if (run != -128 && at < to) {
        count += 1 - run;
        at++;
      }
    }
    return count;
  }

  /**
   * Counts the bytes of codes of 9 to 12 bits, highest first, as a TIFF packs them; {@code enough}
   * if they are in the older order, which the reader refuses.
   */
  static long lzw(byte[] file, int from, int to, long enough) {
    if (to - from > 1 && file[from] == 0 && (file[from + 1] & 1) != 0) {
      return enough;
    }
    int[] length = new int[MOST_CODES + 1];
    int next = END + 1;
    int width = 9;
    int before = -1;
    long count = 0;
    long bit = 8L * from;
    while (count < enough && bit + width <= 8L * to) {
      int code = 0;
      for (int i = 0; i < width; i++, bit++) {
        code = code << 1 | file[(int) (bit >> 3)] >> 7 - (int) (bit & 7) & 1;
      }
      if (code == END) {
        return count;
      }
      if (code == CLEAR) {
        next = END + 1;
        width = 9;
        before = -1;
        continue;
      }
      if (code > CLEAR && (before < 0 || code > next)) {
        return count;
      }
      if (before >= 0 && next < MOST_CODES) {
        length[next++] = lengthOf(length, before) + 1;
        width = Math.min(12, 32 - Integer.numberOfLeadingZeros(next + 1)); // one early
      }
      count += lengthOf(length, code);
      before = code;
    }
    return count;
  }

  private static int lengthOf(int[] length, int code) {
    return code < CLEAR ? 1 : length[code];
  }
}
