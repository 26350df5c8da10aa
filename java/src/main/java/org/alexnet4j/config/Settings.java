package org.alexnet4j.config;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Single settings that a person states beside a preset or a file, {@code training.rate=0.02}: each
 * changes what its key, a path of the file's keys, has there, by a value in YAML.
 */
public final class Settings {
  /** No settings. */
  public static final Settings NONE = new Settings(ImmutableList.of(), ImmutableList.of());

  private static final String OPTION = "--set ";
  private static final String EXTENDS = "extends";
  private static final Pattern KEY = Pattern.compile("[^.=\\s]+(\\.[^.=\\s]+)*");

  private final ImmutableList<String> texts;
  private final ImmutableList<Setting> settings;

  /**
   * One of them.
   *
   * @param place what messages call it
   * @param change the mapping, from the top, that states it alone
   */
  private record Setting(String place, ConfigNode change) {
    List<String> keys() {
      Map<String, String> values = new LinkedHashMap<>();
      change.collectInto(values);
      return List.copyOf(values.keySet());
    }
  }

  private Settings(ImmutableList<String> texts, ImmutableList<Setting> settings) {
    this.texts = texts;
    this.settings = settings;
  }

  /**
   * Reads settings as a command line has them.
   *
   * @param texts {@code KEY=VALUE} each
   * @return the settings, in their order
   * @throws ConfigException if one is none, or two state the same
   */
  public static Settings of(List<String> texts) {
    List<Setting> settings = new ArrayList<>();
    for (String text : texts) {
      Setting setting = setting(text);
      settings.forEach(other -> requireOther(other, setting));
      settings.add(setting);
    }
    return new Settings(ImmutableList.copyOf(texts), ImmutableList.copyOf(settings));
  }

  private static Setting setting(String text) {
    int sign = text.indexOf('=');
    String key = sign < 0 ? "" : text.substring(0, sign);
    if (!KEY.matcher(key).matches()) {
      throw new ConfigException(
          OPTION + "is '" + text + "'; allowed: KEY=VALUE, as in training.rate=0.02");
    }
    String place = OPTION + key;
    if (key.equals(EXTENDS)) {
      throw new ConfigException(place + ": changes no preset; allowed: --preset, or in a file");
    }
    return new Setting(place, change(place, key, text.substring(sign + 1)));
  }

  /** Returns the mapping, from the top, that states one value alone. */
  static ConfigNode change(String place, String key, String value) {
    ConfigNode node = ConfigParser.parseValue(place, key, value);
    for (int dot = key.lastIndexOf('.'); ; dot = key.lastIndexOf('.', dot - 1)) {
      String above = dot < 0 ? "" : key.substring(0, dot);
      node = node.under(key.substring(dot + 1, end(key, dot)), above);
      if (dot < 0) {
        return node;
      }
    }
  }

  /** Returns where the word behind a dot ends. */
  private static int end(String key, int dot) {
    int next = key.indexOf('.', dot + 1);
    return next < 0 ? key.length() : next;
  }

  private static void requireOther(Setting one, Setting other) {
    for (String first : one.keys()) {
      for (String second : other.keys()) {
        if (first.equals(second)
            || first.startsWith(second + ".")
            || second.startsWith(first + ".")) {
          String both = first.length() > second.length() ? first : second;
          throw new ConfigException(
              other.place
                  + ": "
                  + both
                  + (one.place.equals(other.place)
                      ? " is set twice"
                      : " is set by " + one.place + " as well")
                  + "; allowed: once");
        }
      }
    }
  }

  /** {@return whether there are none} */
  public boolean isEmpty() {
    return settings.isEmpty();
  }

  /** {@return them as they were stated} */
  public ImmutableList<String> texts() {
    return texts;
  }

  /**
   * Returns a configuration with these settings.
   *
   * @param name what messages call the configuration
   */
  ConfigNode upon(String name, ConfigNode root) {
    ConfigNode changed = root;
    for (Setting setting : settings) {
      changed = ConfigReader.changed(name, changed, setting.change);
    }
    return changed;
  }

  /**
   * Refuses settings without effect, as a file's.
   *
   * @param root the configuration with these settings
   * @param base the one without
   * @param read what was read from it
   */
  void refuseIdle(ConfigNode root, ConfigNode base, Configuration read) {
    for (Setting setting : settings) {
      IdleSettings.refuse(root, setting.place, read);
      IdleSettings.refuseRates(setting.change, base);
    }
  }

  /** Returns the setting that states a value, if one does. */
  Optional<ConfigNode> stating(List<String> keys) {
    return settings.stream().flatMap(s -> s.change.at(keys).stream()).findFirst();
  }
}
