package org.alexnet4j.data.image;

import org.alexnet4j.data.message.DataException;

/**
 * Reads PBM, PGM and PPM, plain and raw: P1 to P6, with comments, up to 16 bits. What follows the
 * first image may be blanks or another image.
 */
final class Anymap {
  private static final int MAX_VALUE = 65535;

  private final byte[] file;
  private final String name;
  private final int kind; // the digit
  private int at = 2;

  Anymap(byte[] file, String name) {
    this.file = file;
    this.name = name;
    this.kind = file[1] - '0';
  }

  /**
   * A decoded image.
   *
   * @param rgb [height,width,3]
   * @param most the largest value of the file
   * @param others whether another image follows
   */
  record Image(int width, int height, byte[] rgb, int most, boolean others) {}

  Image read() throws DataException {
    int width = number("width");
    int height = number("height");
    ImageDecoder.checkSize(width, height, name);
    boolean bits = kind == 1 || kind == 4;
    int most = bits ? 1 : number("largest value");
    if (most < 1 || most > MAX_VALUE) {
      throw damaged("a largest value of " + most);
    }
    boolean raw = kind > 3;
    if (raw) {
      at++; // one blank
    }
    int bands = kind % 3 == 0 ? 3 : 1;
    byte[] rgb = new byte[3 * width * height];
    int to = 0;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        for (int b = 0; b < bands; b++) {
          int value = !raw ? plain(bits) : bits ? bit(x) : sample(most);
          if (value > most) {
            throw damaged("a sample of " + value + " above " + most);
          }
          byte level = (byte) (((bits ? 1 - value : value) * 255 + most / 2) / most);
          rgb[to++] = level;
          if (bands == 1) {
            rgb[to++] = level;
            rgb[to++] = level;
          }
        }
      }
      at += raw && bits && width % 8 != 0 ? 1 : 0; // rows of bits end with a byte
    }
    skipBlanks();
    boolean others =
        at + 2 < file.length && file[at] == 'P' && file[at + 1] >= '1' && file[at + 1] <= '7';
    if (at < file.length && !others) {
      throw damaged((file.length - at) + " bytes behind the pixels");
    }
    return new Image(width, height, rgb, most, others);
  }

  private int number(String what) throws DataException {
    skipBlanks();
    int from = at;
    int number = 0;
    while (at < file.length && file[at] >= '0' && file[at] <= '9') {
      number = Math.min(10 * number + file[at++] - '0', 1 << 24);
    }
    if (at == from) {
      throw damaged("no " + what + " at byte " + at);
    }
    return number;
  }

  /** Passes over blanks, and comments from # to the end of the line. */
  private void skipBlanks() {
    while (at < file.length) {
      if (file[at] == '#') {
        while (at < file.length && file[at] != '\n' && file[at] != '\r') {
          at++;
        }
      } else if (file[at] == ' ' || file[at] >= '\t' && file[at] <= '\r') {
        at++;
      } else {
        return;
      }
    }
  }

  private int plain(boolean bit) throws DataException {
    if (!bit) {
      return number("sample");
    }
    skipBlanks();
    require(1);
    int value = file[at++] - '0';
    return value == 0 ? 0 : value == 1 ? 1 : Integer.MAX_VALUE;
  }

  private int bit(int x) throws DataException {
    require(1);
    int value = file[at] >> 7 - x % 8 & 1;
    at += x % 8 == 7 ? 1 : 0;
    return value;
  }

  private int sample(int most) throws DataException {
    int bytes = most > 255 ? 2 : 1;
    require(bytes);
    int value = bytes == 1 ? file[at] & 255 : (file[at] & 255) << 8 | file[at + 1] & 255;
    at += bytes;
    return value;
  }

  private void require(int bytes) throws DataException {
    if (at + bytes > file.length) {
      throw new DataException(
          name,
          "truncated PNM: its " + file.length + " bytes end before its pixels",
          ImageDecoder.ALLOWED);
    }
  }

  private DataException damaged(String what) {
    return new DataException(name, "damaged PNM: " + what, ImageDecoder.ALLOWED);
  }
}
