package org.alexnet4j.config;

import com.google.common.collect.ImmutableSortedMap;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/**
 * A YAML value with its place. Mappings merge, so that a file states only what it changes; reading
 * a key marks it as known, and {@link #finish} names the first one that nobody asked for.
 */
final class ConfigNode {
  private final String place;
  private final String path;
  private final String scalar;
  private final List<ConfigNode> items;
  private final Map<String, ConfigNode> fields;
  private final Set<String> known = new LinkedHashSet<>();

  private ConfigNode(
      String place,
      String path,
      String scalar,
      List<ConfigNode> items,
      Map<String, ConfigNode> fields) {
    this.place = place;
    this.path = path;
    this.scalar = scalar;
    this.items = items;
    this.fields = fields;
  }

  /**
   * Parses a YAML text whose top is a mapping.
   *
   * @param file named in messages
   */
  static ConfigNode parse(String file, String text) {
    Node root;
    try {
      LoadSettings settings = LoadSettings.builder().setLabel(file).build();
      root =
          new Compose(settings)
              .composeString(text)
              .orElseThrow(() -> new ConfigException(file + ": the file is empty"));
    } catch (YamlEngineException e) {
      throw new ConfigException(file + ": not YAML: " + e.getMessage().replace('\n', ' '));
    } catch (StackOverflowError e) { // the parser calls itself for every bracket
      throw new ConfigException(file + ": nested deeper than a configuration is");
    }
    ConfigNode node = new Conversion(file).convert("", root, 0);
    if (node.fields == null) {
      throw new ConfigException(node.place + ": the top must be a mapping");
    }
    return node;
  }

  /** Turns the parser's nodes into ours, within limits: an alias may repeat a part, or itself. */
  private static final class Conversion {
    private static final int MAX_DEPTH = 16;
    private static final int MAX_NODES = 100_000;

    private final String file;
    private int nodes;

    Conversion(String file) {
      this.file = file;
    }

    ConfigNode convert(String path, Node node, int depth) {
      String place = file + ":" + node.getStartMark().map(m -> m.getLine() + 1).orElse(0);
      if (depth > MAX_DEPTH || ++nodes > MAX_NODES) {
        throw new ConfigException(
            place + ": nested deeper or longer than a configuration is, perhaps by an alias");
      }
      if (node instanceof ScalarNode scalar) {
        return new ConfigNode(place, path, scalar.getValue(), null, null);
      }
      if (node instanceof SequenceNode sequence) {
        List<ConfigNode> items = new ArrayList<>();
        for (Node item : sequence.getValue()) {
          items.add(convert(path + "[" + items.size() + "]", item, depth + 1));
        }
        return new ConfigNode(place, path, null, items, null);
      }
      Map<String, ConfigNode> fields = new LinkedHashMap<>();
      for (NodeTuple tuple : ((MappingNode) node).getValue()) {
        if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
          throw new ConfigException(place + ": a key must be a plain word");
        }
        String name = key.getValue();
        String inner = path.isEmpty() ? name : path + "." + name;
        if (fields.put(name, convert(inner, tuple.getValueNode(), depth + 1)) != null) {
          throw new ConfigException(place + ": key '" + inner + "' comes twice");
        }
      }
      return new ConfigNode(place, path, null, null, fields);
    }
  }

  /** Returns this mapping with the changes of another: mappings merge, everything else replaces. */
  ConfigNode merged(ConfigNode changes) {
    if (fields == null || changes.fields == null) {
      return changes;
    }
    Map<String, ConfigNode> all = new LinkedHashMap<>(fields);
    changes.fields.forEach(
        (key, value) -> all.merge(key, value, (old, change) -> old.merged(change)));
    return new ConfigNode(changes.place, path, null, null, all);
  }

  ConfigException error(String problem) {
    String what = path.isEmpty() ? "" : path + " ";
    return new ConfigException(place + ": " + what + problem);
  }

  boolean has(String key) {
    known.add(key);
    return mapping().containsKey(key);
  }

  ConfigNode field(String key) {
    known.add(key);
    ConfigNode value = mapping().get(key);
    if (value == null) {
      throw error("lacks the key '" + key + "'");
    }
    return value;
  }

  /** Returns all fields of a mapping whose keys are names of the user's choice. */
  Map<String, ConfigNode> entries() {
    known.addAll(mapping().keySet());
    return mapping();
  }

  private Map<String, ConfigNode> mapping() {
    if (fields == null) {
      throw error("must be a mapping");
    }
    return fields;
  }

  /** Names the first key that nothing asked for. */
  void finish() {
    for (Map.Entry<String, ConfigNode> entry : mapping().entrySet()) {
      if (!known.contains(entry.getKey())) {
        throw entry.getValue().error("is no known key; allowed: " + String.join(", ", known));
      }
    }
  }

  /** Puts every value below this one under its path; a list is one value. */
  void collectInto(Map<String, String> values) {
    if (fields != null) {
      fields.values().forEach(field -> field.collectInto(values));
    } else {
      values.put(
          path, items == null ? scalar : items.stream().map(ConfigNode::text).toList().toString());
    }
  }

  boolean isOff() {
    return scalar != null && scalar.equals("off");
  }

  boolean isScalar() {
    return scalar != null;
  }

  String text() {
    if (scalar == null) {
      throw error("must be a single value");
    }
    return scalar;
  }

  String text(String key, String ifAbsent) {
    return has(key) ? field(key).text() : ifAbsent;
  }

  int integer(String key) {
    return field(key).integer();
  }

  int integer(String key, int ifAbsent) {
    return has(key) ? field(key).integer() : ifAbsent;
  }

  private int integer() {
    try {
      return Integer.parseInt(text());
    } catch (NumberFormatException e) {
      throw error("is '" + scalar + "'; allowed: a whole number");
    }
  }

  List<Integer> integers(String key) {
    if (!has(key)) {
      return List.of();
    }
    ConfigNode list = field(key);
    if (list.items == null) {
      throw list.error("must be a list of whole numbers");
    }
    return list.items.stream().map(ConfigNode::integer).toList();
  }

  float number(String key) {
    return field(key).number();
  }

  float number(String key, float ifAbsent) {
    return has(key) ? field(key).number() : ifAbsent;
  }

  private float number() {
    try {
      float value = Float.parseFloat(text());
      if (Float.isFinite(value)) {
        return value;
      }
    } catch (NumberFormatException e) {
      // Said below, together with infinities.
    }
    throw error("is '" + scalar + "'; allowed: a finite number");
  }

  /** Returns a mapping from epochs to numbers, by epoch. */
  ImmutableSortedMap<Integer, Float> numbersByEpoch() {
    Map<Integer, Float> numbers = new TreeMap<>();
    for (Map.Entry<String, ConfigNode> entry : entries().entrySet()) {
      if (!entry.getKey().matches("[0-9]{1,9}")) {
        throw entry.getValue().error("is no epoch; allowed: whole numbers from 0");
      }
      if (numbers.put(Integer.parseInt(entry.getKey()), entry.getValue().number()) != null) {
        throw entry.getValue().error("is an epoch that comes twice");
      }
    }
    return ImmutableSortedMap.copyOf(numbers);
  }

  boolean flag(String key, boolean ifAbsent) {
    if (!has(key)) {
      return ifAbsent;
    }
    return field(key).choice(Map.of("true", true, "false", false));
  }

  <T> T choice(String key, Map<String, T> allowed, T ifAbsent) {
    return has(key) ? field(key).choice(allowed) : ifAbsent;
  }

  private <T> T choice(Map<String, T> allowed) {
    T value = allowed.get(text());
    if (value == null) {
      throw error(
          "is '"
              + scalar
              + "'; allowed: "
              + String.join(", ", allowed.keySet().stream().sorted().toList()));
    }
    return value;
  }
}
