package org.alexnet4j.data.archive;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alexnet4j.data.message.DataException;

/**
 * Reads tables and lists as people have them: in UTF-8, with or without a byte order mark, lines
 * ended as on Unix, Windows or old Macs.
 */
public final class TextLines {
  private static final byte[] MARK = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

  private TextLines() {}

  /** Says whether a file is a list, by its name. */
  public static boolean isList(Path path) {
    return Files.isRegularFile(path)
        && path.getFileName().toString().matches("(?i).*\\.(txt|tsv|lst|list)");
  }

  /**
   * Returns the lines of a file; blank ones at its end do not count.
   *
   * @param allowed what a message says would be right
   * @throws DataException if it is no file, or no text in UTF-8; the message has the line
   */
  public static List<String> read(Path file, String allowed) throws IOException {
    return split(ImageFiles.readFile(file, file.toString()), file.toString(), allowed);
  }

  /** Returns the lines of a text. */
  public static List<String> split(byte[] text, String name, String allowed) throws DataException {
    int first = text.length < 2 ? 0 : (text[0] & 255) << 8 | text[1] & 255;
    if (first == 0xFEFF || first == 0xFFFE) {
      throw new DataException(name, "a text in UTF-16", "UTF-8; " + allowed);
    }
    int from = text.length >= 3 && Arrays.equals(text, 0, 3, MARK, 0, 3) ? 3 : 0;
    List<String> lines = new ArrayList<>();
    for (int at = from; at < text.length; ) {
      int end = at;
      while (end < text.length && text[end] != '\n' && text[end] != '\r') {
        if (text[end++] == 0) {
          throw new DataException(
              name + ": line " + (lines.size() + 1), "a byte of zero", "text in UTF-8; " + allowed);
        }
      }
      lines.add(decode(ByteBuffer.wrap(text, at, end - at), name, lines.size() + 1, allowed));
      boolean both = end + 1 < text.length && text[end] == '\r' && text[end + 1] == '\n';
      at = end + (both ? 2 : 1);
    }
    while (!lines.isEmpty() && lines.get(lines.size() - 1).isBlank()) {
      lines.remove(lines.size() - 1);
    }
    return lines;
  }

  private static String decode(ByteBuffer line, String name, int number, String allowed)
      throws DataException {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(line).toString();
    } catch (CharacterCodingException e) {
      throw new DataException(name + ": line " + number, "not a text in UTF-8", allowed, e);
    }
  }
}
