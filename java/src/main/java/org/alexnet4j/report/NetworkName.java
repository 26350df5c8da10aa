package org.alexnet4j.report;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.ConfigWriter;

/**
 * Names a network by what makes it another one than the preset that it bears the name of: {@code
 * paper-2012 without norm1, norm2}.
 */
final class NetworkName {
  private static final int MOST_CHANGES = 3;
  private static final String NETWORK = "network.";

  private NetworkName() {}

  /**
   * Returns the name, with up to three changes.
   *
   * @param name as the configuration has it
   * @param settings of the run, by full names
   */
  static String of(String name, Map<String, String> settings) {
    if (!ConfigReader.PRESETS.contains(name)) {
      return name;
    }
    String preset = ConfigWriter.write(ConfigReader.preset(name));
    List<Settings.Difference> changes =
        Settings.differences(
            List.of(ofNetwork(Settings.of(preset, new JsonObject())), ofNetwork(settings)));
    List<String> without = new ArrayList<>();
    List<String> with = new ArrayList<>();
    for (Settings.Difference change : changes) {
      if (change.values().equals(List.of(Settings.ON, Settings.OFF))) {
        without.add(change.name());
      } else if (change.values().equals(List.of(Settings.OFF, Settings.ON))) {
        with.add(change.name());
      } else {
        with.add(Settings.brief(change.name()) + " " + change.values().get(1));
      }
    }
    if (changes.size() > MOST_CHANGES) {
      return name + " with " + changes.size() + " changes";
    }
    String added = with.isEmpty() ? "" : " with " + String.join(", ", with);
    String left = without.isEmpty() ? "" : " without " + String.join(", ", without);
    return Stream.of(name, added, left).reduce("", String::concat);
  }

  private static Map<String, String> ofNetwork(Map<String, String> settings) {
    Map<String, String> network = new LinkedHashMap<>(settings);
    network.keySet().removeIf(key -> !key.startsWith(NETWORK));
    return network;
  }
}
