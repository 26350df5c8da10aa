package org.alexnet4j.config;

import com.google.common.collect.ImmutableList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.alexnet4j.net.LayerSpec;

/**
 * One key on which two configurations differ, presets resolved.
 *
 * @param key path of the key, for example {@code network.layers.conv3.sigma}
 * @param first its value in the first configuration, {@code -} if it has none
 * @param second its value in the second one
 */
public record ConfigDifference(String key, String first, String second) {
  private static final String ABSENT = "-";

  /**
   * {@return all differences in the order of the configurations' keys; none if they are equal}
   *
   * @param first one side
   * @param second the other side
   */
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
    order(first, second).ifPresent(differences::add);
    return differences.build();
  }

  /**
   * Layers run in the order in which they are written: which layers stand where the other has
   * another?
   */
  private static Optional<ConfigDifference> order(Configuration first, Configuration second) {
    List<String> a = common(first, second);
    List<String> b = common(second, first);
    List<String> moved = a.stream().filter(n -> a.indexOf(n) != b.indexOf(n)).toList();
    return moved.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new ConfigDifference(
                "network.layers in order",
                String.join(" ", moved),
                String.join(" ", b.stream().filter(moved::contains).toList())));
  }

  /** Returns the names of the layers that the other configuration has as well, in order. */
  private static List<String> common(Configuration configuration, Configuration other) {
    Set<String> names = new LinkedHashSet<>();
    other.network().layers().forEach(layer -> names.add(layer.name()));
    return configuration.network().layers().stream()
        .map(LayerSpec::name)
        .filter(names::contains)
        .toList();
  }

  private static Map<String, String> values(Configuration configuration) {
    Map<String, String> values = new LinkedHashMap<>();
    String text = ConfigWriter.write(configuration);
    ConfigParser.parse("configuration", text).collectInto(values);
    return values;
  }
}
