package org.alexnet4j.io;

import java.nio.file.Path;
import java.util.Collection;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * Makes foreign text fit to be printed: names of files, members, tensors, classes and keys.
 *
 * <p>Whoever made a file chose the names in it. What would steer a terminal, break a line or turn
 * its direction is escaped, and what is too long is cut and counted, so that a message says what is
 * there and nothing else. Any thread may call it.
 *
 * @hidden
 */
public final class Printable {
  /** Most characters of a name. */
  static final int MAX_NAME = 120;

  /** Most characters of a path, whose last part says most. */
  static final int MAX_PATH = 1000;

  /** Most characters of a part of a message, made of words of this program and names. */
  public static final int MAX_TEXT = 1000;

  /** How many names stand for many. */
  private static final int MAX_NAMES = 5;

  private static final int ZERO_WIDTH_NON_JOINER = 0x200c;
  private static final int ZERO_WIDTH_JOINER = 0x200d;

  private Printable() {}

  /**
   * {@return a name, escaped as in {@code "\u001b"} and cut after 120 characters}
   *
   * @param name any text
   */
  public static String name(String name) {
    return text(name, MAX_NAME);
  }

  /**
   * {@return the path of a file, escaped and cut after 1,000 characters}
   *
   * @param path any path
   */
  public static String path(Path path) {
    return text(path.toString(), MAX_PATH);
  }

  /**
   * {@return at most five names and the count of the others: {@code "a, b, c, d, e and 9 more"}}
   *
   * @param names any texts
   */
  public static String names(Collection<String> names) {
    String first =
        names.stream().limit(MAX_NAMES).map(Printable::name).collect(Collectors.joining(", "));
    return names.size() <= MAX_NAMES
        ? first
        : String.format(Locale.ROOT, "%s and %,d more", first, names.size() - MAX_NAMES);
  }

  /**
   * {@return a text on one line, escaped}
   *
   * @param text any text
   * @param most how many of its characters are kept; a longer one ends with its full length, as in
   *     {@code "aaa…(2,600,000 characters)"}
   */
  public static String text(String text, int most) {
    StringBuilder printable = new StringBuilder(Math.min(text.length(), most) + 32);
    int end = text.length() <= most ? text.length() : most;
    if (end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
      end--; // half a character is none
    }
    for (int i = 0; i < end; ) {
      int point = text.codePointAt(i);
      append(printable, point);
      i += Character.charCount(point);
    }
    if (end < text.length()) {
      printable.append(String.format(Locale.ROOT, "…(%,d characters)", text.length()));
    }
    return printable.toString();
  }

  /**
   * {@return a text of several lines, whose line feeds and tabs stay and all else is escaped}
   *
   * @param text any text
   */
  public static String lines(String text) {
    if (text.codePoints().allMatch(Printable::isLayoutOrPlain)) {
      return text;
    }
    StringBuilder printable = new StringBuilder(text.length() + 32);
    text.codePoints()
        .forEach(
            point -> {
              if (isLayoutOrPlain(point)) {
                printable.appendCodePoint(point);
              } else {
                append(printable, point);
              }
            });
    return printable.toString();
  }

  private static boolean isLayoutOrPlain(int point) {
    return point == '\n' || point == '\t' || isPlain(point);
  }

  private static void append(StringBuilder printable, int point) {
    switch (point) {
      case '\n' -> printable.append("\\n");
      case '\r' -> printable.append("\\r");
      case '\t' -> printable.append("\\t");
      default -> {
        if (isPlain(point)) {
          printable.appendCodePoint(point);
        } else {
          for (char unit : Character.toChars(point)) {
            printable.append(String.format(Locale.ROOT, "\\u%04x", (int) unit));
          }
        }
      }
    }
  }

  /** Says whether a code point shows itself and changes nothing around it. */
  private static boolean isPlain(int point) {
    return switch (Character.getType(point)) {
      case Character.CONTROL,
          Character.SURROGATE,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      // Marks of direction, byte order and the like; the joiners belong to scripts and emoji.
      case Character.FORMAT -> point == ZERO_WIDTH_NON_JOINER || point == ZERO_WIDTH_JOINER;
      default -> true;
    };
  }
}
