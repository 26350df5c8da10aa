package org.alexnet4j.text;

import java.util.ArrayList;
import java.util.List;

/**
 * Text in columns of a screen: a letter takes one, an ideograph or an emoji two, a combining mark
 * none.
 */
public final class Columns {
  private static final int ZERO_WIDTH_JOINER = 0x200d;

  private Columns() {}

  /** Returns how many columns a text takes. */
  public static int of(String text) {
    return text.codePoints().map(Columns::of).sum();
  }

  /** Returns how many columns a character takes. */
  static int of(int point) {
    int type = Character.getType(point);
    if (type == Character.NON_SPACING_MARK
        || type == Character.ENCLOSING_MARK
        || type == Character.FORMAT
        || point == ZERO_WIDTH_JOINER) {
      return 0;
    }
    return isWide(point) ? 2 : 1;
  }

  private static boolean isWide(int point) {
    return point >= 0x1100
        && (point <= 0x115f // Hangul, leading consonants
            || (point >= 0x2e80 && point <= 0xa4cf && point != 0x303f) // CJK, kana, Yi
            || (point >= 0xac00 && point <= 0xd7a3) // Hangul syllables
            || (point >= 0xf900 && point <= 0xfaff) // CJK compatibility
            || (point >= 0xfe30 && point <= 0xfe6f) // CJK forms
            || (point >= 0xff00 && point <= 0xff60) // full width
            || (point >= 0xffe0 && point <= 0xffe6)
            || (point >= 0x1f300 && point <= 0x1f64f) // pictures, faces
            || (point >= 0x1f680 && point <= 0x1f6ff)
            || (point >= 0x1f900 && point <= 0x1f9ff)
            || (point >= 0x1fa70 && point <= 0x1faff)
            || (point >= 0x20000 && point <= 0x3fffd));
  }

  /** Returns a text with blanks behind it, as wide as a column; a wider text as it is. */
  public static String padEnd(String text, int width) {
    return text + " ".repeat(Math.max(0, width - of(text)));
  }

  /** Returns a text with blanks before it. */
  public static String padStart(String text, int width) {
    return " ".repeat(Math.max(0, width - of(text))) + text;
  }

  /** Returns as much of a text as fits; what is cut is marked by an ellipsis. */
  public static String cut(String text, int width) {
    if (of(text) <= width) {
      return text;
    }
    StringBuilder cut = new StringBuilder();
    int columns = 0;
    for (int point : text.codePoints().toArray()) {
      columns += of(point);
      if (columns > width - 1) {
        break;
      }
      cut.appendCodePoint(point);
    }
    return width < 1 ? "" : cut.append('…').toString();
  }

  /**
   * Breaks a text at its blanks into lines; a word that is wider than a line gets one of its own,
   * whole.
   */
  public static List<String> wrap(String text, int width) {
    List<String> lines = new ArrayList<>();
    StringBuilder line = new StringBuilder();
    int columns = 0;
    for (String word : text.strip().split("\\s+")) {
      int more = of(word);
      if (columns > 0 && columns + 1 + more > width) {
        lines.add(line.toString());
        line.setLength(0);
        columns = 0;
      }
      if (columns > 0) {
        line.append(' ');
        columns++;
      }
      line.append(word);
      columns += more;
    }
    lines.add(line.toString());
    return lines;
  }
}
