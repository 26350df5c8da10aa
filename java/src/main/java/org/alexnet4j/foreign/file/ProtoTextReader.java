package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.alexnet4j.foreign.file.ProtoText.Field;
import org.alexnet4j.foreign.file.ProtoText.Kind;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;

/**
 * Reads protobuf's text format: {@code name: value} and {@code name { ... }}, lists in brackets,
 * texts in either quotes with escapes and in pieces, comments from {@code #} to the end of a line.
 * Extensions and {@code Any} are refused. Its size, the depth of its messages and the length of a
 * word or text are limited.
 */
final class ProtoTextReader {
  static final int MOST_BYTES = 1 << 20;
  static final int MOST_DEPTH = 32;
  static final int MOST_LETTERS = 4096;

  private static final int END = -1;

  private final Path file;
  private final String text;
  private int at;
  private int line = 1;

  private ProtoTextReader(Path file, String text) {
    this.file = file;
    this.text = text;
  }

  /**
   * Reads a file.
   *
   * @throws FormatException if it is none, with the line
   */
  static ProtoText read(Path file) throws IOException {
    if (!Files.isRegularFile(file)) { // a pipe would never answer
      throw new FormatException(
          file, "the name", Files.exists(file) ? "is no file" : "there is no such file");
    }
    long size = Files.size(file);
    if (size > MOST_BYTES) {
      throw new FormatException(file, "the file", "has " + size + " bytes; allowed: " + MOST_BYTES);
    }
    String text;
    try {
      ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
      text = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString();
    } catch (CharacterCodingException e) {
      throw new FormatException(file, "the file", "is no UTF-8; allowed: protobuf's text format");
    }
    ProtoTextReader reader = new ProtoTextReader(file, text);
    return new ProtoText(file, reader.fields(END, 0));
  }

  /** Reads fields up to a closing sign, which is taken too. */
  private ImmutableList<Field> fields(int close, int depth) throws FormatException {
    int from = line;
    require(depth <= MOST_DEPTH, "messages are nested deeper than " + MOST_DEPTH);
    ImmutableList.Builder<Field> fields = ImmutableList.builder();
    for (int next = next(); next != close; next = next()) {
      require(next != END, "the message of line " + from + " does not end");
      require(isLetter(next), "there is " + shown(next) + "; allowed: a field's name");
      field(fields, depth);
      if (next() == ',' || next() == ';') {
        at++;
      }
    }
    at += close == END ? 0 : 1;
    return fields.build();
  }

  private void field(ImmutableList.Builder<Field> to, int depth) throws FormatException {
    int start = line;
    String name = word();
    boolean colon = next() == ':';
    at += colon ? 1 : 0;
    if (next() != '[') {
      to.add(value(start, name, colon, depth));
      return;
    }
    at++;
    if (next() == ']') {
      at++;
      return;
    }
    while (true) {
      next(); // so that the line is that of the value
      to.add(value(line, name, colon, depth)); // a list of messages needs no colon
      int sign = next();
      require(sign == ',' || sign == ']', "there is " + shown(sign) + "; allowed: , or ]");
      at++;
      if (sign == ']') {
        return;
      }
    }
  }

  private Field value(int start, String name, boolean colon, int depth) throws FormatException {
    int next = next();
    if (next == '{' || next == '<') {
      at++;
      ImmutableList<Field> inner = fields(next == '{' ? '}' : '>', depth + 1);
      return new Field(file, start, name, Kind.MESSAGE, "", inner);
    }
    require(
        colon, "there is " + shown(next) + " after " + Printable.name(name) + "; allowed: : or {");
    if (next == '"' || next == '\'') {
      return scalar(start, name, Kind.STRING, string());
    }
    if (isLetter(next)) {
      return scalar(start, name, Kind.WORD, word());
    }
    require(
        next >= '0' && next <= '9' || next == '-' || next == '+' || next == '.',
        "there is " + shown(next) + "; allowed: a value of " + Printable.name(name));
    return scalar(start, name, Kind.NUMBER, number());
  }

  private Field scalar(int start, String name, Kind kind, String value) {
    return new Field(file, start, name, kind, value, ImmutableList.of());
  }

  private static boolean isLetter(int sign) {
    return sign >= 'a' && sign <= 'z' || sign >= 'A' && sign <= 'Z' || sign == '_';
  }

  private static boolean isOfWord(int sign) {
    return isLetter(sign) || sign >= '0' && sign <= '9';
  }

  private int sign() {
    return at < text.length() ? text.charAt(at) : END;
  }

  /** Returns the next sign behind spaces and comments, which stays. */
  private int next() {
    for (int sign = sign(); sign != END; sign = sign()) {
      if (sign == '#') {
        while (sign() != '\n' && sign() != END) {
          at++;
        }
      } else if (sign == '\n') {
        line++;
        at++;
      } else if (sign == ' ' || sign == '\t' || sign == '\r' || sign == '\f' || sign == 0x0b) {
        at++;
      } else {
        return sign;
      }
    }
    return END;
  }

  private String word() throws FormatException {
    int from = at;
    while (isOfWord(sign())) {
      at++;
    }
    requireShort(at - from);
    return text.substring(from, at);
  }

  /** A sign belongs to a number if it can stand in any; what the number is its reader decides. */
  private String number() throws FormatException {
    int from = at++;
    while (isOfWord(sign()) || sign() == '.' || isSign() && isExponent(text.charAt(at - 1))) {
      at++;
    }
    requireShort(at - from);
    return text.substring(from, at);
  }

  private boolean isSign() {
    return sign() == '-' || sign() == '+';
  }

  private static boolean isExponent(char before) {
    return before == 'e' || before == 'E';
  }

  /** Texts that follow one another are one. */
  private String string() throws FormatException {
    StringBuilder value = new StringBuilder();
    for (int quote = next(); quote == '"' || quote == '\''; quote = next()) {
      at++;
      while (sign() != quote) {
        require(sign() != END && sign() != '\n', "a text does not end in its line");
        value.append(sign() == '\\' ? escaped() : text.charAt(at++));
        requireShort(value.length());
      }
      at++;
    }
    return value.toString();
  }

  private char escaped() throws FormatException {
    at++;
    int sign = sign();
    at++;
    return switch (sign) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'a' -> (char) 7;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'v' -> (char) 0x0b;
      case '\\', '\'', '"', '?' -> (char) sign;
      case 'x', 'X' -> code(at, 2, 16);
      case '0', '1', '2', '3', '4', '5', '6', '7' -> code(at - 1, 3, 8);
      default -> throw refused("there is \\" + shown(sign) + " in a text, which is no escape");
    };
  }

  /** A byte by its number; those above 127 are parts of letters, which can be written as such. */
  private char code(int from, int most, int base) throws FormatException {
    int end = from;
    while (end < Math.min(text.length(), from + most) && isDigit(text.charAt(end), base)) {
      end++;
    }
    int value = end == from ? 0 : Integer.parseInt(text.substring(from, end), base);
    require(
        value > 0 && value < 128, "there is an escape of byte " + value + "; allowed: 1 to 127");
    at = end;
    return (char) value;
  }

  private static boolean isDigit(char sign, int base) {
    return sign < 128 && Character.digit(sign, base) >= 0;
  }

  private void requireShort(int letters) throws FormatException {
    require(letters <= MOST_LETTERS, "a word or text has over " + MOST_LETTERS + " letters");
  }

  private static String shown(int sign) {
    return sign == END ? "the end of the file" : "'" + (char) sign + "'";
  }

  private void require(boolean condition, String what) throws FormatException {
    if (!condition) {
      throw refused(what);
    }
  }

  private FormatException refused(String what) {
    return new FormatException(file, "line " + line, what);
  }
}
