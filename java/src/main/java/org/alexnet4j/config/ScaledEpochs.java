package org.alexnet4j.config;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * A training of more or fewer epochs in which everything that happens at an epoch, a drop, a stage,
 * the end of the noise, happens at the same share of the way, at the nearest epoch; what comes to
 * lie at the end or on top of something of its kind is left out, but for stages: each has an epoch
 * at least.
 */
final class ScaledEpochs {
  private final double factor;
  private final int epochs;

  private ScaledEpochs(int from, int to) {
    this.factor = to / (double) from;
    this.epochs = to;
  }

  /**
   * Returns a configuration with so many epochs.
   *
   * @throws IllegalArgumentException if it has more stages
   */
  static Configuration of(Configuration configuration, int epochs) {
    TrainingSpec t = configuration.training();
    ScaledEpochs scaled = new ScaledEpochs(t.epochs(), epochs);
    ImmutableList<StageSpec> stages = scaled.stages(t.stages());
    TrainingSpec training =
        new TrainingSpec(
            t.batch(),
            epochs,
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
    int[] shares = shares(stages);
    ImmutableList.Builder<StageSpec> scaled = ImmutableList.builder();
    for (int i = 0; i < shares.length; i++) {
      StageSpec s = stages.get(i);
      scaled.add(
          new StageSpec(
              shares[i],
              s.images(),
              s.rate(),
              s.biasRate(),
              s.colourNoise(),
              s.weightRates(),
              s.biasRates(),
              s.end()));
    }
    return scaled.build();
  }

  /** Returns the epochs of each stage: one at least, and in all what there are, by remainders. */
  private int[] shares(List<StageSpec> stages) {
    if (epochs < stages.size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "has %d stages, the scale %d epochs; allowed: %1$d epochs or more, one for each stage",
              stages.size(),
              epochs));
    }
    int[] shares =
        stages.stream().mapToInt(s -> Math.max(1, (int) (s.epochs() * factor))).toArray();
    int left = stages.isEmpty() ? 0 : epochs - IntStream.of(shares).sum();
    for (; left != 0; left -= Integer.signum(left)) {
      shares[farthest(stages, shares, Integer.signum(left))] += Integer.signum(left);
    }
    return shares;
  }

  /** Returns the stage that is farthest below its share, or above it if the sign is negative. */
  private int farthest(List<StageSpec> stages, int[] shares, int sign) {
    int best = -1;
    double most = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < shares.length; i++) {
      double off = sign * (stages.get(i).epochs() * factor - shares[i]);
      if (off > most && (sign > 0 || shares[i] > 1)) {
        best = i;
        most = off;
      }
    }
    return best;
  }
}
