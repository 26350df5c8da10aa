package org.alexnet4j.io;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A JSON object of a file with its place there, whose fields are looked at before they are used: a
 * text where a number should be is an exception that names file, place and field.
 *
 * @param file the file
 * @param place such as {@code line 7}
 * @param json the object
 * @hidden
 */
public record JsonRecord(Path file, String place, JsonObject json) {

  /**
   * {@return a text}
   *
   * @param field its name
   * @throws FormatException if it is missing or something else
   */
  public String text(String field) throws FormatException {
    return optionalText(field).orElseThrow(() -> bad(field, "a text"));
  }

  /**
   * {@return a text, or nothing if it is missing or null}
   *
   * @param field its name
   * @throws FormatException if it is something else
   */
  public Optional<String> optionalText(String field) throws FormatException {
    JsonElement value = json.get(field);
    if (value == null || value.isJsonNull()) {
      return Optional.empty();
    }
    if (value instanceof JsonPrimitive primitive && primitive.isString()) {
      return Optional.of(primitive.getAsString());
    }
    throw bad(field, "a text");
  }

  /**
   * {@return a whole number}
   *
   * @param field its name
   * @param least least value that is allowed
   * @param most greatest value that is allowed
   * @throws FormatException if it is missing or none, or outside {@code [least, most]}
   */
  public long whole(String field, long least, long most) throws FormatException {
    if (json.get(field) instanceof JsonPrimitive primitive && primitive.isNumber()) {
      String digits = primitive.getAsString();
      if (digits.matches("-?[0-9]{1,19}")) {
        BigInteger value = new BigInteger(digits);
        if (value.compareTo(BigInteger.valueOf(least)) >= 0
            && value.compareTo(BigInteger.valueOf(most)) <= 0) {
          return value.longValue();
        }
      }
    }
    throw bad(field, "a whole number from " + least + " to " + most);
  }

  /**
   * {@return a number; NaN if it is missing} The texts {@code NaN}, {@code Infinity} and {@code
   * -Infinity} are numbers here, as {@link JsonLines} writes them.
   *
   * @param field its name
   * @throws FormatException if it is something else
   */
  public double number(String field) throws FormatException {
    JsonElement value = json.get(field);
    if (value == null) {
      return Double.NaN;
    }
    if (value instanceof JsonPrimitive primitive) {
      String text = primitive.getAsString();
      if (primitive.isNumber() && text.length() <= 64) {
        return Double.parseDouble(text);
      }
      if (primitive.isString() && text.matches("NaN|-?Infinity")) {
        return Double.parseDouble(text);
      }
    }
    throw bad(field, "a number");
  }

  private FormatException bad(String field, String allowed) {
    JsonElement value = json.get(field);
    String found = value == null ? "is missing" : "is " + Printable.name(value.toString());
    return new FormatException(file, place, field + " " + found + "; allowed: " + allowed);
  }
}
