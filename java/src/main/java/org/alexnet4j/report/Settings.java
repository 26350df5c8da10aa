package org.alexnet4j.report;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The settings of runs by their full names, such as {@code network.layers.conv1.maps}. */
final class Settings {
  /** Of the environment, what changes results or speed; not when or how often it was started. */
  private static final List<String> COMPARED =
      List.of(
          "seed",
          "data",
          "devices",
          "engines",
          "kernels",
          "loaderThreads",
          "java",
          "cpu",
          "cores",
          "commit");

  private static final String LAYERS = "network.layers.";

  /** What a layer is that a run has. */
  static final String ON = "on";

  /** What a layer is that a run has not. */
  static final String OFF = "off";

  private Settings() {}

  /** A setting that is not the same in all runs; an empty text where a run has none. */
  record Difference(String name, List<String> values) {}

  static Map<String, String> of(String yaml, JsonObject environment) {
    Map<String, String> settings = new LinkedHashMap<>();
    Object root = new Load(LoadSettings.builder().build()).loadFromString(yaml);
    flatten("", root, settings);
    for (String name : COMPARED) {
      JsonElement value = environment.get(name);
      if (value != null && !value.isJsonNull()) {
        settings.put(name, value.isJsonArray() ? joined(value) : value.getAsString());
      }
    }
    return settings;
  }

  private static String joined(JsonElement array) {
    return array.getAsJsonArray().asList().stream()
        .map(JsonElement::getAsString)
        .collect(Collectors.joining(", "));
  }

  private static void flatten(String name, Object value, Map<String, String> to) {
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, v) -> flatten(name.isEmpty() ? "" + key : name + "." + key, v, to));
    } else {
      to.put(name, String.valueOf(value));
    }
  }

  /**
   * Returns the settings that differ, in the order of the runs. A layer that some runs have and
   * others have not is one difference, {@link #ON} or {@link #OFF}, however many settings it has.
   */
  static List<Difference> differences(List<Map<String, String>> runs) {
    Set<String> names = new LinkedHashSet<>();
    runs.forEach(run -> names.addAll(run.keySet()));
    Set<String> absent = new LinkedHashSet<>();
    List<Difference> differences = new ArrayList<>();
    for (String name : names) {
      String layer = layer(name);
      if (layer != null && runs.stream().anyMatch(run -> !has(run, layer))) {
        if (absent.add(layer)) {
          List<String> values = runs.stream().map(run -> has(run, layer) ? ON : OFF).toList();
          differences.add(new Difference(layer, values));
        }
        continue;
      }
      List<String> values = runs.stream().map(run -> run.getOrDefault(name, "")).toList();
      if (new LinkedHashSet<>(values).size() > 1) {
        differences.add(new Difference(name, values));
      }
    }
    return differences;
  }

  /** Returns the layer that a setting is of, or null. */
  private static String layer(String name) {
    if (!name.startsWith(LAYERS)) {
      return null;
    }
    int dot = name.indexOf('.', LAYERS.length());
    return dot < 0 ? null : name.substring(LAYERS.length(), dot);
  }

  private static boolean has(Map<String, String> run, String layer) {
    return run.containsKey(LAYERS + layer + ".type");
  }

  /** Returns {@code conv1 maps} for {@code network.layers.conv1.maps}. */
  static String brief(String name) {
    String layer = layer(name);
    return layer == null
        ? name.substring(name.indexOf('.') + 1)
        : layer + " " + name.substring(LAYERS.length() + layer.length() + 1);
  }
}
