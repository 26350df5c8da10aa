package org.alexnet4j.config;

import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.alexnet4j.shape.Algorithm;
import org.alexnet4j.shape.Precision;

/** How a file states what of the training is not a plain number: curve, last batch, stages. */
final class TrainingStatement {
  private TrainingStatement() {}

  static void append(TrainingSpec training, StringBuilder out) {
    RateCurve curve = training.curve();
    if (curve.shape() != RateCurve.Shape.STEPS) {
      String shape = curve.shape().name().toLowerCase(Locale.ROOT);
      out.append("  curve: {shape: " + shape + ", to: " + curve.to() + "}\n");
    }
    if (curve.warmUp() > 0) {
      out.append("  warmUp: " + curve.warmUp() + "\n");
    }
    if (training.shortBatches()) {
      out.append("  lastBatch: short\n");
    }
    if (training.slicing().count() > 1) {
      out.append("  slices: " + training.slicing().count() + "\n");
      out.append("  memory: " + (training.slicing().recompute() ? "recompute" : "keep") + "\n");
    }
    if (training.arithmetic().precision() != Precision.FP32) {
      out.append("  precision: " + training.arithmetic().precision() + "\n");
    }
    if (training.arithmetic().algorithm() != Algorithm.DIRECT) {
      out.append("  algorithm: " + training.arithmetic().algorithm() + "\n");
    }
    training
        .stop()
        .ifPresent(
            stop ->
                out.append("  stop: {patience: " + stop.patience())
                    .append(", minimum: " + stop.minimum() + "}\n"));
    if (!training.stages().isEmpty()) {
      out.append("  stages:\n");
      training.stages().forEach(stage -> out.append("    - {" + stage(stage) + "}\n"));
    }
  }

  private static String stage(StageSpec stage) {
    return "epochs: "
        + stage.epochs()
        + ", images: "
        + stage.images()
        + ", rate: "
        + stage.rate()
        + ", biasRate: "
        + stage.biasRate()
        + ", colourNoise: "
        + (stage.colourNoise() ? "on" : "off")
        + factors(", weightRates: ", stage.weightRates())
        + factors(", biasRates: ", stage.biasRates())
        + stage.end().map(end -> ", end: {" + end(end) + "}").orElse("");
  }

  private static String factors(String key, Map<String, Float> factors) {
    return factors.isEmpty()
        ? ""
        : factors.entrySet().stream()
            .map(factor -> factor.getKey() + ": " + factor.getValue())
            .collect(Collectors.joining(", ", key + "{", "}"));
  }

  private static String end(StageSpec.End end) {
    return end instanceof StageSpec.Patience patience
        ? "patience: " + patience.epochs()
        : "lossOf: " + ((StageSpec.LossOf) end).stage();
  }
}
