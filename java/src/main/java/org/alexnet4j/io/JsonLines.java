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
import java.io.IOException;
import java.io.Reader;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * Appends records to a file of JSON lines; each line is in the file when {@link #write} returns.
 *
 * <p>JSON has no number for NaN and the infinities; they are written as the strings {@code "NaN"},
 * {@code "Infinity"} and {@code "-Infinity"}, so that a diverged run stays readable. One thread
 * writes.
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

  private final Path file;
  private final FileChannel channel;

  private JsonLines(Path file, FileChannel channel) {
    this.file = file;
    this.channel = channel;
  }

  /**
   * Opens a file for appending; it is created if missing.
   *
   * @throws IOException if the file cannot be written
   */
  public static JsonLines append(Path file) throws IOException {
    return new JsonLines(file, FileChannel.open(file, CREATE, APPEND, WRITE));
  }

  /** Returns the JSON text of a record, map or list, on one line. */
  public static String toJson(Object value) {
    return GSON.toJson(value);
  }

  /**
   * Reads all lines. An unfinished last line, left by a process that was killed, is passed over.
   *
   * @throws FormatException if another line is no JSON object; the text names the line
   * @throws IOException if the file cannot be read
   */
  public static List<JsonObject> read(Path file) throws IOException {
    List<JsonObject> objects = new ArrayList<>();
    forEach(file, objects::add);
    return objects;
  }

  /**
   * Visits the lines one after the other, as {@link #read} would return them.
   *
   * @throws FormatException if a line is no JSON object; the text names the line
   * @throws IOException if the file cannot be read
   */
  public static void forEach(Path file, Consumer<JsonObject> visitor) throws IOException {
    try (Reader reader = Files.newBufferedReader(file)) {
      StringBuilder line = new StringBuilder();
      int number = 0;
      for (int next = reader.read(); next >= 0; next = reader.read()) {
        if (next == '\n') {
          visitor.accept(parse(file, ++number, line.toString()));
          line.setLength(0);
        } else {
          line.append((char) next);
        }
      }
    }
  }

  /**
   * Keeps the lines that satisfy {@code keep} and drops the others, atomically. A resumed run uses
   * this to drop what came after its checkpoint.
   *
   * @throws IOException if the file cannot be read or written
   */
  public static void retain(Path file, Predicate<JsonObject> keep) throws IOException {
    StringBuilder text = new StringBuilder();
    for (JsonObject object : read(file)) {
      if (keep.test(object)) {
        text.append(GSON.toJson(object)).append('\n');
      }
    }
    AtomicFile.writeText(file, text.toString());
  }

  /**
   * Appends one record as a line.
   *
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

  private static JsonObject parse(Path file, int line, String text) throws FormatException {
    try {
      return JsonParser.parseString(text).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException e) {
      throw new FormatException(file, "line " + line, "is no JSON object");
    }
  }
}
