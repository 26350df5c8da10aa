package org.alexnet4j.config;

import com.google.common.collect.ImmutableSortedMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.DoublePredicate;
import java.util.regex.Pattern;
import org.alexnet4j.text.Suggestion;

/**
 * A YAML value with its place. Mappings merge, so that a file states only what it changes; reading
 * a key marks it as known, and {@link #finish} names the first one that nobody asked for.
 */
final class ConfigNode {
  private static final Pattern WHOLE = Pattern.compile("-?(0|[1-9][0-9]*)");
  private static final Pattern DECIMAL =
      Pattern.compile("[-+]?([0-9]+(\\.[0-9]*)?|\\.[0-9]+)([eE][-+]?[0-9]+)?");

  /** What other versions of YAML, and people, write for the same. */
  private static final Set<String> YES = Set.of("true", "on", "yes", "y");

  private static final Set<String> NO = Set.of("false", "off", "no", "n");

  /**
   * Where a value is stated.
   *
   * @param file as messages call it
   * @param line from 1, or 0 if there are no lines
   */
  record Place(String file, int line) {
    @Override
    public String toString() {
      return line == 0 ? file : file + ":" + line;
    }
  }

  private final Place place;
  private final String path;
  private final String scalar;
  private final boolean plain;
  private final List<ConfigNode> items;
  private final Map<String, ConfigNode> fields;
  private final Set<String> known = new LinkedHashSet<>();

  private ConfigNode(
      Place place,
      String path,
      String scalar,
      boolean plain,
      List<ConfigNode> items,
      Map<String, ConfigNode> fields) {
    this.place = place;
    this.path = path;
    this.scalar = scalar;
    this.plain = plain;
    this.items = items;
    this.fields = fields;
  }

  /** Makes a single value; {@code plain} if it stood without quotes. */
  static ConfigNode scalar(Place place, String path, String value, boolean plain) {
    return new ConfigNode(place, path, value, plain, null, null);
  }

  static ConfigNode list(Place place, String path, List<ConfigNode> items) {
    return new ConfigNode(place, path, null, false, items, null);
  }

  static ConfigNode mapping(Place place, String path, Map<String, ConfigNode> fields) {
    return new ConfigNode(place, path, null, false, null, fields);
  }

  /** Returns a mapping, at a path, that has this value alone. */
  ConfigNode under(String key, String above) {
    return mapping(place, above, Map.of(key, this));
  }

  /** Returns the value below this one that some keys lead to, if there is one. */
  Optional<ConfigNode> at(List<String> keys) {
    ConfigNode node = this;
    for (String key : keys) {
      if (node.fields == null || !node.fields.containsKey(key)) {
        return Optional.empty();
      }
      node = node.fields.get(key);
    }
    return Optional.of(node);
  }

  ConfigNode requireMapping() {
    if (fields == null) {
      throw error("must be a mapping");
    }
    return this;
  }

  /**
   * Returns this mapping with the changes of another: mappings merge, everything else replaces. A
   * layer of another type replaces the whole layer.
   */
  ConfigNode merged(ConfigNode changes) {
    if (fields == null || changes.fields == null || changesType(changes)) {
      return changes;
    }
    Map<String, ConfigNode> all = new LinkedHashMap<>(fields);
    changes.fields.forEach(
        (key, value) -> all.merge(key, value, (old, change) -> old.merged(change)));
    return mapping(changes.place, path, all);
  }

  /** Returns the same mapping with one value set. */
  ConfigNode with(String key, ConfigNode value) {
    Map<String, ConfigNode> all = new LinkedHashMap<>(requireMapping().fields);
    all.put(key, value);
    return mapping(place, path, all);
  }

  /** Returns the same mapping without a key. */
  ConfigNode without(String key) {
    Map<String, ConfigNode> all = new LinkedHashMap<>(requireMapping().fields);
    all.remove(key);
    return mapping(place, path, all);
  }

  /** Returns a text in the place of this value. */
  ConfigNode named(String text) {
    return scalar(place, path, text, true);
  }

  /** Returns a mapping in the place of this one. */
  ConfigNode withFields(Map<String, ConfigNode> all) {
    return mapping(place, path, all);
  }

  private boolean changesType(ConfigNode changes) {
    ConfigNode before = fields.get("type");
    ConfigNode after = changes.fields.get("type");
    return before != null && after != null && !before.text().equals(after.text());
  }

  /** Returns an exception that names the place, this value's path, and a problem. */
  ConfigException error(String problem) {
    String what = path.isEmpty() ? "the top " : path + " ";
    return new ConfigException(place + ": " + what + problem);
  }

  /** The same for a mistake that the values together are; its text may begin with the path. */
  ConfigException error(IllegalArgumentException mistake) {
    String text = mistake.getMessage();
    String head = path + ": ";
    String said = text.startsWith(head) ? text.substring(head.length()) : text;
    return new ConfigException(place + ": " + (path.isEmpty() ? "" : head) + said);
  }

  private ConfigException isNot(String allowed) {
    String value =
        scalar.isEmpty() ? "empty" : plain ? "'" + scalar + "'" : "the text '" + scalar + "'";
    return error("is " + value + "; " + allowed);
  }

  /** Says where this value is stated. */
  String where() {
    return place + ": " + path;
  }

  /** Returns what messages call the file in which this value is stated. */
  String file() {
    return place.file;
  }

  /** Returns whether this value is stated in a file, and not in what it extends. */
  boolean isFrom(String file) {
    return place.file.equals(file);
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
    return requireMapping().fields;
  }

  /** Names the first key that nothing asked for. */
  void finish() {
    for (Map.Entry<String, ConfigNode> entry : mapping().entrySet()) {
      if (!known.contains(entry.getKey())) {
        throw entry
            .getValue()
            .error("is no known key; " + Suggestion.allowed(entry.getKey(), known));
      }
    }
  }

  /** Puts every value below this one under its path; a list of single values is one. */
  void collectInto(Map<String, String> values) {
    if (fields != null) {
      fields.values().forEach(field -> field.collectInto(values));
    } else if (items != null && items.stream().anyMatch(item -> !item.isScalar())) {
      items.forEach(item -> item.collectInto(values));
    } else {
      values.put(
          path, items == null ? scalar : items.stream().map(ConfigNode::text).toList().toString());
    }
  }

  /** Returns the items of a list of at least one. */
  List<ConfigNode> list(String of) {
    if (items == null || items.isEmpty()) {
      throw error("must be a list of " + of);
    }
    return items;
  }

  boolean isOff() {
    return scalar != null && scalar.equals("off");
  }

  boolean isScalar() {
    return scalar != null;
  }

  /** Refuses a single value where a mapping, or {@code off}, is wanted. */
  void requireMappingOrOff() {
    if (scalar != null && !isOff()) {
      String meant = NO.contains(scalar.toLowerCase(Locale.ROOT)) ? "did you mean 'off'? " : "";
      throw isNot(meant + "allowed: a mapping, or off to take it out");
    }
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

  /** Returns a whole number within bounds. */
  int integer(String key, int least, int most) {
    return field(key).integer(least, most);
  }

  int integer(String key, int least, int most, int ifAbsent) {
    return has(key) ? integer(key, least, most) : ifAbsent;
  }

  private int integer(int least, int most) {
    String allowed =
        most == Integer.MAX_VALUE
            ? "a whole number, " + least + " or more"
            : String.format(Locale.ROOT, "a whole number from %,d to %,d", least, most);
    if (!WHOLE.matcher(text()).matches() || !plain) {
      throw isNot("allowed: " + allowed + ", in plain digits");
    }
    // Ten digits are beyond every int, whatever they are, and within every long.
    boolean tooLong = scalar.length() > 11;
    long value = tooLong ? 0 : Long.parseLong(scalar);
    if (tooLong || value < least || value > most) {
      boolean open = most == Integer.MAX_VALUE && (tooLong || value > most);
      throw error("is " + scalar + "; allowed: " + allowed + (open ? ", below 2^31" : ""));
    }
    return (int) value;
  }

  /** Returns a list of whole numbers, empty if the key is absent. */
  List<Integer> integers(String key, int least) {
    if (!has(key)) {
      return List.of();
    }
    ConfigNode list = field(key);
    if (list.items == null) {
      throw list.error("must be a list of whole numbers");
    }
    return list.items.stream().map(item -> item.integer(least, Integer.MAX_VALUE)).toList();
  }

  /**
   * Returns a number.
   *
   * @param range which numbers are allowed, {@code allowed} in words
   */
  float number(String key, DoublePredicate range, String allowed) {
    return field(key).number(range, allowed);
  }

  float number(String key, DoublePredicate range, String allowed, float ifAbsent) {
    return has(key) ? number(key, range, allowed) : ifAbsent;
  }

  float number(DoublePredicate range, String allowed) {
    if (!DECIMAL.matcher(text()).matches() || !plain) {
      throw isNot("allowed: a finite number" + (allowed.isEmpty() ? "" : ", " + allowed));
    }
    float value = Float.parseFloat(scalar);
    boolean lost = value == 0 && scalar.replaceAll("[eE].*", "").matches(".*[1-9].*");
    if (!Float.isFinite(value) || lost) {
      throw error("is " + scalar + "; allowed: a number that 32 bits can hold, 1e-45 to 3.4e38");
    }
    if (!range.test(value)) {
      throw error("is " + scalar + "; allowed: " + allowed);
    }
    return value;
  }

  /** Returns a mapping from epochs to numbers of 0 or more, by epoch. */
  ImmutableSortedMap<Integer, Float> factorsByEpoch() {
    Map<Integer, Float> numbers = new TreeMap<>();
    for (Map.Entry<String, ConfigNode> entry : entries().entrySet()) {
      ConfigNode value = entry.getValue();
      if (!WHOLE.matcher(entry.getKey()).matches()
          || entry.getKey().startsWith("-")
          || entry.getKey().length() > 9) {
        throw value.error("is no epoch; allowed: whole numbers from 0, in plain digits");
      }
      numbers.put(Integer.parseInt(entry.getKey()), value.number(v -> v >= 0, "0 or more"));
    }
    return ImmutableSortedMap.copyOf(numbers);
  }

  boolean flag(String key, boolean ifAbsent) {
    return has(key) ? field(key).choice(Map.of("true", true, "false", false)) : ifAbsent;
  }

  <T> T choice(String key, Map<String, T> allowed, T ifAbsent) {
    return has(key) ? field(key).choice(allowed) : ifAbsent;
  }

  <T> T choice(Map<String, T> allowed) {
    T value = allowed.get(text());
    if (value != null) {
      return value;
    }
    List<String> names = allowed.keySet().stream().sorted().toList();
    String word = scalar.toLowerCase(Locale.ROOT);
    Set<String> same = YES.contains(word) ? YES : NO.contains(word) ? NO : Set.of();
    String given = names.stream().filter(same::contains).findFirst().orElse(scalar);
    throw isNot(Suggestion.allowed(given, names));
  }
}
