package org.alexnet4j.config;

import com.google.gson.JsonPrimitive;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerVisitor;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.shape.Rounding;

/** Writes a configuration as the YAML that {@link ConfigReader} reads back to the same value. */
public final class ConfigWriter {
  private ConfigWriter() {}

  /**
   * {@return the whole configuration, presets resolved}
   *
   * @param configuration what is written
   */
  public static String write(Configuration configuration) {
    StringBuilder out = new StringBuilder();
    NetworkSpec network = configuration.network();
    out.append("name: ").append(quoted(network.name())).append("\nnetwork:\n");
    line(out, "towers", network.towers());
    line(out, "input", network.inputSize());
    line(out, "source", network.sourceSize());
    line(out, "mean", word(configuration.mean()));
    out.append("  layers:\n");
    for (LayerSpec layer : network.layers()) {
      out.append("    ")
          .append(quoted(layer.name()))
          .append(": {")
          .append(layer.accept(Statement.OF))
          .append("}\n");
    }
    TrainingSpec training = configuration.training();
    out.append("training:\n");
    line(out, "batch", training.batch());
    line(out, "epochs", training.epochs());
    line(out, "rate", training.rate());
    line(out, "biasRate", training.biasRate());
    line(out, "biasRateFollows", training.biasRateFollows());
    line(out, "momentum", training.momentum());
    line(out, "drops", list(training.drops()));
    line(out, "dropFactor", training.dropFactor());
    training
        .plateau()
        .ifPresent(
            p ->
                line(out, "plateau", "{patience: " + p.patience() + ", drops: " + p.drops() + "}"));
    if (!training.biasDrops().isEmpty()) {
      line(out, "biasDrops", list(training.biasDrops()));
    }
    if (!training.weightRates().equals(LayerRates.NONE)) {
      line(out, "weightRates", training.weightRates());
    }
    if (!training.biasRates().equals(LayerRates.NONE)) {
      line(out, "biasRates", training.biasRates());
    }
    TrainingStatement.append(training, out);
    AugmentationSpec augmentation = configuration.augmentation();
    out.append("augmentation:\n");
    line(out, "crop", augmentation.randomCrop() ? "random" : "centre");
    line(out, "flip", augmentation.flip());
    line(out, "lastOffset", augmentation.lastOffset());
    line(out, "chunk", augmentation.chunk());
    line(out, "colourNoise", augmentation.colourNoise() ? "on" : "off");
    line(out, "noiseDivisor", augmentation.noiseDivisor());
    if (augmentation.noiseEpochs() != AugmentationSpec.ALL_EPOCHS) {
      line(out, "noiseEpochs", augmentation.noiseEpochs());
    }
    configuration.start().ifPresent(start -> append(start, out));
    return out.toString();
  }

  private static void append(StartSpec start, StringBuilder out) {
    out.append("start:\n");
    line(out, "from", new JsonPrimitive(start.from()));
    if (!start.layers().isEmpty()) {
      line(
          out,
          "layers",
          start.layers().entrySet().stream()
              .map(layer -> quoted(layer.getKey()) + ": " + word(layer.getValue()))
              .collect(Collectors.joining(", ", "{", "}")));
    }
  }

  /** Returns a text that YAML reads back to the same text, in JSON's quotes where it must. */
  private static String quoted(String text) {
    return text.matches("[A-Za-z][A-Za-z0-9_.-]*") ? text : new JsonPrimitive(text).toString();
  }

  private static String list(List<Integer> epochs) {
    return epochs.stream().map(String::valueOf).collect(Collectors.joining(", ", "[", "]"));
  }

  private static void line(StringBuilder out, String key, Object value) {
    out.append("  ").append(key).append(": ").append(value).append('\n');
  }

  private static String word(Enum<?> value) {
    return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** How a file states a layer. */
  private enum Statement implements LayerVisitor<String> {
    OF;

    @Override
    public String conv(LayerSpec.Conv conv) {
      return "type: conv, maps: "
          + conv.maps()
          + windows(conv.kernel(), conv.stride(), conv.pad(), conv.rounding(), conv.reads())
          + parameters(conv.parameters());
    }

    @Override
    public String local(LayerSpec.Local local) {
      return "type: local, maps: "
          + local.maps()
          + windows(local.kernel(), local.stride(), local.pad(), local.rounding(), local.reads())
          + parameters(local.parameters());
    }

    @Override
    public String fc(LayerSpec.Fc fc) {
      return "type: fc, units: "
          + fc.units()
          + ", towers: "
          + (fc.firstTowerOnly() ? "first" : "each")
          + ", reads: "
          + word(fc.reads())
          + parameters(fc.parameters());
    }

    @Override
    public String relu(LayerSpec.Relu layer) {
      return "type: relu";
    }

    @Override
    public String tanh(LayerSpec.Tanh layer) {
      return "type: tanh";
    }

    @Override
    public String sigmoid(LayerSpec.Sigmoid layer) {
      return "type: sigmoid";
    }

    @Override
    public String lrn(LayerSpec.Lrn lrn) {
      return "type: lrn, over: "
          + word(lrn.over())
          + ", size: "
          + lrn.size()
          + ", k: "
          + lrn.k()
          + ", alpha: "
          + lrn.alpha()
          + ", beta: "
          + lrn.beta();
    }

    @Override
    public String pool(LayerSpec.Pool pool) {
      return "type: pool, size: "
          + pool.size()
          + ", stride: "
          + pool.stride()
          + ", mode: "
          + word(pool.mode())
          + ", ties: "
          + word(pool.ties());
    }

    @Override
    public String dropout(LayerSpec.Dropout dropout) {
      return "type: dropout, keep: " + dropout.keep();
    }

    @Override
    public String softmax(LayerSpec.Softmax layer) {
      return "type: softmax";
    }
  }

  private static String windows(
      int kernel, int stride, int pad, Rounding rounding, LayerSpec.Reads reads) {
    return ", kernel: "
        + kernel
        + ", stride: "
        + stride
        + ", pad: "
        + pad
        + ", rounding: "
        + word(rounding)
        + ", reads: "
        + word(reads);
  }

  private static String parameters(Parameters p) {
    return ", sigma: "
        + p.sigma()
        + ", bias: "
        + p.bias()
        + ", weightRate: "
        + p.weightRate()
        + ", biasRate: "
        + p.biasRate()
        + ", decay: "
        + p.decay();
  }
}
