package org.alexnet4j.data.image;

/**
 * The grey that a PNG of less than eight bits calls transparent. The reader of Java compares it
 * with samples that it has widened before, and never finds it.
 */
final class PngClearGrey {
  private static final int DEPTH = 24;
  private static final int TYPE = 25;
  private static final int CHUNKS = 8;
  private static final int TRANSPARENCY = 0x74524E53;

  private PngClearGrey() {}

  /**
   * Makes the pixels of that grey white.
   *
   * @param rgb three bytes for each pixel
   * @return whether there was one
   */
  static boolean whiten(byte[] file, byte[] rgb, int pixels) {
    int clear = find(file);
    boolean found = false;
    for (int i = 0; clear >= 0 && i < 3 * pixels; i++) {
      if ((rgb[i] & 255) == clear) {
        rgb[i] = (byte) 255;
        found = true;
      }
    }
    return found;
  }

  private static int find(byte[] file) {
    int depth = file[DEPTH];
    if (depth >= 8 || file[TYPE] != 0) {
      return -1;
    }
    int at = CHUNKS;
    while (at + 14 <= file.length) {
      int bytes = s32(file, at);
      if (s32(file, at + 4) == TRANSPARENCY && bytes == 2) {
        int most = (1 << depth) - 1;
        return (file[at + 9] & most) * 255 / most;
      }
      if (bytes < 0 || bytes > file.length - at - 12) {
        return -1;
      }
      at += 12 + bytes;
    }
    return -1;
  }

  private static int s32(byte[] file, int at) {
    return (file[at] & 255) << 24
        | (file[at + 1] & 255) << 16
        | (file[at + 2] & 255) << 8
        | file[at + 3] & 255;
  }
}
