package org.alexnet4j.io;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The dictionary in a NumPy header, as Python's {@code repr} writes it: three keys in any order,
 * with a text, a truth value and a tuple of integers.
 *
 * <p>Read from left to right, each character once.
 */
final class NpyDictionary {
  /** As many as NumPy's own arrays may have. */
  private static final int MAX_AXES = 64;

  private static final int MAX_DIGITS = 18;

  private final Path file;
  private final String text;
  private int at;
  private final Map<String, Object> values = new HashMap<>();

  private NpyDictionary(Path file, String text) {
    this.file = file;
    this.text = text;
  }

  /**
   * Reads a dictionary.
   *
   * @throws FormatException if it is not one, or has other keys or types than NumPy writes
   */
  static NpyDictionary parse(Path file, String text) throws FormatException {
    NpyDictionary dictionary = new NpyDictionary(file, text);
    dictionary.read();
    return dictionary;
  }

  /** Returns the type's name, as in {@code <f4}. */
  String descr() {
    return (String) values.get("descr");
  }

  /** Says whether the first axis is the contiguous one. */
  boolean fortranOrder() {
    return (Boolean) values.get("fortran_order");
  }

  /** Returns the extents. */
  List<Long> shape() {
    List<Long> extents = new ArrayList<>();
    for (Object extent : (List<?>) values.get("shape")) {
      extents.add((Long) extent);
    }
    return List.copyOf(extents);
  }

  private void read() throws FormatException {
    blanks();
    if (!next('{')) {
      throw bad("is not a Python dictionary: " + rest(0));
    }
    blanks();
    while (!next('}')) {
      String key = string("a key");
      blanks();
      expect(':');
      blanks();
      Object value =
          switch (key) {
            case "descr" -> descrValue();
            case "fortran_order" -> truth();
            case "shape" -> tuple();
            default -> throw bad("has the unknown key " + Printable.name(key));
          };
      if (values.put(key, value) != null) {
        throw bad("has the key " + key + " twice");
      }
      blanks();
      if (!next(',') && !(at < text.length() && text.charAt(at) == '}')) {
        throw bad("cannot be understood: " + rest(at));
      }
      blanks();
    }
    blanks();
    if (at < text.length()) {
      throw bad("is not a Python dictionary: " + rest(at) + " follows it");
    }
    if (values.size() < 3) {
      throw bad("needs descr, fortran_order and shape");
    }
  }

  private String descrValue() throws FormatException {
    if (at < text.length() && text.charAt(at) == '[') {
      throw bad("a type of several fields is not read; save each field as an array of its own");
    }
    return string("the type");
  }

  private boolean truth() throws FormatException {
    for (String word : List.of("True", "False")) {
      if (text.startsWith(word, at)) {
        at += word.length();
        return word.equals("True");
      }
    }
    throw bad("cannot be understood: " + rest(at));
  }

  private List<Long> tuple() throws FormatException {
    int from = at;
    List<Long> extents = new ArrayList<>();
    if (!next('(')) {
      throw bad("no such shape: " + rest(from));
    }
    blanks();
    while (!next(')')) {
      int digits = at;
      while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
        at++;
      }
      if (at == digits || at - digits > MAX_DIGITS || extents.size() == MAX_AXES) {
        throw bad("no such shape: " + rest(from));
      }
      extents.add(Long.parseLong(text.substring(digits, at)));
      next('L'); // what Python 2 puts behind long integers
      blanks();
      if (!next(',') && !(at < text.length() && text.charAt(at) == ')')) {
        throw bad("no such shape: " + rest(from));
      }
      blanks();
    }
    return extents;
  }

  private String string(String what) throws FormatException {
    char quote = at < text.length() ? text.charAt(at) : 0;
    int end = quote == '\'' || quote == '"' ? text.indexOf(quote, at + 1) : -1;
    if (end < 0) {
      throw bad("cannot be understood where " + what + " should be: " + rest(at));
    }
    String string = text.substring(at + 1, end);
    at = end + 1;
    return string;
  }

  private void blanks() {
    while (at < text.length() && Character.isWhitespace(text.charAt(at))) {
      at++;
    }
  }

  private boolean next(char wanted) {
    if (at < text.length() && text.charAt(at) == wanted) {
      at++;
      return true;
    }
    return false;
  }

  private void expect(char wanted) throws FormatException {
    if (!next(wanted)) {
      throw bad("cannot be understood, '" + wanted + "' is missing: " + rest(at));
    }
  }

  private String rest(int from) {
    return Printable.text(text.substring(from).strip(), 80);
  }

  private FormatException bad(String what) {
    return new FormatException(file, "header", what);
  }
}
