package org.alexnet4j.io;

import static java.nio.file.StandardOpenOption.APPEND;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.google.gson.JsonSerializer;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;

/**
 * Appends records to a file of JSON lines; each line is in the file when {@link #write} returns.
 *
 * <p>JSON has no number for NaN and the infinities; they are written as the strings {@code "NaN"},
 * {@code "Infinity"} and {@code "-Infinity"}, so that a diverged run stays readable. One thread
 * writes.
 *
 * @hidden
 */
public final class JsonLines implements AutoCloseable {
  private static final Gson GSON =
      new GsonBuilder()
          .disableHtmlEscaping()
          .registerTypeAdapter(Double.class, (JsonSerializer<Double>) (v, t, c) -> number(v))
          .registerTypeAdapter(double.class, (JsonSerializer<Double>) (v, t, c) -> number(v))
          .registerTypeAdapter(Float.class, (JsonSerializer<Float>) (v, t, c) -> number(v))
          .registerTypeAdapter(float.class, (JsonSerializer<Float>) (v, t, c) -> number(v))
          .create();

  private static final int MAX_LINE_BYTES = 1 << 20;

  private final Path file;
  private final FileChannel channel;

  private JsonLines(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Opens a file for appending; it is created if missing.
   *
   * @param file the file
   * @return what appends lines
   * @throws IOException if the file cannot be written
   */
  public static JsonLines append(Path file) throws IOException {
    return new JsonLines(file, RegularFile.open(file, CREATE, APPEND, WRITE));
  }

  /**
   * {@return the JSON text of a record, map or list, on one line}
   *
   * @param value numbers, texts, lists and maps of these
   */
  public static String toJson(Object value) {
    return GSON.toJson(value);
  }

  /**
   * Reads all lines. An unfinished last line, left by a process that was killed, is passed over.
   *
   * @param file the file
   * @return the records, in the order of the lines
   * @throws FormatException if another line is no JSON object; the text names the line
   * @throws IOException if the file cannot be read
   */
  public static List<JsonObject> read(Path file) throws IOException {
    List<JsonObject> objects = new ArrayList<>();
    forEach(file, line -> objects.add(line.json()));
    return objects;
  }

  /**
   * Takes one line after the other.
   *
   * @hidden
   */
  public interface Visitor {
    /**
     * Takes a line.
     *
     * @param line an object
     * @throws IOException to stop; the line is then not taken
     */
    void at(JsonRecord line) throws IOException;
  }

  /**
   * Visits the lines one after the other, as {@link #read} would return them.
   *
   * @param file the file
   * @param visitor takes the records
   * @throws FormatException if a line is no JSON object, not UTF-8, or over 1 MiB; the text names
   *     the line
   * @throws IOException if the file cannot be read
   */
  public static void forEach(Path file, Visitor visitor) throws IOException {
    try (InputStream in =
        new BufferedInputStream(
            Channels.newInputStream(RegularFile.open(file, StandardOpenOption.READ)))) {
      ByteArrayOutputStream line = new ByteArrayOutputStream();
      int number = 1;
      for (int next = in.read(); next >= 0; next = in.read()) {
        String place = "line " + number;
        if (next == '\n') {
          visitor.at(parse(file, place, line.toByteArray()));
          line.reset();
          number++;
        } else if (line.size() == MAX_LINE_BYTES) {
          throw new FormatException(
              file, place, "is longer than " + MAX_LINE_BYTES + " bytes, which no line is");
        } else {
          line.write(next);
        }
      }
    }
  }

  /**
   * Appends one record as a line.
   *
   * @param value a record or a map
   * @throws IOException if the disk is full or fails; nothing of the line is left then, as far as
   *     the disk allows, so that the file can be read
   */
  public void write(Object value) throws IOException {
    ByteBuffer line = ByteBuffer.wrap((GSON.toJson(value) + "\n").getBytes(StandardCharsets.UTF_8));
    long before = channel.size();
    try {
      while (line.hasRemaining()) {
        channel.write(line);
      }
    } catch (IOException e) {
      IOException failure = new IOException(file + ": writing failed: " + e.getMessage(), e);
      try {
        channel.truncate(before);
      } catch (IOException again) {
        failure.addSuppressed(again);
      }
      throw failure;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private static JsonElement number(double value) {
    return Double.isFinite(value)
        ? new JsonPrimitive(value)
        : new JsonPrimitive(Double.toString(value));
  }

  private static JsonElement number(float value) {
    // As a float, so that 0.1f is written as 0.1 and reads back to the same bits.
    return Float.isFinite(value)
        ? new JsonPrimitive((Number) value)
        : new JsonPrimitive(Float.toString(value));
  }

  private static JsonRecord parse(Path file, String place, byte[] bytes) throws FormatException {
    try {
      String text = RegularFile.decode(file, place, bytes);
      return new JsonRecord(file, place, JsonParser.parseString(text).getAsJsonObject());
    } catch (JsonParseException | IllegalStateException e) {
      throw new FormatException(file, place, "is no JSON object");
    }
  }
}
