package org.alexnet4j.config;

import com.google.common.collect.ImmutableList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Refuses what a file states, beyond the default, without any effect: who writes it expects one.
 * What a file inherits is not its fault.
 */
final class IdleSettings {
  private static final ImmutableList<String> RATES = ImmutableList.of("weightRates", "biasRates");

  private final String file;

  private IdleSettings(String file) {
    this.file = file;
  }

  /**
   * Looks for settings without effect.
   *
   * @param root the resolved configuration
   * @param file the file that is looked at
   * @param read what was read from it
   * @throws ConfigException naming the first one
   */
  static void refuse(ConfigNode root, String file, Configuration read) {
    IdleSettings idle = new IdleSettings(file);
    idle.layers(root.field("network").field("layers"));
    idle.training(root.field("training"), read.training());
    idle.augmentation(root.field("augmentation"), read.augmentation());
  }

  /**
   * Refuses to switch off rates of layers that have none.
   *
   * @param own what a file itself states
   * @param base the preset that it extends, or the file itself
   */
  static void refuseRates(ConfigNode own, ConfigNode base) {
    for (String key : RATES) {
      rates(own, key)
          .forEach(
              (layer, change) -> {
                ConfigNode before = rates(base, key).get(layer);
                if (change.isOff() && (before == null || before.isOff())) {
                  throw change.error("has no effect: the layer has no rates to switch off");
                }
              });
    }
  }

  private static Map<String, ConfigNode> rates(ConfigNode root, String key) {
    boolean stated = root.has("training") && root.field("training").has(key);
    ConfigNode rates = stated ? root.field("training").field(key) : null;
    return rates == null || rates.isScalar() ? Map.of() : rates.entries();
  }

  private void refuse(ConfigNode parent, String key, boolean idle, String why) {
    if (idle && parent.has(key) && parent.field(key).isFrom(file)) {
      throw parent.field(key).error("has no effect: " + why);
    }
  }

  private void layers(ConfigNode layers) {
    layers.entries().values().stream().filter(layer -> !layer.isScalar()).forEach(this::pool);
    boolean alone = layers.entries().values().stream().allMatch(layer -> layer.isFrom(file));
    layers
        .entries()
        .keySet()
        .forEach(
            name ->
                refuse(
                    layers,
                    name,
                    alone && layers.field(name).isOff(),
                    "without 'extends' there is no such layer to take out"));
  }

  private void pool(ConfigNode layer) {
    boolean average = layer.text("mode", "max").equals("average");
    boolean first = layer.text("ties", "all").equals("first");
    refuse(layer, "ties", average && first, "an average has no ties");
  }

  private void training(ConfigNode node, TrainingSpec training) {
    boolean drops = !training.drops().isEmpty() || training.plateau().isPresent();
    String none = "there are neither drops nor a plateau";
    boolean any = drops || !training.biasDrops().isEmpty();
    refuse(node, "dropFactor", !any && training.dropFactor() != 0.1f, none);
    boolean alone = !training.biasRateFollows() && training.biasDrops().isEmpty();
    refuse(node, "biasRateFollows", !drops && alone, none);
    int patience = training.stop().map(TrainingSpec.Stop::patience).orElse(0);
    refuse(
        node,
        "stop",
        training.stop().isPresent() && patience + 1L >= training.epochs(),
        String.format(
            Locale.ROOT,
            "a patience of %d is over after %d epochs at the earliest, and epochs is %d",
            patience,
            patience + 1L,
            training.epochs()));
    refuseLate(node, "drops", training.drops(), training);
    refuseLate(node, "biasDrops", training.biasDrops(), training);
    refuseLate(node, "weightRates", training.weightRates(), training);
    refuseLate(node, "biasRates", training.biasRates(), training);
  }

  private void refuseLate(
      ConfigNode node, String key, List<Integer> epochs, TrainingSpec training) {
    int last = epochs.isEmpty() ? 0 : Collections.max(epochs);
    refuse(node, key, last >= training.epochs(), never(last, training));
  }

  private void refuseLate(ConfigNode node, String key, LayerRates rates, TrainingSpec training) {
    rates
        .factors()
        .forEach(
            (layer, steps) -> {
              if (!steps.isEmpty() && steps.lastKey() >= training.epochs()) {
                refuse(node.field(key), layer, true, never(steps.lastKey(), training));
              }
            });
  }

  private static String never(int epoch, TrainingSpec training) {
    return String.format(
        Locale.ROOT,
        "epoch %d, counted from 0, never comes, as epochs is %d",
        epoch,
        training.epochs());
  }

  private void augmentation(ConfigNode node, AugmentationSpec augmentation) {
    boolean plain = !augmentation.colourNoise();
    refuse(node, "noiseDivisor", plain && augmentation.noiseDivisor() != 1, "colourNoise is off");
    refuse(
        node,
        "noiseEpochs",
        plain && augmentation.noiseEpochs() != AugmentationSpec.ALL_EPOCHS,
        "colourNoise is off");
    boolean centre = !augmentation.randomCrop();
    refuse(node, "lastOffset", centre && augmentation.lastOffset(), "crop is centre");
    refuse(node, "chunk", centre && augmentation.chunk() > 1, "crop is centre");
  }
}
