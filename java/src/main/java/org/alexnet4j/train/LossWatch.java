package org.alexnet4j.train;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.net.LayerSpec;

/**
 * Notices losses that a person would look into: far above chance at the start, still at chance
 * after a while, or rising again. Says each once; changes nothing.
 *
 * <p>Chance is ln(classes), the loss of equal probabilities. Threads: one caller.
 */
final class LossWatch {
  /** Steps of a run in which its loss is held against chance. */
  static final int START_STEPS = 200;

  /** Share of the newest loss in the running mean. */
  private static final double SHARE = 0.05;

  /** Smoothed loss over chance that no start of this network has when all is well. */
  private static final double WIDE = 1.5;

  private static final double STUCK = 0.01;
  private static final double RISE = 2;

  /** Below this many classes hidden biases of 1 were seen to hold training back. */
  private static final int FEW_CLASSES = 100;

  private final Configuration configuration;
  private final double chance;
  private double weight;
  private double sum;
  private double lowest = Double.POSITIVE_INFINITY;
  private boolean saidWide;
  private boolean saidStuck;
  private boolean saidRise;
  private int atChance;

  LossWatch(Configuration configuration) {
    this.configuration = configuration;
    this.chance = Math.log(configuration.network().classes());
  }

  /** Takes in the loss of a step; returns what a person should know. */
  List<String> see(long step, double loss) {
    weight += SHARE * (1 - weight);
    sum += SHARE * (loss - sum);
    double mean = sum / weight;
    List<String> said = new ArrayList<>();
    if (step < START_STEPS && !saidWide && mean > WIDE * chance) {
      saidWide = true;
      said.add(wide(step, mean));
    }
    atChance = Math.abs(mean - chance) < STUCK * chance ? atChance + 1 : 0;
    if (atChance >= START_STEPS && !saidStuck) {
      saidStuck = true;
      said.add(stuck(step));
    }
    if (atChance == 0) {
      lowest = Math.min(lowest, mean);
    }
    if (weight > 0.9 && !saidRise && mean > RISE * Math.min(lowest, chance) && mean > chance) {
      saidRise = true;
      said.add(
          String.format(
              Locale.ROOT,
              "the loss rises: %s over the last steps, %s at its lowest; try a tenth of the rate",
              number(mean),
              number(lowest)));
    }
    return said;
  }

  private String wide(long step, double mean) {
    return String.format(
        Locale.ROOT,
        ("the loss is %s after step %d, chance is ln(%d) = %s: the rate is too high, the weights"
            + " start too wide, or the mean is not the data's"),
        number(mean),
        step,
        configuration.network().classes(),
        number(chance));
  }

  private String stuck(long step) {
    List<String> causes = new ArrayList<>();
    List<String> ones = layersWithBias();
    if (!ones.isEmpty() && configuration.network().classes() < FEW_CLASSES) {
      causes.add(
          String.format(
              Locale.ROOT,
              "hidden biases of 1 (%s) with few classes, see docs/fidelity.md \"Few classes\"",
              String.join(", ", ones)));
    }
    causes.add("a rate of " + configuration.training().rate() + " that is too low or too high");
    causes.add("a mean that is not the data's");
    return String.format(
        Locale.ROOT,
        "the loss has stayed at ln(%d) = %s for %d steps, after step %d; usual causes: %s",
        configuration.network().classes(),
        number(chance),
        START_STEPS,
        step,
        String.join("; ", causes));
  }

  /** Returns the hidden layers whose biases start near 1. */
  private List<String> layersWithBias() {
    List<String> names = new ArrayList<>();
    for (LayerSpec layer : configuration.network().layers()) {
      if (layer instanceof LayerSpec.Weighted weighted && weighted.parameters().bias() >= 0.5f) {
        names.add(layer.name());
      }
    }
    return names;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, "%.3f", value);
  }
}
