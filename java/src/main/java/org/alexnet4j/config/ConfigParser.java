package org.alexnet4j.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.alexnet4j.io.Printable;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.common.ScalarStyle;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * Turns a YAML text into nodes with their places, within limits. Of YAML it takes what a
 * configuration needs: mappings, lists and single values; no anchors, no merge keys, no tags.
 */
final class ConfigParser {
  private static final int MAX_DEPTH = 16;
  private static final int MAX_NODES = 100_000;
  private static final Set<Tag> PLAIN_TAGS =
      Set.of(Tag.STR, Tag.INT, Tag.FLOAT, Tag.BOOL, Tag.NULL, Tag.SEQ, Tag.MAP);

  private final String file;
  private final boolean lines; // whether messages say which
  private int nodes;

  private ConfigParser(String file, boolean lines) {
    this.file = file;
    this.lines = lines;
  }

  /**
   * Parses a YAML text whose top is a mapping.
   *
   * @param file named in messages
   * @throws ConfigException if it is none
   */
  static ConfigNode parse(String file, String text) {
    Node root;
    try {
      root =
          compose(file, text).orElseThrow(() -> new ConfigException(file + ": the file is empty"));
    } catch (YamlEngineException e) {
      throw notYaml(file, text, e);
    }
    ConfigParser parser = new ConfigParser(file, true);
    return parser.convert("", root, parser.place(root.getStartMark()), 0).requireMapping();
  }

  /**
   * Parses a YAML text that is the value of one key.
   *
   * @param place named in messages
   * @throws ConfigException if it is none
   */
  static ConfigNode parseValue(String place, String path, String text) {
    Node value;
    try {
      value =
          compose(place, text)
              .orElseThrow(() -> new ConfigException(place + ": has no value; allowed: KEY=VALUE"));
    } catch (YamlEngineException e) {
      throw new ConfigException(
          place
              + ": '"
              + Printable.name(text)
              + "' is not YAML; allowed: a value, with brackets and quotes closed");
    }
    return new ConfigParser(place, false).convert(path, value, new ConfigNode.Place(place, 0), 0);
  }

  private static Optional<Node> compose(String file, String text) {
    try {
      return new Compose(LoadSettings.builder().setLabel(file).build()).composeString(text);
    } catch (StackOverflowError e) { // the parser calls itself for every bracket
      throw new ConfigException(file + ": nested deeper than a configuration is");
    }
  }

  /** Says where a text is no YAML; the parser's own words are about its insides. */
  private static ConfigException notYaml(String file, String text, YamlEngineException e) {
    Optional<Mark> mark =
        e instanceof MarkedYamlEngineException marked ? marked.getProblemMark() : Optional.empty();
    if (mark.isEmpty()) {
      return new ConfigException(
          file + ": not YAML: too long, or with characters that are no text; allowed: YAML");
    }
    int number = mark.get().getLine() + 1;
    String line = text.lines().skip(number - 1L).findFirst().orElse("");
    return new ConfigException(
        String.format(
            Locale.ROOT,
            "%s:%d: not YAML at column %d%s; allowed: 'key: value' and 'key:' with more below it,"
                + " indented by blanks; brackets and quotes closed",
            file,
            number,
            mark.get().getColumn() + 1,
            line.isBlank()
                ? ", where the text ends too early"
                : " of '" + Printable.name(line) + "'"));
  }

  private ConfigNode.Place place(Optional<Mark> mark) {
    return new ConfigNode.Place(file, lines ? mark.map(m -> m.getLine() + 1).orElse(0) : 0);
  }

  /**
   * Turns a node and all below it into ours.
   *
   * @param place where it is stated: the line of its key, if it has one
   */
  private ConfigNode convert(String path, Node node, ConfigNode.Place place, int depth) {
    if (node.getAnchor().isPresent()) {
      throw new ConfigException(
          place + ": '&" + node.getAnchor().get() + "' is an anchor; allowed: the value itself");
    }
    if (depth > MAX_DEPTH || ++nodes > MAX_NODES) {
      throw new ConfigException(place + ": nested deeper or longer than a configuration is");
    }
    if (!PLAIN_TAGS.contains(node.getTag())) {
      throw new ConfigException(
          place + ": '" + node.getTag() + "' is a tag; allowed: the value without it");
    }
    if (node instanceof ScalarNode scalar) {
      boolean plain = scalar.getScalarStyle() == ScalarStyle.PLAIN;
      return ConfigNode.scalar(place, path, scalar.getValue(), plain);
    }
    if (node instanceof SequenceNode sequence) {
      List<ConfigNode> items = new ArrayList<>();
      for (Node item : sequence.getValue()) {
        String inner = path + "[" + items.size() + "]";
        items.add(convert(inner, item, place(item.getStartMark()), depth + 1));
      }
      return ConfigNode.list(place, path, items);
    }
    return ConfigNode.mapping(place, path, fields(path, (MappingNode) node, depth));
  }

  private Map<String, ConfigNode> fields(String path, MappingNode node, int depth) {
    Map<String, ConfigNode> fields = new LinkedHashMap<>();
    for (NodeTuple tuple : node.getValue()) {
      ConfigNode.Place place = place(tuple.getKeyNode().getStartMark());
      if (!(tuple.getKeyNode() instanceof ScalarNode key) || key.getAnchor().isPresent()) {
        throw new ConfigException(place + ": a key must be a plain word");
      }
      String name = key.getValue();
      String inner = path.isEmpty() ? name : path + "." + name;
      if (name.equals("<<")) {
        throw new ConfigException(
            place + ": '" + inner + "' is a merge key; allowed: the keys themselves, or 'extends'");
      }
      if (fields.put(name, convert(inner, tuple.getValueNode(), place, depth + 1)) != null) {
        throw new ConfigException(place + ": key '" + inner + "' comes twice");
      }
    }
    return fields;
  }
}
