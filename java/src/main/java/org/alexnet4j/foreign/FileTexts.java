package org.alexnet4j.foreign;

import com.google.common.collect.ImmutableList;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.config.ConfigException;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.foreign.file.ForeignFile;
import org.alexnet4j.io.FormatException;

/** What our own exports say beside their tensors, so that they come back as they went. */
final class FileTexts {
  /** The tensor of the mean: {@code [3]}, or {@code [3][side][side]}, red first. */
  static final String MEAN = "alexnet4j.mean";

  static final String CONFIGURATION = "alexnet4j.configuration";
  static final String CLASSES = "alexnet4j.classes";

  /** How the network is fed, for a person. */
  static final String INPUT = "alexnet4j.input";

  /** Stated where a graph multiplies by dropout's factor itself, so that weights are as here. */
  static final String DROPOUT = "alexnet4j.dropout";

  static final String IN_GRAPH = "not inverted; the graph multiplies";

  private FileTexts() {}

  /** Returns the network that a file says it is of. */
  static Optional<Configuration> configuration(ForeignFile file) throws FormatException {
    String text = file.metadata().get(CONFIGURATION);
    if (text == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(ConfigReader.text(file.file().toString(), text));
    } catch (ConfigException e) {
      throw new FormatException(file.file(), CONFIGURATION, e.getMessage());
    }
  }

  /** Returns the names of the classes that a file states. */
  static Optional<List<String>> classes(ForeignFile file) throws FormatException {
    String text = file.metadata().get(CLASSES);
    if (text == null) {
      return Optional.empty();
    }
    try {
      if (JsonParser.parseString(text) instanceof JsonArray array) {
        ImmutableList.Builder<String> names = ImmutableList.builder();
        for (JsonElement name : array) {
          names.add(name.getAsString());
        }
        return Optional.of(names.build());
      }
    } catch (JsonParseException | IllegalStateException | UnsupportedOperationException e) {
      throw new FormatException(file.file(), CLASSES, "is no JSON list (" + e.getMessage() + ")");
    }
    throw new FormatException(file.file(), CLASSES, "is no JSON list of texts");
  }
}
