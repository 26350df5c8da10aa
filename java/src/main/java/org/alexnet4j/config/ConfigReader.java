package org.alexnet4j.config;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
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
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.shape.InputShape.Mean;

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

  private ConfigReader() {}

  /**
   * Reads a preset.
   *
   * @throws ConfigException if there is none of this name
   */
  public static Configuration preset(String name) {
    return configuration(name, resolve(presetNode(name, name), 0));
  }

  /**
   * Reads a file.
   *
   * @throws ConfigException if it is missing, no YAML, or says something impossible; the message
   *     has file, line, value and what is allowed
   */
  public static Configuration file(Path path) {
    String text;
    try {
      text = Files.readString(path);
    } catch (NoSuchFileException e) {
      throw new ConfigException(path + ": no such file");
    } catch (CharacterCodingException e) {
      throw new ConfigException(path + ": not a text file in UTF-8");
    } catch (IOException e) {
      throw new ConfigException(path + ": cannot be read: " + e.getMessage());
    }
    return text(path.getFileName().toString(), text);
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
        presetOrFile + ": neither a file nor a preset; presets: " + String.join(", ", PRESETS));
  }

  /**
   * Reads a text, for example the configuration that a checkpoint carries.
   *
   * @param name what messages call it
   * @throws ConfigException if it is no YAML, or says something impossible
   */
  public static Configuration text(String name, String text) {
    return configuration(name, resolve(ConfigNode.parse(name, text), 0));
  }

  private static ConfigNode presetNode(String name, String asker) {
    if (!PRESETS.contains(name)) {
      throw new ConfigException(
          asker + ": no preset '" + name + "'; allowed: " + String.join(", ", PRESETS));
    }
    String resource = "/presets/" + name + ".yaml";
    try (InputStream in = ConfigReader.class.getResourceAsStream(resource)) {
      String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
      return ConfigNode.parse(name + ".yaml", text);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + resource, e);
    }
  }

  private static ConfigNode resolve(ConfigNode node, int depth) {
    if (!node.has("extends")) {
      return node;
    }
    if (depth > PRESETS.size()) {
      throw node.error("extends itself");
    }
    ConfigNode base = node.field("extends");
    return resolve(presetNode(base.text(), base.text()), depth + 1).merged(node);
  }

  private static Configuration configuration(String name, ConfigNode root) {
    root.text("extends", "");
    NetworkSpec network = network(root.text("name", name), root.field("network"));
    Mean mean = root.field("network").choice("mean", MEANS, Mean.PIXEL);
    root.field("network").finish();
    TrainingSpec training = training(root.field("training"), network);
    AugmentationSpec augmentation = augmentation(root.field("augmentation"));
    root.finish();
    return new Configuration(network, mean, training, augmentation);
  }

  private static NetworkSpec network(String name, ConfigNode node) {
    ImmutableList.Builder<LayerSpec> layers = ImmutableList.builder();
    for (Map.Entry<String, ConfigNode> entry : node.field("layers").entries().entrySet()) {
      if (!entry.getValue().isOff()) {
        layers.add(LayerReader.read(entry.getKey(), entry.getValue()));
      }
    }
    try {
      NetworkSpec spec =
          new NetworkSpec(
              name,
              node.integer("towers"),
              node.integer("input"),
              node.integer("source"),
              layers.build());
      return spec.scaled(node.number("width", 1));
    } catch (IllegalArgumentException e) {
      throw node.error(": " + e.getMessage());
    }
  }

  private static TrainingSpec training(ConfigNode node, NetworkSpec network) {
    float rate = node.number("rate");
    try {
      TrainingSpec spec =
          new TrainingSpec(
              node.integer("batch"),
              node.integer("epochs"),
              rate,
              node.number("biasRate", rate),
              node.flag("biasRateFollows", true),
              node.number("momentum"),
              drops(node),
              node.number("dropFactor", 0.1f),
              plateau(node),
              weightRates(node, network));
      node.finish();
      return spec;
    } catch (IllegalArgumentException e) {
      throw node.error(": " + e.getMessage());
    }
  }

  /** Reads the epochs of the drops, or the name of a run of 2012 that recorded them. */
  private static ImmutableList<Integer> drops(ConfigNode node) {
    if (!node.has("drops") || !node.field("drops").isScalar()) {
      return ImmutableList.copyOf(node.integers("drops"));
    }
    return node.choice("drops", RECORDED_DROPS, ImmutableList.of());
  }

  private static Optional<TrainingSpec.Plateau> plateau(ConfigNode node) {
    if (!node.has("plateau") || node.field("plateau").isOff()) {
      return Optional.empty();
    }
    ConfigNode plateau = node.field("plateau");
    TrainingSpec.Plateau read =
        new TrainingSpec.Plateau(plateau.integer("patience"), plateau.integer("drops", 3));
    plateau.finish();
    return Optional.of(read);
  }

  private static WeightRates weightRates(ConfigNode node, NetworkSpec network) {
    if (!node.has("weightRates") || node.field("weightRates").isOff()) {
      return WeightRates.NONE;
    }
    List<String> layers =
        network.layers().stream()
            .filter(layer -> layer instanceof LayerSpec.Conv || layer instanceof LayerSpec.Fc)
            .map(LayerSpec::name)
            .toList();
    ImmutableMap.Builder<String, ImmutableSortedMap<Integer, Float>> factors =
        ImmutableMap.builder();
    node.field("weightRates")
        .entries()
        .forEach(
            (layer, steps) -> {
              if (!layers.contains(layer)) {
                throw steps.error("is no layer with weights; allowed: " + layers);
              }
              if (!steps.isOff()) {
                factors.put(layer, steps.numbersByEpoch());
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
            node.integer("chunk", 1),
            node.choice("colourNoise", Map.of("on", true, "off", false), false),
            node.number("noiseDivisor", 1),
            node.integer("noiseEpochs", AugmentationSpec.ALL_EPOCHS));
    node.finish();
    if (spec.chunk() < 1) {
      throw node.error("chunk is " + spec.chunk() + "; allowed: 1 or more");
    }
    if (!(spec.noiseDivisor() > 0)) {
      throw node.error("noiseDivisor is " + spec.noiseDivisor() + "; allowed: above 0");
    }
    if (spec.noiseEpochs() < 0) {
      throw node.error("noiseEpochs is " + spec.noiseEpochs() + "; allowed: 0 or more");
    }
    if (spec.flip() && !spec.randomCrop()) {
      throw node.error("flip: true needs crop: random");
    }
    return spec;
  }
}
