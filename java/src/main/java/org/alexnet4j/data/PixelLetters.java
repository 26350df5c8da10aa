package org.alexnet4j.data;

import java.awt.image.BufferedImage;

/**
 * Writes on pictures, the same on every machine: letters of 5 by 7 pixels, without a system's
 * fonts. What is not in ASCII becomes a box.
 */
final class PixelLetters {
  private static final int COLUMNS = 5;
  private static final int ROWS = 7;

  /** From one letter to the next. */
  static final int ADVANCE = COLUMNS + 1;

  /** From one line to the next. */
  static final int LINE = ROWS + 3;

  private static final int BOX = 0x7f;

  /** From the blank to the tilde: five columns each, the top row in the lowest bit. */
  private static final String LETTERS =
      """
      000000000000005f00000007000700147f147f14242a7f2a12231308646236495620500008070300
      001c2241000041221c002a1c7f1c2a08083e08080040301000080808080800006060002010080402
      3e5149453e00427f400072494949462141494d331814127f1027454545393c4a4949314121110907
      3649494936464949291e000014000000403400000008142241141414141400412214080201590906
      3e415d594e7c1211127c7f494949363e414141227f4141413e7f494949417f090909013e41415173
      7f0808087f00417f41002040413f017f081422417f404040407f021c027f7f0408107f3e4141413e
      7f090909063e4151215e7f09192946264949493203017f01033f4040403f1f2040201f3f4038403f
      631408146303047804036159494d43007f4141410204081020004141417f04020102044040404040
      000307080020545478407f284444383844444428384444287f385454541800087e09020c52524a3c
      7f0804047800447d40002040403d007f1028440000417f40007c047804787c080404783844444438
      7c14242418182424147c7c08040408485454542404043f44243c4040207c1c2040201c3c4030403c
      44281028440c5050483c4464544c440008364100000077000000413608000201020402
      """
          .replaceAll("\\s", "");

  private PixelLetters() {}

  /**
   * Draws a line of text.
   *
   * @param x left end
   * @param y upper end
   * @param width that it must not exceed: a longer text is cut, its last two letters then are dots
   * @param scale how many pixels a dot has along a side
   */
  static void draw(
      BufferedImage picture, String text, int x, int y, int width, int scale, int rgb) {
    int[] letters = text.codePoints().toArray();
    int room = width / (ADVANCE * scale);
    for (int i = 0; i < Math.min(letters.length, room); i++) {
      boolean dot = letters.length > room && i >= room - 2;
      int letter = dot ? '.' : letters[i];
      for (int column = 0; column < COLUMNS; column++) {
        int left = x + scale * (i * ADVANCE + column);
        column(picture, bits(letter, column), left, y, scale, rgb);
      }
    }
  }

  private static void column(
      BufferedImage picture, int bits, int left, int top, int scale, int rgb) {
    for (int dot = 0; dot < ROWS * scale; dot++) {
      if ((bits >> dot / scale & 1) != 0) {
        for (int q = 0; q < scale; q++) {
          picture.setRGB(left + q, top + dot, rgb);
        }
      }
    }
  }

  private static int bits(int letter, int column) {
    if (letter < ' ' || letter > '~') {
      return column == 0 || column == COLUMNS - 1 ? BOX : 0x41;
    }
    int at = 2 * (COLUMNS * (letter - ' ') + column);
    return Integer.parseInt(LETTERS, at, at + 2, 16);
  }
}
