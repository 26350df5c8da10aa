package org.alexnet4j.config;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * A training of more or fewer epochs in which everything that happens at an epoch, a drop, a stage,
 * the end of the noise, happens at the same share of the way, at the nearest epoch; what comes to
 * lie at the end or on top of something of its kind is left out.
 */
final class ScaledEpochs {
  private final double factor;
  private final int epochs;

  private ScaledEpochs(int from, int to) {
    this.factor = to / (double) from;
    this.epochs = to;
  }

  /** Returns a configuration with so many epochs. */
  static Configuration of(Configuration configuration, int epochs) {
    TrainingSpec t = configuration.training();
    ScaledEpochs scaled = new ScaledEpochs(t.epochs(), epochs);
    ImmutableList<StageSpec> stages = scaled.stages(t.stages());
    TrainingSpec training =
        new TrainingSpec(
            t.batch(),
            stages.isEmpty() ? epochs : stages.stream().mapToInt(StageSpec::epochs).sum(),
            t.rate(),
            t.biasRate(),
            t.biasRateFollows(),
            t.momentum(),
            scaled.drops(t.drops()),
            t.dropFactor(),
            t.plateau(),
            scaled.drops(t.biasDrops()),
            scaled.rates(t.weightRates()),
            scaled.rates(t.biasRates()),
            new RateCurve(
                t.curve().shape(),
                t.curve().to(),
                Math.min(epochs - 1, scaled.at(t.curve().warmUp()))),
            t.shortBatches(),
            stages,
            t.stop(),
            t.slicing(),
            t.arithmetic());
    AugmentationSpec a = configuration.augmentation();
    int noise = a.noiseEpochs();
    return configuration
        .withTraining(training)
        .withAugmentation(
            new AugmentationSpec(
                a.randomCrop(),
                a.flip(),
                a.lastOffset(),
                a.chunk(),
                a.colourNoise(),
                a.noiseDivisor(),
                noise == AugmentationSpec.ALL_EPOCHS ? noise : scaled.at(noise)));
  }

  private int at(int epoch) {
    return (int) Math.round(epoch * factor);
  }

  private ImmutableList<Integer> drops(List<Integer> drops) {
    return drops.stream()
        .map(this::at)
        .filter(epoch -> epoch < epochs)
        .distinct()
        .collect(ImmutableList.toImmutableList());
  }

  private LayerRates rates(LayerRates rates) {
    ImmutableMap.Builder<String, ImmutableSortedMap<Integer, Float>> scaled =
        ImmutableMap.builder();
    rates
        .factors()
        .forEach(
            (layer, factors) -> {
              TreeMap<Integer, Float> moved = new TreeMap<>();
              factors.forEach((epoch, rate) -> moved.put(at(epoch), rate));
              scaled.put(layer, ImmutableSortedMap.copyOf(moved));
            });
    return new LayerRates(scaled.buildOrThrow());
  }

  private ImmutableList<StageSpec> stages(List<StageSpec> stages) {
    List<StageSpec> scaled = new ArrayList<>();
    for (StageSpec s : stages) {
      scaled.add(
          new StageSpec(
              Math.max(1, at(s.epochs())),
              s.images(),
              s.rate(),
              s.biasRate(),
              s.colourNoise(),
              s.weightRates(),
              s.biasRates(),
              s.end()));
    }
    return ImmutableList.copyOf(scaled);
  }
}
