package org.alexnet4j.data.image;

import java.util.Arrays;

/**
 * Where the first frame of a GIF lies on its screen, and how many frames there are.
 *
 * @param screenWidth in pixels; where the file says 0, or less than the frame needs, the frame's
 * @param screenHeight in pixels, likewise
 * @param left of the first frame
 * @param top of the first frame
 * @param count of frames; 0 if the file ends before one
 * @param first place of the descriptor of the first frame
 * @param clear the colour that is transparent in the first frame, or -1
 */
record GifFrames(
    int screenWidth, int screenHeight, int left, int top, int count, int first, int clear) {
  private static final int HEADER_BYTES = 13;
  private static final int DESCRIPTOR_BYTES = 10;
  private static final int IMAGE = 0x2C;
  private static final int EXTENSION = 0x21;
  private static final int TABLE = 0x80;
  private static final int CONTROL = 0xF9;

  /** Walks through the blocks of a file. */
  static GifFrames of(byte[] file) {
    int at = HEADER_BYTES + (file.length > 10 ? tableBytes(file[10]) : 0);
    int width = u16(file, 6);
    int height = u16(file, 8);
    int left = 0;
    int top = 0;
    int count = 0;
    int first = -1;
    int clear = -1;
    while (at < file.length && (file[at] == IMAGE || file[at] == EXTENSION)) {
      boolean frame = file[at] == IMAGE;
      if (frame && at + DESCRIPTOR_BYTES >= file.length) {
        break;
      }
      if (!frame && count == 0 && at + 6 < file.length && (file[at + 1] & 255) == CONTROL) {
        clear = (file[at + 3] & 1) == 0 ? -1 : file[at + 6] & 255;
      }
      if (frame && count == 0) {
        first = at;
        left = u16(file, at + 1);
        top = u16(file, at + 3);
        width = Math.max(width, left + u16(file, at + 5));
        height = Math.max(height, top + u16(file, at + 7));
      }
      // behind a descriptor: its table and the size of codes; behind an extension: its label
      int end = blocks(file, frame ? at + DESCRIPTOR_BYTES + tableBytes(file[at + 9]) + 1 : at + 2);
      if (end < 0) {
        break;
      }
      count += frame ? 1 : 0;
      at = end;
    }
    return new GifFrames(width, height, left, top, count, first, clear);
  }

  /** Returns where a chain of blocks ends, or -1 if the file ends before. */
  private static int blocks(byte[] file, int from) {
    int at = from;
    while (at < file.length) {
      int bytes = file[at] & 255;
      if (bytes == 0) {
        return at + 1;
      }
      at += 1 + bytes;
    }
    return -1;
  }

  static int tableBytes(byte flags) {
    return (flags & TABLE) == 0 ? 0 : 3 << (flags & 7) + 1;
  }

  static int u16(byte[] file, int at) {
    return at + 1 < file.length ? file[at] & 255 | (file[at + 1] & 255) << 8 : 0;
  }

  /**
   * Lays the first frame on the screen, which is transparent, so white, where no frame is.
   *
   * @param frame [height,width,3] of the frame
   */
  byte[] onScreen(byte[] frame, int width, int height) {
    byte[] screen = new byte[3 * screenWidth * screenHeight];
    Arrays.fill(screen, (byte) 255);
    for (int y = 0; y < height; y++) {
      int to = 3 * ((top + y) * screenWidth + left);
      System.arraycopy(frame, 3 * y * width, screen, to, 3 * width);
    }
    return screen;
  }
}
