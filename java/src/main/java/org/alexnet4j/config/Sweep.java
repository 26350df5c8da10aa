package org.alexnet4j.config;

import com.google.common.collect.ImmutableMap;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The lists of values that an experiment tries in all combinations, {@code sweep: {training.rate:
 * [0.01, 0.02]}}, without any the one combination that changes nothing.
 */
final class Sweep {
  private static final String START = "start";

  private final ImmutableMap<String, ConfigNode> lists; // by the key of a configuration

  private Sweep(Map<String, ConfigNode> lists) {
    this.lists = ImmutableMap.copyOf(lists);
  }

  /** Reads what an experiment sweeps. */
  static Sweep of(ConfigNode root) {
    if (!root.has("sweep")) {
      return new Sweep(Map.of());
    }
    Map<String, ConfigNode> lists = root.field("sweep").entries();
    if (lists.isEmpty()) {
      throw root.field("sweep").error("is empty; allowed: KEY: [VALUE, ...], one or more");
    }
    lists.forEach(
        (key, values) -> ExperimentReader.requireOfVariants(key.replaceFirst("\\..*", ""), values));
    return new Sweep(lists);
  }

  boolean isEmpty() {
    return lists.isEmpty();
  }

  /** Returns all combinations, the changes of each by the name that they give a variant. */
  Map<String, List<ConfigNode>> combinations() {
    Map<String, List<ConfigNode>> all = Map.of("", List.of());
    for (Map.Entry<String, ConfigNode> list : lists.entrySet()) {
      Map<String, List<ConfigNode>> more = new LinkedHashMap<>();
      for (Map.Entry<String, List<ConfigNode>> so : all.entrySet()) {
        for (ConfigNode value : list.getValue().list("values")) {
          List<ConfigNode> changes = new ArrayList<>(so.getValue());
          changes.add(Settings.change(value.where(), list.getKey(), value.text()));
          String name = (so.getKey().isEmpty() ? "" : so.getKey() + "-") + name(list, value);
          if (more.put(name, changes) != null) {
            throw value.error("comes twice");
          }
        }
      }
      all = more;
    }
    return all;
  }

  /** Returns what a value adds to a variant's name, {@code rate-0.01}. */
  private static String name(Map.Entry<String, ConfigNode> list, ConfigNode value) {
    String word = list.getKey().substring(list.getKey().lastIndexOf('.') + 1);
    String name = word + "-" + value.text();
    if (!ExperimentReader.NAME.matcher(name).matches()) {
      throw value.error("makes '" + name + "', which " + ExperimentReader.NO_NAME);
    }
    return name;
  }

  /** Refuses a variant that states what is swept: the sweep would take the place of it. */
  void refuseStated(ConfigNode variant) {
    lists.forEach(
        (key, values) -> {
          if (variant.has("change")) {
            refuseStated(variant.field("change"), Arrays.asList(key.split("\\.")), values);
          }
          boolean start = key.equals(START) || key.startsWith(START + ".");
          if (start && variant.has(START)) {
            throw bothState(variant.field(START), values);
          }
        });
  }

  private static void refuseStated(ConfigNode change, List<String> keys, ConfigNode values) {
    for (int count = 1; count <= keys.size(); count++) {
      boolean whole = count == keys.size();
      change
          .at(keys.subList(0, count))
          .filter(stated -> whole || stated.isScalar())
          .ifPresent(
              stated -> {
                throw bothState(stated, values);
              });
    }
  }

  private static ConfigException bothState(ConfigNode stated, ConfigNode values) {
    return stated.error("is swept as well, " + values.where() + "; allowed: one of the two");
  }
}
