package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;

/**
 * A message of protobuf's text format: fields in order, of which any may stand there several times.
 * {@link ProtoTextReader} makes it; no schema is known here.
 *
 * @param file that it stands in, for messages
 */
record ProtoText(Path file, ImmutableList<Field> fields) {

  /** What a field's value is written as. */
  enum Kind {
    STRING("a text in quotes"),
    WORD("a word"),
    NUMBER("a number"),
    MESSAGE("a message in braces");

    private final String title;

    Kind(String title) {
      this.title = title;
    }
  }

  /**
   * A field with one value.
   *
   * @param line in the file, from 1
   * @param text the value, unless it is a message
   * @param fields of the value, if it is a message
   */
  record Field(
      Path file, int line, String name, Kind kind, String text, ImmutableList<Field> fields) {

    /** Returns an exception that says what is wrong with this field. */
    FormatException refused(String what) {
      return new FormatException(file, "line " + line, Printable.name(name) + " " + what);
    }

    private String required(Kind wanted) throws FormatException {
      if (kind != wanted) {
        throw refused("is " + kind.title + "; allowed: " + wanted.title);
      }
      return text;
    }

    String string() throws FormatException {
      return required(Kind.STRING);
    }

    String word() throws FormatException {
      return required(Kind.WORD);
    }

    ProtoText message() throws FormatException {
      required(Kind.MESSAGE);
      return new ProtoText(file, fields);
    }

    /** Returns a whole number of 32 bits, 0 or more. */
    long count() throws FormatException {
      try {
        long value = required(Kind.NUMBER).matches("[+-]?[0-9]+") ? Long.parseLong(text) : hex();
        if (value >= 0 && value <= 0xffffffffL) {
          return value;
        }
      } catch (NumberFormatException e) {
        throw refused("is " + Printable.name(text) + "; allowed: a whole number, 0 to 4294967295");
      }
      throw refused("is " + Printable.name(text) + "; allowed: a whole number, 0 to 4294967295");
    }

    private long hex() {
      if (text.matches("0[xX][0-9a-fA-F]+")) {
        return Long.parseLong(text.substring(2), 16);
      }
      throw new NumberFormatException(text);
    }

    /** Returns a 32-bit float. */
    float real() throws FormatException {
      float value = Float.NaN;
      if (required(Kind.NUMBER)
          .matches("[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?[fF]?")) {
        value = Float.parseFloat(text);
      }
      if (!Float.isFinite(value)) {
        throw refused("is " + Printable.name(text) + "; allowed: a 32-bit float");
      }
      return value;
    }

    /** Returns whether it says true. */
    boolean truth() throws FormatException {
      boolean yes = List.of("true", "True", "t", "1").contains(text);
      boolean no = List.of("false", "False", "f", "0").contains(text);
      if (kind != Kind.WORD && kind != Kind.NUMBER || !yes && !no) {
        throw refused("is " + Printable.name(text) + "; allowed: true or false");
      }
      return yes;
    }
  }

  /** Returns all fields of a name. */
  List<Field> all(String name) {
    return fields.stream().filter(field -> field.name.equals(name)).toList();
  }

  /**
   * Returns the only field of a name.
   *
   * @throws FormatException if there are several
   */
  Optional<Field> one(String name) throws FormatException {
    List<Field> all = all(name);
    if (all.size() > 1) {
      throw all.get(1).refused("stands there a second time; allowed: once");
    }
    return all.stream().findFirst();
  }

  /** Returns the only text of a name, or nothing if there is none. */
  String string(String name) throws FormatException {
    Optional<Field> field = one(name);
    return field.isPresent() ? field.get().string() : "";
  }

  /** Returns all texts of a name. */
  ImmutableList<String> strings(String name) throws FormatException {
    ImmutableList.Builder<String> texts = ImmutableList.builder();
    for (Field field : all(name)) {
      texts.add(field.string());
    }
    return texts.build();
  }
}
