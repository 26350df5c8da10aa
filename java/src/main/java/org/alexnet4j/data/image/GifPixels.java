package org.alexnet4j.data.image;

/**
 * Whether the codes of a GIF's first frame make all its pixels, of colours that its table has. The
 * reader of Java takes the first colour for pixels that are missing, and invents a table where
 * there is none.
 */
final class GifPixels {
  private static final int HEADER_BYTES = 13;
  private static final int DESCRIPTOR_BYTES = 10;
  private static final int MOST_CODES = 4096;
  private static final int MOST_BITS = 12;

  private final byte[] file;
  private final GifFrames frames;
  private final int[] length = new int[MOST_CODES]; // pixels of a code
  private final int[] first = new int[MOST_CODES]; // colour of its first pixel
  private final int[] highest = new int[MOST_CODES]; // its highest colour, -1 if all are clear

  private int at; // next byte of the codes
  private int block; // bytes left in the block
  private int bits;
  private int held; // how many of the bits are there

  private GifPixels(byte[] file, GifFrames frames) {
    this.file = file;
    this.frames = frames;
  }

  /** Returns what is wrong with the first frame, which lies whole in the file, or null. */
  static String fault(byte[] file, GifFrames frames) {
    int flags = frames.first() + DESCRIPTOR_BYTES - 1;
    int own = GifFrames.tableBytes(file[flags]);
    int colours = (own > 0 ? own : GifFrames.tableBytes(file[10])) / 3;
    String where = " of the frame at byte " + frames.first();
    if (colours == 0) {
      return "damaged GIF: no table for the colours" + where;
    }
    int size = flags + 1 + own;
    if (file[size] < 1 || file[size] > 8) {
      return "damaged GIF: codes" + where + " for colours of " + file[size] + " bits";
    }
    String fault = new GifPixels(file, frames).decode(size + 1, file[size], colours);
    return fault == null ? null : "damaged GIF: " + fault + where;
  }

  /** Follows the codes, of which only lengths and highest colours count. */
  private String decode(int from, int colourBits, int colours) {
    at = from;
    int start = 1 << colourBits;
    for (int c = 0; c < start; c++) {
      length[c] = 1;
      first[c] = c == frames.clear() ? -1 : c;
      highest[c] = first[c];
    }
    int flags = frames.first();
    long pixels = (long) GifFrames.u16(file, flags + 5) * GifFrames.u16(file, flags + 7);
    long made = 0;
    int next = start + 2;
    int width = colourBits + 1;
    int before = -1;
    while (made < pixels) {
      int code = code(width);
      if (code < 0 || code == start + 1) {
        return "codes for " + made + " of the " + pixels + " pixels";
      }
      if (code == start) {
        next = start + 2;
        width = colourBits + 1;
        before = -1;
        continue;
      }
      if (before < 0 ? code > start : code > next || code == next && next == MOST_CODES) {
        return "a code without a meaning behind " + made + " of the " + pixels + " pixels";
      }
      if (before >= 0 && next < MOST_CODES) {
        int last = code < next ? first[code] : first[before];
        length[next] = length[before] + 1;
        first[next] = first[before];
        highest[next] = Math.max(highest[before], last);
        next++;
        width += next == 1 << width && width < MOST_BITS ? 1 : 0;
      }
      if (highest[code] >= colours) {
        return "a pixel of colour " + highest[code] + ", where the table has " + colours + ",";
      }
      made += length[code];
      before = code;
    }
    return null;
  }

  /** Returns the next code, or -1 behind the last block. */
  private int code(int width) {
    while (held < width) {
      if (block == 0) {
        block = at < file.length ? file[at++] & 255 : 0;
        if (block == 0 || at + block > file.length) {
          return -1;
        }
      }
      bits |= (file[at++] & 255) << held;
      held += 8;
      block--;
    }
    int code = bits & (1 << width) - 1;
    bits >>>= width;
    held -= width;
    return code;
  }
}
