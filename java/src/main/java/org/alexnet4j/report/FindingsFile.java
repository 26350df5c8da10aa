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

/** Reads {@code findings.json}, and checks that it has the parts that the page's script takes. */
final class FindingsFile {
  private static final int MOST_BYTES = 64 << 20;
  private static final List<String> VALUES =
      List.of(
          "heldOutImages",
          "trainImages",
          "seconds",
          "top1Error",
          "top5Error",
          "distanceLayer",
          "layerImages",
          "gradientImages");

  private final Path file;

  private FindingsFile(Path file) {
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
    new FindingsFile(file).require(root);
    return root;
  }

  private void require(JsonElement root) throws FormatException {
    JsonObject findings = object(root, "content");
    for (String name : VALUES) {
      if (!(findings.get(name) instanceof JsonPrimitive)) {
        throw new FormatException(file, name, "is missing or no single value");
      }
    }
    JsonArray examples = list(findings, "examples");
    if (examples.isEmpty()) {
      throw new FormatException(file, "examples", "is empty; allowed: one image or more");
    }
    for (JsonElement example : examples) {
      picture(object(example, "examples"));
      list(object(example, "examples"), "guesses");
    }
    for (JsonElement neighbours : list(findings, "neighbours")) {
      picture(object(neighbours, "neighbours"));
      for (JsonElement nearest : list(object(neighbours, "neighbours"), "nearest")) {
        picture(object(nearest, "nearest"));
      }
    }
    JsonObject confusion = object(findings.get("confusion"), "confusion");
    for (String name : List.of("classes", "counts", "others")) {
      list(confusion, name);
    }
    for (JsonElement layer : list(findings, "layers")) {
      list(object(layer, "layers"), "towers");
    }
  }

  private void picture(JsonObject of) throws FormatException {
    JsonObject image = object(of.get("image"), "image");
    for (String name : List.of("name", "label", "picture")) {
      if (!(image.get(name) instanceof JsonPrimitive)) {
        throw new FormatException(file, "image", name + " is missing or no text");
      }
    }
  }

  private JsonObject object(JsonElement value, String place) throws FormatException {
    if (value instanceof JsonObject object) {
      return object;
    }
    throw new FormatException(file, place, "is missing or no JSON object");
  }

  private JsonArray list(JsonObject of, String name) throws FormatException {
    if (of.get(name) instanceof JsonArray array) {
      return array;
    }
    throw new FormatException(file, name, "is missing or no list");
  }
}
