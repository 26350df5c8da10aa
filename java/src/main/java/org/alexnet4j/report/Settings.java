package org.alexnet4j.report;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** The settings of runs by their full names, such as {@code network.layers.conv1.maps}. */
final class Settings {
  /** Of the environment, what changes results or speed; not when or how often it was started. */
  private static final List<String> COMPARED =
      List.of("seed", "data", "devices", "loaderThreads", "java", "cpu", "cores", "commit");

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
        settings.put(name, value.getAsString());
      }
    }
    return settings;
  }

  private static void flatten(String name, Object value, Map<String, String> to) {
    if (value instanceof Map<?, ?> map) {
      map.forEach((key, v) -> flatten(name.isEmpty() ? "" + key : name + "." + key, v, to));
    } else {
      to.put(name, String.valueOf(value));
    }
  }

  /** Returns the settings that differ, in the order of the runs. */
  static List<Difference> differences(List<Map<String, String>> runs) {
    Set<String> names = new LinkedHashSet<>();
    runs.forEach(run -> names.addAll(run.keySet()));
    List<Difference> differences = new ArrayList<>();
    for (String name : names) {
      List<String> values = runs.stream().map(run -> run.getOrDefault(name, "")).toList();
      if (new LinkedHashSet<>(values).size() > 1) {
        differences.add(new Difference(name, values));
      }
    }
    return differences;
  }
}
