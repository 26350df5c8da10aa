package org.alexnet4j.report;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.RegularFile;

/** Reads {@code maps.json}, and checks that it has the parts that the page's script takes. */
final class MapsFile {
  private static final int MOST_BYTES = 64 << 20;
  private static final List<String> OF_ALL = List.of("step", "image", "picture", "side");
  private static final List<String> OF_LAYER = List.of("name", "kind", "maps", "field");
  private static final List<String> OF_MAP =
      List.of("map", "value", "row", "column", "picture", "top", "left", "bottom", "right", "seen");

  private final Path file;

  private MapsFile(Path file) {
    this.file = file;
  }

  /**
   * Reads the file.
   *
   * @return JSON's null if there is none
   * @throws FormatException if it is damaged; the text names the place
   */
  static JsonElement read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return JsonNull.INSTANCE;
    }
    JsonElement root;
    try {
      root = JsonParser.parseString(RegularFile.readText(file, MOST_BYTES));
    } catch (JsonParseException e) {
      throw new FormatException(file, "content", "is no JSON");
    }
    MapsFile maps = new MapsFile(file);
    maps.require(root, "content", OF_ALL);
    for (JsonElement layer : maps.list(root, "layers")) {
      maps.require(layer, "layers", OF_LAYER);
      for (JsonElement map : maps.list(layer, "shown")) {
        maps.require(map, "shown", OF_MAP);
      }
    }
    return root;
  }

  private void require(JsonElement value, String place, List<String> names) throws IOException {
    if (!(value instanceof JsonObject object)) {
      throw new FormatException(file, place, "is no JSON object");
    }
    for (String name : names) {
      if (!(object.get(name) instanceof JsonPrimitive)) {
        throw new FormatException(file, place, name + " is missing or no single value");
      }
    }
  }

  private JsonArray list(JsonElement of, String name) throws FormatException {
    if (of.getAsJsonObject().get(name) instanceof JsonArray array) {
      return array;
    }
    throw new FormatException(file, name, "is missing or no list");
  }
}
