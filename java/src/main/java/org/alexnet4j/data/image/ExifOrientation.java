package org.alexnet4j.data.image;

/** EXIF's tag 0x0112, which says how the camera was held, and what undoes it. */
final class ExifOrientation {
  private static final int TAG = 0x0112;
  private static final int ENTRY_BYTES = 12;

  private ExifOrientation() {}

  /**
   * Finds the orientation in a TIFF structure; 1 if it has none or makes no sense.
   *
   * @param from where the structure begins
   * @param to where it ends
   */
  static int find(byte[] file, int from, int to) {
    int end = Math.min(to, file.length);
    if (from + 8 > end || file[from] != file[from + 1]) {
      return 1;
    }
    boolean little = file[from] == 'I';
    if (!little && file[from] != 'M') {
      return 1;
    }
    long directory = from + number(file, from + 4, 4, little);
    if (directory + 2 > end) {
      return 1;
    }
    long entries = number(file, (int) directory, 2, little);
    for (long i = 0; i < entries; i++) {
      long entry = directory + 2 + ENTRY_BYTES * i;
      if (entry + ENTRY_BYTES > end) {
        return 1;
      }
      if (number(file, (int) entry, 2, little) == TAG) {
        int bytes = bytesOf((int) number(file, (int) entry + 2, 2, little));
        long value = bytes == 0 ? 1 : number(file, (int) entry + 8, bytes, little);
        return value >= 1 && value <= 8 ? (int) value : 1;
      }
    }
    return 1;
  }

  /** Returns the bytes of a value of type BYTE, SHORT or LONG; 0 of another type. */
  private static int bytesOf(int type) {
    return switch (type) {
      case 1 -> 1;
      case 3 -> 2;
      case 4 -> 4;
      default -> 0;
    };
  }

  private static long number(byte[] file, int at, int bytes, boolean little) {
    long value = 0;
    for (int i = 0; i < bytes; i++) {
      value = value << 8 | file[little ? at + bytes - 1 - i : at + i] & 255;
    }
    return value;
  }

  /**
   * Returns the pixels as the photographer saw them. From 5 on, width and height change places.
   *
   * @param rgb [height,width,3]
   * @param orientation 1 to 8
   */
  static byte[] upright(byte[] rgb, int width, int height, int orientation) {
    boolean turned = orientation > 4;
    boolean mirroredX =
        orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
    boolean mirroredY =
        orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
    int newWidth = turned ? height : width;
    int newHeight = turned ? width : height;
    byte[] to = new byte[3 * width * height];
    for (int y = 0; y < newHeight; y++) {
      for (int x = 0; x < newWidth; x++) {
        int storedX = turned ? y : x;
        int storedY = turned ? x : y;
        storedX = mirroredX ? width - 1 - storedX : storedX;
        storedY = mirroredY ? height - 1 - storedY : storedY;
        System.arraycopy(rgb, 3 * (storedY * width + storedX), to, 3 * (y * newWidth + x), 3);
      }
    }
    return to;
  }
}
