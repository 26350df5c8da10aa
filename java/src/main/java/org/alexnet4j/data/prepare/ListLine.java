package org.alexnet4j.data.prepare;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.data.archive.FileSorts;
import org.alexnet4j.data.archive.TextLines;
import org.alexnet4j.data.folder.SplitNames;
import org.alexnet4j.data.folder.SplitNames.Part;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.io.Printable;

/**
 * One line of a list of images.
 *
 * @param number of the line, from 1
 * @param path as it is written, without the quotes around it
 * @param label number or class name, without the quotes around it
 * @param part train, val or test, or null if the line does not say
 */
record ListLine(int number, String path, String label, Part part) {

  /** Returns whether the image is not to be trained on. */
  boolean isHeldOut() {
    return part == Part.VAL || part == Part.TEST;
  }

  /** Reads a list; blank lines and those that begin with # are comments. */
  static List<ListLine> read(Path list, String allowed) throws IOException {
    List<ListLine> lines = new ArrayList<>();
    List<String> texts = TextLines.read(list, allowed);
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i).strip();
      if (text.isEmpty()) {
        continue;
      }
      ListLine line = text.contains("\t") ? byTabs(text, i + 1) : byBlanks(text, i + 1);
      if (text.startsWith("#")) {
        if (line != null && isFile(list, line.path)) {
          throw new DataException(
              list + ": line " + (i + 1),
              "'"
                  + Printable.name(line.path)
                  + "' is a file, and lines that begin with # are comments",
              "./ before a path that begins with #, other words in a comment");
        }
        continue;
      }
      if (line == null || line.path.isEmpty() || line.label.isEmpty() || line.label.contains("/")) {
        throw new DataException(
            list + ": line " + (i + 1), "'" + Printable.name(text) + "'", allowed);
      }
      lines.add(line);
    }
    if (lines.isEmpty()) {
      throw new DataException(list.toString(), "no image in it", allowed);
    }
    return lines;
  }

  private static boolean isFile(Path list, String path) {
    try {
      return Files.isRegularFile(list.resolveSibling(path));
    } catch (InvalidPathException e) {
      return false; // what is no path is no file either
    }
  }

  private static ListLine byTabs(String text, int number) {
    String[] columns = text.split("\t", -1);
    Part part =
        columns.length == 3 ? SplitNames.of(unquoted(columns[2].strip())).orElse(null) : null;
    if (columns.length != 2 && part == null) {
      return null;
    }
    return new ListLine(number, unquoted(columns[0].strip()), unquoted(columns[1].strip()), part);
  }

  /**
   * The last word is the label, or the last but one where train or val follows; the rest is path.
   */
  private static ListLine byBlanks(String text, int number) {
    int last = lastWord(text);
    if (last == 0) {
      return null;
    }
    String word = unquoted(text.substring(last));
    String before = text.substring(0, last).strip();
    int second = lastWord(before);
    Part part = second == 0 ? null : SplitNames.of(word).orElse(null);
    String label = before.substring(second);
    boolean endsPath =
        FileSorts.isImageName(unquoted(label))
            || label.contains("/")
            || label.endsWith("\"") && !label.startsWith("\"");
    if (part == null || endsPath) {
      return new ListLine(number, unquoted(before), word, null);
    }
    return new ListLine(
        number, unquoted(before.substring(0, second).strip()), unquoted(label), part);
  }

  /** Returns where the last word begins; between quotes, blanks do not end one. */
  private static int lastWord(String text) {
    int end = text.length() - 1;
    int quote = text.endsWith("\"") ? text.lastIndexOf('"', end - 1) : -1;
    if (quote == 0 || quote > 0 && Character.isWhitespace(text.charAt(quote - 1))) {
      return quote;
    }
    int at = end;
    while (at >= 0 && !Character.isWhitespace(text.charAt(at))) {
      at--;
    }
    return at + 1;
  }

  /** Takes the quotes from around a column, as tables are written: two inside stand for one. */
  static String unquoted(String column) {
    boolean quoted = column.length() > 1 && column.startsWith("\"") && column.endsWith("\"");
    return quoted ? column.substring(1, column.length() - 1).replace("\"\"", "\"") : column;
  }
}
