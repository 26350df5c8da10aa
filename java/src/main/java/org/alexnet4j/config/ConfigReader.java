package org.alexnet4j.config;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Maps;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.Shapes;
import org.alexnet4j.text.Suggestion;

/**
 * Reads configurations. A file may begin with {@code extends: PRESET} and then states only what it
 * changes; {@code norm1: off} takes a layer out, {@code conv6: {after: pool5, ...}} puts one in.
 */
public final class ConfigReader {
  private static final Map<String, Mean> MEANS =
      Map.of("channel", Mean.CHANNEL, "pixel", Mean.PIXEL, "pixel-centre", Mean.PIXEL_CENTRE);

  /** The presets that come with the program, the paper's first. */
  public static final ImmutableList<String> PRESETS =
      ImmutableList.of(
          "paper-2012",
          "code-2012",
          "one-gpu-2012",
          "columns-2012",
          "four-towers-2012",
          "no-norm",
          "no-overlap",
          "six-conv",
          "six-conv-pretrain",
          "depth-minus-conv2",
          "depth-minus-conv3",
          "depth-minus-conv4",
          "depth-minus-conv5",
          "caffe-alexnet",
          "caffenet",
          "torchvision",
          "paper-small-sets",
          "demo",
          "cifar10-80sec",
          "cifar10-19pct",
          "cifar10-18pct",
          "cifar10-13pct",
          "cifar10-11pct",
          "cifar10-towers",
          "figure-1");

  private static final Pattern NAME =
      Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N} ._+-]{0,99}");

  private ConfigReader() {}

  /**
   * Reads a preset.
   *
   * @param name of a preset, as in {@code paper-2012}
   * @return the preset, complete
   * @throws ConfigException if there is none of this name
   */
  public static Configuration preset(String name) {
    return preset(name, Settings.NONE);
  }

  /**
   * {@return the same with single settings of a person}
   *
   * @param name of a preset
   * @param settings single settings, which come after the preset's
   */
  public static Configuration preset(String name, Settings settings) {
    return changed(name, resolve(presetNode(name)), settings);
  }

  /**
   * {@return another configuration with single settings of a person}
   *
   * @param name what messages call it
   * @param base what is changed
   * @param settings single settings
   * @throws ConfigException if they ask for something impossible
   */
  public static Configuration changed(String name, Configuration base, Settings settings) {
    return settings.isEmpty()
        ? base
        : changed(name, ConfigParser.parse(name, ConfigWriter.write(base)), settings);
  }

  private static Configuration changed(String name, ConfigNode base, Settings settings) {
    ConfigNode root = settings.upon(name, base);
    Configuration read = configuration(name, root);
    settings.refuseIdle(root, base, read);
    return read.withStated(stated(settings, read));
  }

  /**
   * Reads a file.
   *
   * @param path a YAML file, which may begin with {@code extends}
   * @return the configuration, complete
   * @throws ConfigException if it is missing, no YAML, or says something impossible; the message
   *     has file, line, value and what is allowed
   */
  public static Configuration file(Path path) {
    return file(path, Settings.NONE);
  }

  /**
   * {@return the same with single settings of a person}
   *
   * @param path a YAML file
   * @param settings single settings, which come after the file's
   */
  public static Configuration file(Path path, Settings settings) {
    String name = fileName(path);
    ConfigNode own = ConfigParser.parse(name, content(path));
    ConfigNode base = resolve(own);
    ConfigNode root = settings.upon(name, base);
    Configuration read = configuration(name, root);
    IdleSettings.refuse(root, name, read);
    settings.refuseIdle(root, base, read);
    IdleSettings.refuseRates(
        own, own.has("extends") ? resolve(presetNode(own.field("extends").text())) : own);
    return read.withStated(
        stated(settings, read)
            .or(() -> own.at(units(read)).map(units -> statedUnits(read, own.has("extends")))));
  }

  /** Returns the classes that a person's settings state. */
  private static Optional<Configuration.StatedClasses> stated(
      Settings settings, Configuration read) {
    return settings.stating(units(read)).map(units -> statedUnits(read, true));
  }

  private static Configuration.StatedClasses statedUnits(Configuration read, boolean change) {
    int classes = read.network().classes();
    return new Configuration.StatedClasses(units(read).get(2), classes, change);
  }

  /** Returns the key of the units of the last layer. */
  private static List<String> units(Configuration read) {
    List<LayerSpec> layers = read.network().layers();
    return List.of("network", "layers", layers.get(layers.size() - 2).name(), "units");
  }

  /**
   * Reads a file that the program wrote, the configuration of a run, as {@link #text}.
   *
   * @param path a file of a run folder
   * @return the configuration, complete
   * @throws ConfigException as {@link #file}
   */
  public static Configuration written(Path path) {
    return text(fileName(path), content(path));
  }

  /** Returns what messages call a file; the top of all folders has no name of its own. */
  static String fileName(Path path) {
    return path.getFileName() == null ? path.toString() : path.getFileName().toString();
  }

  static String content(Path path) {
    try {
      return Files.readString(path);
    } catch (NoSuchFileException e) {
      throw new ConfigException(path + ": no such file");
    } catch (CharacterCodingException e) {
      throw new ConfigException(path + ": not a text file in UTF-8");
    } catch (IOException e) {
      throw new ConfigException(path + ": cannot be read: " + e.getMessage());
    }
  }

  /**
   * Reads a preset or, if there is none of this name, a file.
   *
   * @param presetOrFile the name of a preset, or the path of a file
   * @return the configuration, complete
   * @throws ConfigException as {@link #preset} and {@link #file}
   */
  public static Configuration named(String presetOrFile) {
    if (PRESETS.contains(presetOrFile) || Files.exists(Path.of(presetOrFile))) {
      return PRESETS.contains(presetOrFile) ? preset(presetOrFile) : file(Path.of(presetOrFile));
    }
    throw new ConfigException(
        presetOrFile
            + ": neither a file nor a preset; "
            + Suggestion.allowed(presetOrFile, PRESETS));
  }

  /**
   * Reads a text that the program wrote, for example the configuration that a checkpoint carries:
   * what has no effect in it is read all the same.
   *
   * @param name what messages call it
   * @param text YAML
   * @return the configuration, complete
   * @throws ConfigException if it is no YAML, or says something impossible
   */
  public static Configuration text(String name, String text) {
    return configuration(name, resolve(ConfigParser.parse(name, text)));
  }

  private static ConfigNode presetNode(String name) {
    if (!PRESETS.contains(name)) {
      throw new ConfigException(
          "there is no preset '" + name + "'; " + Suggestion.allowed(name, PRESETS));
    }
    return ConfigParser.parse(name + ".yaml", resource("/presets/" + name + ".yaml"));
  }

  /** Returns a text that comes with the program. */
  static String resource(String path) {
    try (InputStream in = ConfigReader.class.getResourceAsStream(path)) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + path, e);
    }
  }

  /**
   * Returns what a preset describes after changes, one upon the other.
   *
   * @param file what messages call the file that states them
   * @param preset name of the preset
   * @param name of the result
   */
  static Configuration changed(
      String file, ConfigNode preset, ConfigNode name, List<ConfigNode> changes) {
    String base = preset.choice(Maps.asMap(ImmutableSet.copyOf(PRESETS), known -> known));
    ConfigNode root = resolve(presetNode(base));
    for (ConfigNode change : changes) {
      root = changed(base, root, change);
    }
    root = root.with("name", name);
    Configuration read = configuration(file, root);
    for (ConfigNode change : changes) {
      IdleSettings.refuse(root, change.file(), read);
    }
    return read;
  }

  /** Returns a configuration upon the presets that it extends. */
  private static ConfigNode resolve(ConfigNode node) {
    if (!node.has("extends")) {
      return node;
    }
    ConfigNode base = node.field("extends");
    String name = base.choice(Maps.asMap(ImmutableSet.copyOf(PRESETS), preset -> preset));
    return changed(name, resolve(presetNode(name)), node);
  }

  /**
   * Returns a configuration with changes.
   *
   * @param name what messages call it
   */
  static ConfigNode changed(String name, ConfigNode base, ConfigNode changes) {
    ConfigNode merged = base.merged(changes);
    if (!changes.has("network") || !changes.field("network").has("layers")) {
      return merged;
    }
    ConfigNode layers =
        ChangedLayers.of(
            name, base.field("network").field("layers"), changes.field("network").field("layers"));
    return merged.with("network", merged.field("network").with("layers", layers));
  }

  private static Configuration configuration(String name, ConfigNode root) {
    root.text("extends", "");
    NetworkSpec network = network(name(root, name), root.field("network"));
    Mean mean = root.field("network").choice("mean", MEANS, Mean.PIXEL);
    root.field("network").finish();
    AugmentationSpec augmentation = augmentation(root.field("augmentation"));
    TrainingSpec training =
        TrainingReader.read(root.field("training"), network, augmentation.colourNoise());
    Optional<StartSpec> start = start(root, network);
    root.finish();
    if (!augmentation.randomCrop() && training.stages().stream().anyMatch(StageSpec::colourNoise)) {
      throw root.field("training")
          .field("stages")
          .error("have colourNoise: on, which needs augmentation.crop: random");
    }
    return new Configuration(network, mean, training, augmentation, start, Optional.empty());
  }

  /** Returns the name, which becomes part of a folder's. */
  static String name(ConfigNode root, String otherwise) {
    String name = root.text("name", otherwise);
    if (root.has("name") && !NAME.matcher(name).matches()) {
      throw root.field("name")
          .error(
              "is '"
                  + name
                  + "'; allowed: up to 100 letters, digits, blanks and ._+-, a letter or digit first");
    }
    return name;
  }

  private static NetworkSpec network(String name, ConfigNode node) {
    ImmutableList.Builder<LayerSpec> layers = ImmutableList.builder();
    for (Map.Entry<String, ConfigNode> entry : node.field("layers").entries().entrySet()) {
      entry.getValue().requireMappingOrOff();
      if (!entry.getValue().isOff()) {
        layers.add(LayerReader.read(entry.getKey(), entry.getValue()));
      }
    }
    try {
      NetworkSpec spec =
          new NetworkSpec(
              name,
              node.integer("towers", 1, NetworkSpec.MAX_TOWERS),
              node.integer("input", 1, Shapes.MAX_SIDE),
              node.integer("source", 1, Shapes.MAX_SIDE),
              layers.build());
      return spec.scaled(node.number("width", w -> w > 0 && w <= 4, "above 0, at most 4", 1));
    } catch (IllegalArgumentException e) {
      throw node.error(e);
    }
  }

  private static Optional<StartSpec> start(ConfigNode root, NetworkSpec network) {
    if (!root.has("start") || root.field("start").isOff()) {
      return Optional.empty();
    }
    ConfigNode node = root.field("start");
    node.requireMappingOrOff();
    StartSpec start = new StartSpec(node.field("from").text(), startLayers(node, network));
    node.finish();
    return Optional.of(start);
  }

  /** Reads what becomes of single layers in a start from another network. */
  static ImmutableMap<String, StartSpec.Mode> startLayers(ConfigNode node, NetworkSpec network) {
    ImmutableMap.Builder<String, StartSpec.Mode> layers = ImmutableMap.builder();
    if (node.has("layers")) {
      node.field("layers")
          .entries()
          .forEach(
              (layer, mode) -> {
                TrainingReader.requireWeighted(network, layer, mode);
                layers.put(
                    layer,
                    mode.choice(Map.of("copy", StartSpec.Mode.COPY, "new", StartSpec.Mode.NEW)));
              });
    }
    return layers.buildOrThrow();
  }

  private static AugmentationSpec augmentation(ConfigNode node) {
    AugmentationSpec spec =
        new AugmentationSpec(
            node.choice("crop", Map.of("random", true, "centre", false), true),
            node.flag("flip", true),
            node.flag("lastOffset", false),
            node.integer("chunk", 1, Integer.MAX_VALUE, 1),
            node.choice("colourNoise", Map.of("on", true, "off", false), false),
            node.number("noiseDivisor", d -> d > 0, "above 0", 1),
            node.integer("noiseEpochs", 0, Integer.MAX_VALUE, AugmentationSpec.ALL_EPOCHS));
    node.finish();
    if (spec.flip() && !spec.randomCrop()) {
      throw node.error("has flip: true, which needs crop: random; add flip: false");
    }
    if (spec.colourNoise() && !spec.randomCrop()) {
      throw node.error("has colourNoise: on, which needs crop: random; add colourNoise: off");
    }
    return spec;
  }
}
