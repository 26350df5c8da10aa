package org.alexnet4j.config;

import com.google.common.collect.ImmutableList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;

/**
 * One key on which two configurations differ, presets resolved.
 *
 * @param key path of the key, for example {@code network.layers.conv3.sigma}
 * @param first its value in the first configuration, {@code -} if it has none
 * @param second its value in the second one
 */
public record ConfigDifference(String key, String first, String second) {
  private static final String ABSENT = "-";

  /** Returns all differences in the order of the configurations' keys; none if they are equal. */
  public static ImmutableList<ConfigDifference> between(Configuration first, Configuration second) {
    Map<String, String> before = values(first);
    Map<String, String> after = values(second);
    Set<String> keys = new LinkedHashSet<>(before.keySet());
    keys.addAll(after.keySet());
    ImmutableList.Builder<ConfigDifference> differences = ImmutableList.builder();
    for (String key : keys) {
      String a = before.getOrDefault(key, ABSENT);
      String b = after.getOrDefault(key, ABSENT);
      if (!a.equals(b)) {
        differences.add(new ConfigDifference(key, a, b));
      }
    }
    return differences.build();
  }

  private static Map<String, String> values(Configuration configuration) {
    Map<String, String> values = new LinkedHashMap<>();
    String text = ConfigWriter.write(configuration);
    ConfigNode.parse("configuration", text).collectInto(values);
    // Layers run in the order in which they are written, which is a value of its own.
    StringBuilder order = new StringBuilder();
    configuration
        .network()
        .layers()
        .forEach(layer -> order.append(order.isEmpty() ? "" : " ").append(layer.name()));
    values.put("network.layers in order", order.toString());
    return values;
  }
}
