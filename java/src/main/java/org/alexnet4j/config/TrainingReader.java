package org.alexnet4j.config;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import com.google.common.collect.Maps;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.DoublePredicate;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.shape.Algorithm;
import org.alexnet4j.shape.Arithmetic;
import org.alexnet4j.shape.Precision;
import org.alexnet4j.shape.Shapes;
import org.alexnet4j.shape.Slicing;
import org.alexnet4j.text.Suggestion;

/** Reads how a network is trained. */
final class TrainingReader {
  private static final ImmutableMap<String, Precision> PRECISIONS =
      Maps.uniqueIndex(Arrays.asList(Precision.values()), Precision::toString);

  private static final ImmutableMap<String, Algorithm> ALGORITHMS =
      Maps.uniqueIndex(Arrays.asList(Algorithm.values()), Algorithm::toString);

  /** When the runs of 2012 lowered their rate, epochs from 0 (their training logs). */
  private static final Map<String, ImmutableList<Integer>> RECORDED_DROPS =
      Map.of(
          "run-145-2010", ImmutableList.of(22, 50, 77),
          "run-145-2012", ImmutableList.of(24, 50, 78),
          "run-145-half", ImmutableList.of(19, 47),
          "run-147", ImmutableList.of(22, 50, 78),
          "run-148", ImmutableList.of(21, 43, 85));

  private static final Map<String, RateCurve.Shape> SHAPES =
      Map.of(
          "linear", RateCurve.Shape.LINEAR,
          "exponential", RateCurve.Shape.EXPONENTIAL,
          "cosine", RateCurve.Shape.COSINE);

  private static final DoublePredicate RATES = rate -> rate >= 0;
  private static final String RATE = "0 or more";

  private final NetworkSpec network;

  private TrainingReader(NetworkSpec network) {
    this.network = network;
  }

  /**
   * Reads the section.
   *
   * @param colourNoise whether images have colour noise where a stage does not say
   */
  static TrainingSpec read(ConfigNode node, NetworkSpec network, boolean colourNoise) {
    TrainingReader reader = new TrainingReader(network);
    int batch = node.integer("batch", 1, Shapes.MAX_BATCH);
    int epochs = node.integer("epochs", 1, Integer.MAX_VALUE);
    float rate = node.number("rate", RATES, RATE);
    float biasRate = node.number("biasRate", RATES, RATE, rate);
    try {
      TrainingSpec spec =
          new TrainingSpec(
              batch,
              epochs,
              rate,
              biasRate,
              node.flag("biasRateFollows", true),
              node.number("momentum", m -> m >= 0 && m < 1, "0 or more, below 1"),
              drops(node),
              node.number("dropFactor", f -> f > 0 && f <= 1, "above 0, at most 1", 0.1f),
              plateau(node),
              ImmutableList.copyOf(node.integers("biasDrops", 0)),
              reader.layerRates(node, "weightRates"),
              reader.layerRates(node, "biasRates"),
              curve(node),
              node.choice("lastBatch", Map.of("short", true, "drop", false), false),
              reader.stages(node, rate, biasRate, colourNoise),
              stop(node),
              new Slicing(
                  node.integer("slices", 1, Slicing.MOST, 1),
                  node.choice("memory", Map.of("keep", false, "recompute", true), false)),
              new Arithmetic(
                  node.choice("precision", PRECISIONS, Precision.FP32),
                  node.choice("algorithm", ALGORITHMS, Algorithm.DIRECT)));
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
    if (isAbsentOrOff(node, "plateau")) {
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

  private static Optional<TrainingSpec.Stop> stop(ConfigNode node) {
    if (isAbsentOrOff(node, "stop")) {
      return Optional.empty();
    }
    ConfigNode stop = node.field("stop");
    stop.requireMappingOrOff();
    TrainingSpec.Stop read =
        new TrainingSpec.Stop(
            stop.integer("patience", 1, Integer.MAX_VALUE), stop.number("minimum", RATES, RATE, 0));
    stop.finish();
    return Optional.of(read);
  }

  private static RateCurve curve(ConfigNode node) {
    int warmUp = node.integer("warmUp", 0, Integer.MAX_VALUE, 0);
    if (isAbsentOrOff(node, "curve")) {
      return new RateCurve(RateCurve.Shape.STEPS, 0, warmUp);
    }
    ConfigNode curve = node.field("curve");
    curve.requireMappingOrOff();
    RateCurve.Shape shape = curve.field("shape").choice(SHAPES);
    RateCurve read = new RateCurve(shape, curve.number("to", RATES, RATE), warmUp);
    curve.finish();
    return read;
  }

  private static boolean isAbsentOrOff(ConfigNode node, String key) {
    return !node.has(key) || node.field(key).isOff();
  }

  private LayerRates layerRates(ConfigNode node, String key) {
    if (isAbsentOrOff(node, key)) {
      return LayerRates.NONE;
    }
    ImmutableMap.Builder<String, ImmutableSortedMap<Integer, Float>> factors =
        ImmutableMap.builder();
    ConfigNode rates = node.field(key);
    rates.requireMappingOrOff();
    rates
        .entries()
        .forEach(
            (layer, steps) -> {
              requireWeighted(network, layer, steps);
              steps.requireMappingOrOff();
              if (!steps.isOff()) {
                factors.put(layer, steps.factorsByEpoch());
              }
            });
    return new LayerRates(factors.buildOrThrow());
  }

  /** Refuses settings of a layer that has no weights, or of none. */
  static void requireWeighted(NetworkSpec network, String layer, ConfigNode rates) {
    List<String> layers =
        network.layers().stream()
            .filter(LayerSpec.Weighted.class::isInstance)
            .map(LayerSpec::name)
            .toList();
    if (!layers.contains(layer)) {
      throw rates.error("is no layer with weights; " + Suggestion.allowed(layer, layers));
    }
  }

  /** Reads the stages; each has the rates of the one before, the first one those of the section. */
  private ImmutableList<StageSpec> stages(
      ConfigNode node, float firstRate, float firstBiasRate, boolean colourNoise) {
    if (isAbsentOrOff(node, "stages")) {
      return ImmutableList.of();
    }
    ImmutableList.Builder<StageSpec> stages = ImmutableList.builder();
    float rate = firstRate;
    float biasRate = firstBiasRate;
    for (ConfigNode stage : node.field("stages").list("stages")) {
      StageSpec read = stage(stage, rate, biasRate, colourNoise);
      stages.add(read);
      rate = read.rate();
      biasRate = read.biasRate();
    }
    return stages.build();
  }

  private StageSpec stage(ConfigNode node, float rate, float biasRate, boolean colourNoise) {
    node.requireMapping();
    try {
      StageSpec stage =
          new StageSpec(
              node.integer("epochs", 1, Integer.MAX_VALUE),
              node.number("images", i -> i > 0 && i <= 1, "above 0, at most 1", 1),
              node.number("rate", RATES, RATE, rate),
              node.number("biasRate", RATES, RATE, biasRate),
              node.choice("colourNoise", Map.of("on", true, "off", false), colourNoise),
              factors(node, "weightRates"),
              factors(node, "biasRates"),
              end(node));
      node.finish();
      return stage;
    } catch (IllegalArgumentException e) {
      throw node.error(e);
    }
  }

  private ImmutableMap<String, Float> factors(ConfigNode node, String key) {
    ImmutableMap.Builder<String, Float> factors = ImmutableMap.builder();
    if (!isAbsentOrOff(node, key)) {
      node.field(key)
          .entries()
          .forEach(
              (layer, factor) -> {
                requireWeighted(network, layer, factor);
                factors.put(layer, factor.number(RATES, RATE));
              });
    }
    return factors.buildOrThrow();
  }

  private static Optional<StageSpec.End> end(ConfigNode node) {
    if (isAbsentOrOff(node, "end")) {
      return Optional.empty();
    }
    ConfigNode end = node.field("end");
    end.requireMappingOrOff();
    if (end.has("patience") == end.has("lossOf")) {
      throw end.error("needs one of two: patience: EPOCHS, or lossOf: STAGE");
    }
    StageSpec.End read =
        end.has("patience")
            ? new StageSpec.Patience(end.integer("patience", 1, Integer.MAX_VALUE))
            : new StageSpec.LossOf(end.integer("lossOf", 1, Integer.MAX_VALUE));
    end.finish();
    return Optional.of(read);
  }
}
