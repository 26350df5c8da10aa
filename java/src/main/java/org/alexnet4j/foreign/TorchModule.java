package org.alexnet4j.foreign;

import com.google.common.collect.ImmutableMap;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.io.Printable;
import org.alexnet4j.net.LayerNames;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Pool;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.shape.Rounding;

/**
 * The text of a Python module that defines a network for PyTorch, towers joined along the channels:
 * one module for each layer in {@code features} and {@code classifier}, so that weights have the
 * names of {@link SequentialNames}. Names that people chose stand in comments and JSON texts alone.
 */
final class TorchModule {
  /** What PyTorch has no module for, by the name that the text calls it by. */
  private static final ImmutableMap<String, String> OWN =
      ImmutableMap.of(
          "OverhangConv2d",
          """
          class OverhangConv2d(nn.Conv2d):
              \"""A convolution whose last windows read zeros past the right and lower border.\"""

              def __init__(self, *shape, before, after, **others):
                  super().__init__(*shape, **others)
                  self.borders = (before, after, before, after)  # left, right, top, bottom

              def forward(self, x):
                  return super().forward(F.pad(x, self.borders))
          """,
          "TowerNorm",
          """
          class TowerNorm(nn.Module):
              \"""A normalisation whose windows stay inside of each tower's channels.\"""

              def __init__(self, towers, norm):
                  super().__init__()
                  self.towers = towers
                  self.norm = norm

              def forward(self, x):
                  parts = x.chunk(self.towers, dim=1)
                  return torch.cat([self.norm(part) for part in parts], dim=1)
          """,
          "MapNorm",
          """
          class MapNorm(nn.Module):
              \"""A normalisation over size x size pixels of a map; alpha is on the plain sum.\"""

              def __init__(self, size, alpha, beta, k):
                  super().__init__()
                  self.size, self.alpha, self.beta, self.k = size, alpha, beta, k

              def forward(self, x):
                  means = F.avg_pool2d(x * x, self.size, stride=1, padding=self.size // 2)
                  sums = means * (self.size * self.size)
                  return x * (self.k + self.alpha * sums) ** -self.beta
          """,
          "KeptDropout",
          """
          class KeptDropout(nn.Module):
              \"""Dropout of 2012: zeros in training; in evaluation, times what training keeps.\"""

              def __init__(self, keep):
                  super().__init__()
                  self.keep = keep

              def forward(self, x):
                  return F.dropout(x, 1 - self.keep, self.training) * self.keep
          """);

  private final ExportedNetwork exported;
  private final NetworkSpec network;
  private final boolean folded;
  private final List<String> layers = new ArrayList<>();
  private final TreeSet<String> used = new TreeSet<>();
  private int side;
  private int channels = InputConvention.CHANNELS;
  private boolean classifying;
  private boolean flat;
  private boolean first = true;

  private TorchModule(ExportedNetwork exported, boolean folded) {
    this.exported = exported;
    this.network = exported.network();
    this.folded = folded;
    this.side = network.inputSize();
  }

  /**
   * Returns the text.
   *
   * @param folded whether weights behind dropout are multiplied by what it keeps
   * @throws IllegalArgumentException if PyTorch has no counterpart for a layer; names it
   */
  static String text(ExportedNetwork network, boolean folded) {
    return new TorchModule(network, folded).text();
  }

  private String text() {
    int split = LayerNames.split(network);
    List<LayerSpec> all = network.layers();
    all.subList(0, split).forEach(this::add);
    List<String> features = List.copyOf(layers);
    layers.clear();
    classifying = true;
    all.subList(split, all.size() - 1).forEach(this::add); // without the softmax
    StringBuilder own = new StringBuilder();
    used.forEach(name -> own.append("\n\n").append(OWN.get(name)));
    return TorchTemplate.fill(
        ImmutableMap.<String, String>builder()
            .put("NAME", Printable.name(network.name()))
            .put("CROP", String.valueOf(network.inputSize()))
            .put("SOURCE", String.valueOf(network.sourceSize()))
            .put(
                "MEAN",
                exported.mean().length == InputConvention.CHANNELS ? "1, 1" : "SOURCE, SOURCE")
            .put("CLASSES", classes())
            .put("OWN", own.toString())
            .put("FEATURES", String.join("", features))
            .put("CLASSIFIER", String.join("", layers))
            .buildOrThrow());
  }

  private String classes() {
    StringBuilder names = new StringBuilder();
    exported.classes().forEach(n -> names.append("    ").append(JsonLines.toJson(n)).append(",\n"));
    return names.toString();
  }

  private void add(LayerSpec layer) {
    String module;
    if (layer instanceof Conv conv) {
      module = conv(conv);
    } else if (layer instanceof Fc fc) {
      module = fc(fc);
    } else if (layer instanceof Lrn lrn) {
      module = lrn(lrn);
    } else if (layer instanceof Pool pool) {
      module = pool(pool);
    } else if (layer instanceof Dropout dropout) {
      module =
          folded
              ? "nn.Dropout(p=" + (1 - dropout.keep()) + ")"
              : own("KeptDropout", "keep=" + dropout.keep());
    } else if (layer instanceof LayerSpec.Relu) {
      module = "nn.ReLU()";
    } else if (layer instanceof LayerSpec.Tanh) {
      module = "nn.Tanh()";
    } else if (layer instanceof LayerSpec.Sigmoid) {
      module = "nn.Sigmoid()";
    } else {
      throw refused(layer, "filters of every position's own have no module in PyTorch");
    }
    String shape =
        flat || classifying
            ? String.valueOf(flat ? channels : channels * side * side)
            : channels + ", " + side + ", " + side;
    String name = Printable.name(layer.name());
    layers.add("            " + module + ",  # " + name + " [N, " + shape + "]\n");
  }

  private static IllegalArgumentException refused(LayerSpec layer, String why) {
    return new IllegalArgumentException("layer " + layer.name() + ": " + why);
  }

  private String own(String name, String arguments) {
    used.add(name);
    return name + "(" + arguments + ")";
  }

  private int groups(Reads reads) {
    return first ? 1 : reads.groups(network.towers());
  }

  private String conv(Conv conv) {
    requireMaps(conv);
    int maps = conv.maps() * network.towers();
    int stride = conv.stride();
    int reach = side + 2 * conv.pad() - conv.kernel();
    int past =
        reach % stride == 0 || conv.rounding() == Rounding.DOWN ? 0 : stride - reach % stride;
    int groups = groups(conv.reads());
    String shape =
        channels
            + ", "
            + maps
            + ", "
            + conv.kernel()
            + (stride == 1 ? "" : ", stride=" + stride)
            + (groups == 1 ? "" : ", groups=" + groups);
    side = (reach + past) / stride + 1;
    channels = maps;
    first = false;
    if (past > 0) { // zeros there are of no tower and no map (D1)
      int after = conv.pad() + past;
      return own("OverhangConv2d", shape + ", before=" + conv.pad() + ", after=" + after);
    }
    return "nn.Conv2d(" + shape + (conv.pad() == 0 ? "" : ", padding=" + conv.pad()) + ")";
  }

  private String fc(Fc fc) {
    if (groups(fc.reads()) > 1) {
      throw refused(fc, "a fully-connected layer of PyTorch reads all maps, not one tower's");
    }
    int inputs = flat ? channels : channels * side * side;
    channels = fc.units() * (fc.firstTowerOnly() ? 1 : network.towers());
    flat = true;
    first = false;
    return "nn.Linear(" + inputs + ", " + channels + ")";
  }

  /** PyTorch divides alpha by the size; here it is on the plain sum (D5). */
  private String lrn(Lrn lrn) {
    requireMaps(lrn);
    String constants = ", beta=" + lrn.beta() + ", k=" + lrn.k();
    if (lrn.over() == Lrn.Over.PIXELS) {
      return own("MapNorm", lrn.size() + ", alpha=" + lrn.alpha() + constants);
    }
    String norm =
        "nn.LocalResponseNorm(" + lrn.size() + ", alpha=" + timesSize(lrn) + constants + ")";
    boolean apart = lrn.over() == Lrn.Over.MAPS && network.towers() > 1;
    return apart ? own("TowerNorm", network.towers() + ", " + norm) : norm;
  }

  /** In decimals, so that 1e-4 and 5 are 0.0005 and not what two roundings make of them. */
  private static String timesSize(Lrn lrn) {
    BigDecimal alpha = new BigDecimal(Float.toString(lrn.alpha()));
    return alpha.multiply(BigDecimal.valueOf(lrn.size())).stripTrailingZeros().toString();
  }

  /** Output sizes are rounded up, windows cut at the border, as with {@code ceil_mode} there. */
  private String pool(Pool pool) {
    requireMaps(pool);
    side = (side - pool.size() + pool.stride() - 1) / pool.stride() + 1;
    boolean average = pool.mode() == PoolShape.Mode.AVERAGE;
    return (average ? "nn.AvgPool2d(" : "nn.MaxPool2d(")
        + pool.size()
        + ", stride="
        + pool.stride()
        + ", ceil_mode=True"
        + (average ? ", count_include_pad=False)" : ")");
  }

  private void requireMaps(LayerSpec layer) {
    if (flat) {
      throw refused(
          layer, "reads maps behind a fully-connected layer, which gives none in PyTorch");
    }
  }
}
