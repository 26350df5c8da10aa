package org.alexnet4j.data.packed;

/**
 * Names as columns of the prepared folder's tables: what would end a column or a line is written as
 * {@code \\t}, {@code \\n} or {@code \\r}, a backslash as two of them.
 */
public final class TsvText {
  private static final String RAW = "\t\n\r\\";
  private static final String WRITTEN = "tnr\\";

  private TsvText() {}

  /** Returns a name as a table has it. */
  public static String escape(String name) {
    StringBuilder text = new StringBuilder(name.length());
    for (char c : name.toCharArray()) {
      int at = RAW.indexOf(c);
      if (at >= 0) {
        text.append('\\').append(WRITTEN.charAt(at));
      } else {
        text.append(c);
      }
    }
    return text.toString();
  }

  /** Returns the name that a table has; a backslash that begins nothing known is itself. */
  static String unescape(String text) {
    StringBuilder name = new StringBuilder(text.length());
    for (int i = 0; i < text.length(); i++) {
      boolean begins = text.charAt(i) == '\\' && i + 1 < text.length();
      int at = begins ? WRITTEN.indexOf(text.charAt(i + 1)) : -1;
      name.append(at < 0 ? text.charAt(i) : RAW.charAt(at));
      i += at < 0 ? 0 : 1;
    }
    return name.toString();
  }
}
