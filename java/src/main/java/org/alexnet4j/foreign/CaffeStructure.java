package org.alexnet4j.foreign;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.alexnet4j.foreign.file.CaffeFeed;
import org.alexnet4j.foreign.file.CaffeLayer;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Pool;
import org.alexnet4j.net.LayerSpec.Relu;
import org.alexnet4j.net.LayerSpec.Softmax;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.shape.Rounding;

/**
 * Whether the layers of a Caffe file compute what a network here does, layer by layer: order,
 * windows, groups, constants of normalisation (Caffe divides alpha by the size; here it is on the
 * plain sum, D5), rounding.
 */
final class CaffeStructure {
  private static final double SAME = 1e-6; // of constants that are floats on both sides

  private final NetworkSpec network;
  private final boolean whole;
  private final List<CaffeLayer> feeds;
  private final List<CaffeLayer> theirs = new ArrayList<>();
  private final List<LayerSpec> ours = new ArrayList<>();
  private final Map<String, String> copies = new HashMap<>();
  private int side;
  private int channels = InputConvention.CHANNELS;

  private CaffeStructure(NetworkSpec network, List<CaffeLayer> layers, Optional<String> upTo) {
    this.network = network;
    this.whole = upTo.isEmpty();
    this.feeds = layers.stream().filter(CaffeLayer::isApart).toList();
    this.side = network.inputSize();
    CaffeTowers.joined(layers).stream()
        .filter(layer -> !layer.isApart() && !isCopy(layer))
        .forEach(theirs::add);
    for (LayerSpec layer : network.layers()) {
      if (!(layer instanceof Dropout)) {
        ours.add(layer);
      }
      if (layer.name().equals(upTo.orElse(""))) {
        break;
      }
    }
    for (CaffeLayer layer : layers) {
      if (isCopy(layer) && !layer.bottoms().isEmpty()) {
        String bottom = layer.bottoms().get(0);
        String from = this.copies.getOrDefault(bottom, bottom);
        layer.tops().forEach(top -> this.copies.put(top, from));
      }
    }
  }

  private static boolean isCopy(CaffeLayer layer) {
    return layer.type().equals("Dropout") || layer.type().equals("Split");
  }

  /**
   * Returns the first difference, naming layer and reason; nothing if all layers are the same.
   *
   * @param upTo the last layer that is compared; empty: all
   */
  static Optional<String> difference(
      NetworkSpec network, List<CaffeLayer> layers, Optional<String> upTo) {
    return new CaffeStructure(network, layers, upTo).difference();
  }

  private Optional<String> difference() {
    for (CaffeLayer layer : feeds) {
      Optional<String> why = feed(layer.feed());
      if (why.isPresent()) {
        return Optional.of(layer.title() + ": " + why.get());
      }
    }
    return layers();
  }

  private Optional<String> feed(CaffeFeed feed) {
    if (feed.channels() != 0 && feed.channels() != InputConvention.CHANNELS) {
      return Optional.of("has " + feed.channels() + " channels, needed are 3");
    }
    int needed = network.inputSize();
    return feed.side() == 0 || feed.side() == needed
        ? Optional.empty()
        : Optional.of(
            "the image's side is "
                + feed.side()
                + ", needed is "
                + needed
                + "; allowed: --set network.input="
                + feed.side());
  }

  private Optional<String> layers() {
    String before = null;
    for (int i = 0; i < (whole ? Math.max(ours.size(), theirs.size()) : ours.size()); i++) {
      if (i >= ours.size()) {
        return Optional.of(theirs.get(i).title() + " has no counterpart");
      }
      if (i >= theirs.size()) {
        return ours.get(i) instanceof Softmax
            ? Optional.empty() // as of a network without its last layer, which has no weights
            : Optional.of("layer " + ours.get(i).name() + " is missing in the file");
      }
      CaffeLayer layer = theirs.get(i);
      Optional<String> why = between(ours.get(i), layer);
      if (why.isPresent()) {
        return Optional.of(layer.title() + ": " + why.get());
      }
      if (before != null && !layer.bottoms().isEmpty() && !reads(layer, before)) {
        return Optional.of(
            layer.title() + ": reads " + layer.bottoms() + ", not the layer before it");
      }
      before = layer.tops().isEmpty() ? before : layer.tops().get(0);
    }
    return Optional.empty();
  }

  /** Dropout and copies change nothing, so what reads them reads what they read. */
  private boolean reads(CaffeLayer layer, String top) {
    String bottom = layer.bottoms().get(0);
    return copies.getOrDefault(bottom, bottom).equals(top);
  }

  private Optional<String> between(LayerSpec mine, CaffeLayer layer) {
    String wanted =
        mine instanceof Conv
            ? "Convolution"
            : mine instanceof Fc
                ? "InnerProduct"
                : mine instanceof Lrn
                    ? "LRN"
                    : mine instanceof Pool ? "Pooling" : mine instanceof Relu ? "ReLU" : "Softmax";
    Set<String> fits =
        mine instanceof Softmax ? Set.of("Softmax", "SoftmaxWithLoss") : Set.of(wanted);
    if (!fits.contains(layer.type())) {
      return Optional.of(
          "is "
              + layer.type()
              + ", where "
              + mine.name()
              + " is "
              + wanted
              + (layer.type().equals("Slice") && mine instanceof Lrn
                  ? "; allowed: parts that have the same LRN each and that a Concat joins in order"
                  : ""));
    }
    if (mine instanceof Conv conv) {
      return conv(conv, layer);
    }
    if (mine instanceof Pool pool) {
      return pool(pool, layer);
    }
    if (mine instanceof Lrn lrn) {
      return lrn(lrn, layer);
    }
    if (mine instanceof Fc) {
      return first(number(layer, "transpose", 0, 0), number(layer, "axis", 1, 1), bias(layer));
    }
    return mine instanceof Relu
        ? number(layer, "negative_slope", 0, 0)
        : mine instanceof Softmax ? number(layer, "axis", 1, 1) : Optional.empty();
  }

  private Optional<String> bias(CaffeLayer layer) {
    return number(layer, "bias_term", 1, 1);
  }

  private Optional<String> conv(Conv conv, CaffeLayer layer) {
    boolean first = ours.indexOf(conv) == 0;
    int groups = first ? 1 : conv.reads().groups(network.towers());
    int reach = side + 2 * conv.pad() - conv.kernel();
    Optional<String> why =
        first(
            window(layer, "kernel", conv.kernel()),
            window(layer, "stride", conv.stride()),
            window(layer, "pad", conv.pad()),
            number(layer, "group", 1, groups),
            number(layer, "dilation", 1, 1),
            number(layer, "axis", 1, 1),
            bias(layer));
    if (why.isEmpty() && reach % conv.stride() != 0 && conv.rounding() == Rounding.UP) {
      return Optional.of("rounds its output size down, " + conv.name() + " rounds it up");
    }
    side = reach / conv.stride() + 1;
    channels = conv.maps() * network.towers();
    return why;
  }

  private Optional<String> pool(Pool pool, CaffeLayer layer) {
    side = (side - pool.size() + pool.stride() - 1) / pool.stride() + 1;
    return first(
        number(layer, "pool", 0, pool.mode() == PoolShape.Mode.MAX ? 0 : 1),
        window(layer, "kernel", pool.size()),
        window(layer, "stride", pool.stride()),
        window(layer, "pad", 0),
        number(layer, "global_pooling", 0, 0),
        number(layer, "round_mode", 0, 0));
  }

  private Optional<String> lrn(Lrn lrn, CaffeLayer layer) {
    if (lrn.over() == Lrn.Over.PIXELS) {
      return Optional.of("is over channels, " + lrn.name() + " over pixels");
    }
    Optional<String> towers = towers(lrn, layer);
    if (towers.isPresent()) {
      return towers;
    }
    double size = layer.number("local_size", 5);
    Optional<String> alpha =
        Math.abs(layer.number("alpha", 1) / size - lrn.alpha()) <= SAME * lrn.alpha()
            ? Optional.empty()
            : Optional.of(
                "alpha is "
                    + (float) layer.number("alpha", 1)
                    + " over a size of "
                    + (int) size
                    + ", "
                    + lrn.name()
                    + " has "
                    + lrn.alpha()
                    + " on the plain sum");
    return first(
        number(layer, "norm_region", 0, 0),
        number(layer, "local_size", 5, lrn.size()),
        alpha,
        number(layer, "beta", 0.75, lrn.beta()),
        number(layer, "k", 1, lrn.k()));
  }

  private Optional<String> towers(Lrn lrn, CaffeLayer layer) {
    int there = (int) layer.number(CaffeTowers.TOWERS, 1);
    int here = lrn.over() == Lrn.Over.MAPS ? network.towers() : 1;
    if (there == 1 && here > 1) {
      return Optional.of(
          "its windows cross groups, those of "
              + lrn.name()
              + " stay in a tower; allowed: over: all-maps");
    }
    if (there != here) {
      return Optional.of(
          "is in " + there + " parts, " + lrn.name() + " in " + here + "; allowed: as many");
    }
    double equal = channels / Math.max(1, there);
    boolean many = layer.numbers().keySet().stream().anyMatch(k -> k.startsWith("slice_point,"));
    double second = layer.number(CaffeTowers.SECOND, equal);
    return second == equal && !many
        ? Optional.empty()
        : Optional.of(
            "its parts begin at stated maps"
                + (many ? "" : " (" + (long) second + ")")
                + "; allowed: equal parts, where nothing is stated or, of two, "
                + (long) equal);
  }

  /** Rows and columns are stated together or apart. */
  private static Optional<String> window(CaffeLayer layer, String what, int wanted) {
    String both = what.equals("kernel") ? "kernel_size" : what;
    double otherwise = what.equals("stride") ? 1 : 0;
    double value = layer.number(both, otherwise);
    if (layer.numbers().containsKey(both + ", one for rows and one for columns")) {
      return Optional.of(what + " differs between rows and columns");
    }
    double rows = layer.number(what + "_h", value);
    double columns = layer.number(what + "_w", value);
    return rows == wanted && columns == wanted
        ? Optional.empty()
        : Optional.of(
            what + " is " + (long) rows + " x " + (long) columns + ", needed is " + wanted);
  }

  private static Optional<String> number(
      CaffeLayer layer, String what, double otherwise, double wanted) {
    double value = layer.number(what, otherwise);
    return Math.abs(value - wanted) <= SAME * Math.abs(wanted)
        ? Optional.empty()
        : Optional.of(what + " is " + (float) value + ", needed is " + (float) wanted);
  }

  @SafeVarargs
  private static Optional<String> first(Optional<String>... reasons) {
    for (Optional<String> reason : reasons) {
      if (reason.isPresent()) {
        return reason;
      }
    }
    return Optional.empty();
  }
}
