package org.alexnet4j.config;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Maps;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoublePredicate;
import java.util.regex.Pattern;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.Shapes;
import org.alexnet4j.text.Suggestion;

/**
 * Reads configurations. A file may begin with {@code extends: PRESET} and then states only what it
 * changes; {@code norm1: off} takes a layer out.
 */
public final class ConfigReader {
  private static final Map<String, Mean> MEANS =
      Map.of("channel", Mean.CHANNEL, "pixel", Mean.PIXEL, "pixel-centre", Mean.PIXEL_CENTRE);

  /** When the runs of 2012 lowered their rate, epochs from 0 (their training logs). */
  private static final Map<String, ImmutableList<Integer>> RECORDED_DROPS =
      Map.of(
          "run-145-2010", ImmutableList.of(22, 50, 77),
          "run-145-2012", ImmutableList.of(24, 50, 78),
          "run-145-half", ImmutableList.of(19, 47),
          "run-147", ImmutableList.of(22, 50, 78),
          "run-148", ImmutableList.of(21, 43, 85));

  /** The presets that come with the program, the paper's first. */
  public static final ImmutableList<String> PRESETS =
      ImmutableList.of(
          "paper-2012",
          "code-2012",
          "one-gpu-2012",
          "columns-2012",
          "four-towers-2012",
          "paper-small-sets",
          "demo",
          "cifar10-80sec",
          "cifar10-towers",
          "figure-1");

  private static final Pattern NAME =
      Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{M}\\p{N} ._+-]{0,99}");

  private ConfigReader() {}

  /**
   * Reads a preset.
   *
   * @throws ConfigException if there is none of this name
   */
  public static Configuration preset(String name) {
    return preset(name, Settings.NONE);
  }

  /** The same with single settings of a person. */
  public static Configuration preset(String name, Settings settings) {
    return changed(name, resolve(presetNode(name)), settings);
  }

  /**
   * Returns another configuration with single settings of a person.
   *
   * @param name what messages call it
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
   * @throws ConfigException if it is missing, no YAML, or says something impossible; the message
   *     has file, line, value and what is allowed
   */
  public static Configuration file(Path path) {
    return file(path, Settings.NONE);
  }

  /** The same with single settings of a person. */
  public static Configuration file(Path path, Settings settings) {
    String name = path.getFileName().toString();
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
   * @throws ConfigException as {@link #file}
   */
  public static Configuration written(Path path) {
    return text(path.getFileName().toString(), content(path));
  }

  private static String content(Path path) {
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
    String resource = "/presets/" + name + ".yaml";
    try (InputStream in = ConfigReader.class.getResourceAsStream(resource)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return ConfigParser.parse(name + ".yaml", text);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + resource, e);
    }
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
    if (changes.has("network") && changes.field("network").has("layers")) {
      requireLayers(name, base, changes.field("network").field("layers"));
    }
    return base.merged(changes);
  }

  /** Refuses changes of layers that a preset does not have: they come of a slip, or do nothing. */
  private static void requireLayers(String name, ConfigNode preset, ConfigNode changes) {
    List<String> layers = new ArrayList<>();
    preset
        .field("network")
        .field("layers")
        .entries()
        .forEach(
            (layer, value) -> {
              if (!value.isOff()) {
                layers.add(layer);
              }
            });
    changes
        .entries()
        .forEach(
            (layer, change) -> {
              if (!layers.contains(layer)) {
                throw change.error(
                    "is no layer of "
                        + name
                        + "; "
                        + Suggestion.allowed(layer, layers)
                        + "; a file without 'extends' may have any layers, all in their order");
              }
            });
  }

  private static Configuration configuration(String name, ConfigNode root) {
    root.text("extends", "");
    NetworkSpec network = network(name(root, name), root.field("network"));
    Mean mean = root.field("network").choice("mean", MEANS, Mean.PIXEL);
    root.field("network").finish();
    TrainingSpec training = training(root.field("training"), network);
    AugmentationSpec augmentation = augmentation(root.field("augmentation"));
    root.finish();
    return new Configuration(network, mean, training, augmentation, Optional.empty());
  }

  /** Returns the name, which becomes part of a folder's. */
  private static String name(ConfigNode root, String otherwise) {
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

  private static TrainingSpec training(ConfigNode node, NetworkSpec network) {
    DoublePredicate rates = rate -> rate >= 0;
    float rate = node.number("rate", rates, "0 or more");
    try {
      TrainingSpec spec =
          new TrainingSpec(
              node.integer("batch", 1, Shapes.MAX_BATCH),
              node.integer("epochs", 1, Integer.MAX_VALUE),
              rate,
              node.number("biasRate", rates, "0 or more", rate),
              node.flag("biasRateFollows", true),
              node.number("momentum", m -> m >= 0 && m < 1, "0 or more, below 1"),
              drops(node),
              node.number("dropFactor", f -> f > 0 && f <= 1, "above 0, at most 1", 0.1f),
              plateau(node),
              weightRates(node, network));
      node.finish();
      return spec;
    } catch (IllegalArgumentException e) {
      throw node.error(e);
    }
  }

  /** Reads the epochs of the drops, or the name of a run of 2012 that recorded them. */
  private static ImmutableList<Integer> drops(ConfigNode node) {
    if (!node.has("drops") || !node.field("drops").isScalar()) {
      return ImmutableList.copyOf(node.integers("drops", 0));
    }
    return node.choice("drops", RECORDED_DROPS, ImmutableList.of());
  }

  private static Optional<TrainingSpec.Plateau> plateau(ConfigNode node) {
    if (!node.has("plateau") || node.field("plateau").isOff()) {
      return Optional.empty();
    }
    ConfigNode plateau = node.field("plateau");
    plateau.requireMappingOrOff();
    TrainingSpec.Plateau read =
        new TrainingSpec.Plateau(
            plateau.integer("patience", 1, Integer.MAX_VALUE),
            plateau.integer("drops", 1, Integer.MAX_VALUE, 3));
    plateau.finish();
    return Optional.of(read);
  }

  private static WeightRates weightRates(ConfigNode node, NetworkSpec network) {
    if (!node.has("weightRates") || node.field("weightRates").isOff()) {
      return WeightRates.NONE;
    }
    List<String> layers =
        network.layers().stream()
            .filter(LayerSpec.Weighted.class::isInstance)
            .map(LayerSpec::name)
            .toList();
    ImmutableMap.Builder<String, ImmutableSortedMap<Integer, Float>> factors =
        ImmutableMap.builder();
    node.field("weightRates").requireMappingOrOff();
    node.field("weightRates")
        .entries()
        .forEach(
            (layer, steps) -> {
              if (!layers.contains(layer)) {
                throw steps.error("is no layer with weights; " + Suggestion.allowed(layer, layers));
              }
              steps.requireMappingOrOff();
              if (!steps.isOff()) {
                factors.put(layer, steps.factorsByEpoch());
              }
            });
    return new WeightRates(factors.buildOrThrow());
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
    return spec;
  }
}
