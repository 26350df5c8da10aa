package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import com.google.common.collect.Sets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;

/**
 * A Caffe model together with the prototxt that describes its network. What the model leaves out,
 * the prototxt supplies; where both say something they must say the same.
 */
final class CaffeAgreement {
  /**
   * Layers that one of the two may have alone: they change no value, or stand behind all others.
   */
  private static final ImmutableSet<String> ALONE =
      ImmutableSet.of("Dropout", "Split", "Softmax", "SoftmaxWithLoss");

  private final ForeignFile model;
  private final Path prototxt;
  private final Map<String, CaffeLayer> theirs = new HashMap<>();
  private final Map<String, String> copies = new HashMap<>(); // a Split's top -> what it copies

  private CaffeAgreement(ForeignFile model, Path prototxt) {
    this.model = model;
    this.prototxt = prototxt;
    for (CaffeLayer layer : model.layers()) {
      if (!layer.isApart()) {
        theirs.putIfAbsent(layer.name(), layer);
      }
      if (layer.type().equals("Split") && layer.bottoms().size() == 1) {
        layer.tops().forEach(top -> copies.put(top, layer.bottoms().get(0)));
      }
    }
  }

  /**
   * Returns the model with its layers as the prototxt describes them.
   *
   * @param layers of the prototxt
   * @throws FormatException if the two differ; names line, layer and field
   */
  static ForeignFile of(ForeignFile model, Path prototxt, List<CaffeLayer> layers)
      throws FormatException {
    return new CaffeAgreement(model, prototxt).joined(layers);
  }

  private ForeignFile joined(List<CaffeLayer> ours) throws FormatException {
    Map<String, CaffeLayer> named = new HashMap<>();
    for (CaffeLayer layer : ours) {
      if (!layer.isApart()) {
        require(named.put(layer.name(), layer) == null, layer, "has the name of one before it");
        layer(layer);
      }
    }
    for (CaffeLayer layer : model.layers()) {
      boolean computes = !layer.type().isEmpty() && !layer.isApart();
      if (computes && !ALONE.contains(layer.type()) && !named.containsKey(layer.name())) {
        throw new FormatException(
            prototxt,
            "layer " + Printable.name(layer.name()),
            "is not there, the model has it (" + layer.type() + "); allowed: the same layers");
      }
    }
    List<CaffeLayer> feeds = new ArrayList<>();
    for (CaffeLayer layer : model.layers()) {
      if (layer.isApart() && !layer.feed().equals(CaffeFeed.NONE)) {
        for (CaffeLayer mine : ours) {
          feed(mine, layer.feed());
        }
        feeds.add(layer);
      }
    }
    ImmutableMap.Builder<String, ForeignTensor> tensors = ImmutableMap.builder();
    for (ForeignTensor tensor : model.tensors().values()) {
      tensors.put(tensor.name(), tensor(tensor, named));
    }
    ImmutableList.Builder<CaffeLayer> all = ImmutableList.builder();
    return model.with(tensors.buildOrThrow(), all.addAll(feeds).addAll(ours).build());
  }

  private FormatException refused(CaffeLayer layer, String what) {
    String line = layer.place().substring(layer.place().lastIndexOf(", ") + 2);
    return new FormatException(prototxt, line + ", layer " + Printable.name(layer.name()), what);
  }

  private void require(boolean condition, CaffeLayer layer, String what) throws FormatException {
    if (!condition) {
      throw refused(layer, what);
    }
  }

  private void same(CaffeLayer layer, String field, Object mine, Object their)
      throws FormatException {
    if (!mine.equals(their)) {
      throw refused(
          layer,
          field + " is " + mine + ", the model has " + their + "; allowed: the same in both");
    }
  }

  private void layer(CaffeLayer mine) throws FormatException {
    CaffeLayer their = theirs.get(mine.name());
    if (their == null) {
      boolean whole = theirs.values().stream().anyMatch(layer -> layer.type().equals("ReLU"));
      require(
          !whole || ALONE.contains(mine.type()),
          mine,
          "(" + mine.type() + ") is not in the model, which states its layers; allowed: the same");
      return;
    }
    if (!their.type().isEmpty()) {
      same(mine, "type", kind(mine.type()), kind(their.type()));
    }
    if (!their.bottoms().isEmpty() && !mine.bottoms().isEmpty()) {
      same(mine, "bottom", read(mine), read(their));
    }
    if (!their.tops().isEmpty() && !mine.tops().isEmpty() && !isLast(mine)) {
      same(mine, "top", mine.tops(), their.tops());
    }
    if (!their.numbers().isEmpty()) {
      numbers(mine, their);
    }
  }

  private static boolean isLast(CaffeLayer layer) {
    return kind(layer.type()).equals("Softmax");
  }

  private static String kind(String type) {
    return type.equals("SoftmaxWithLoss") ? "Softmax" : type;
  }

  /** A loss reads labels too, which the softmax in its place does not. */
  private List<String> read(CaffeLayer layer) {
    int count = isLast(layer) ? 1 : layer.bottoms().size();
    return layer.bottoms().subList(0, count).stream()
        .map(name -> copies.getOrDefault(name, name))
        .toList();
  }

  private void numbers(CaffeLayer mine, CaffeLayer their) throws FormatException {
    Optional<CaffeParameters> known = CaffeParameters.of(mine.type());
    Map<String, Double> ours = CaffeWindows.whole(mine, known);
    Map<String, Double> others = CaffeWindows.whole(their, known);
    for (String name : Sets.union(ours.keySet(), others.keySet())) {
      double one = ours.getOrDefault(name, Double.NaN);
      double other = others.getOrDefault(name, Double.NaN);
      if ((float) one != (float) other) {
        same(mine, name, shown(one), shown(other));
      }
    }
  }

  private static String shown(double value) {
    return Double.isNaN(value)
        ? "none"
        : value == Math.rint(value) ? String.valueOf((long) value) : String.valueOf((float) value);
  }

  /** The image's crop, mean and scale, where both state them. */
  private void feed(CaffeLayer layer, CaffeFeed their) throws FormatException {
    CaffeFeed mine = layer.feed();
    if (mine.side() != 0 && their.side() != 0) {
      same(layer, "side of the image", mine.side(), their.side());
    }
    if (mine.isChange() && their.isChange()) {
      same(layer, "mean", mine.mean(), their.mean());
      same(layer, "scale", mine.scale(), their.scale());
    }
  }

  /** Of a fully-connected layer older files say four extents; the prototxt says which it is. */
  private ForeignTensor tensor(ForeignTensor tensor, Map<String, CaffeLayer> named)
      throws FormatException {
    String name = tensor.name().substring(0, tensor.name().lastIndexOf('.'));
    CaffeLayer layer = named.get(name);
    if (layer == null || !tensor.name().endsWith(".weight")) {
      return tensor;
    }
    boolean dense = layer.type().equals("InnerProduct");
    ForeignTensor own = dense ? tensor.withAxes(2) : tensor;
    double outputs = layer.number("num_output", 0);
    boolean turned = layer.number("transpose", 0) != 0;
    if (outputs != 0 && !turned && !own.shape().isEmpty() && own.shape().get(0) != outputs) {
      same(layer, "num_output", (long) outputs, own.shape().get(0));
    }
    return own;
  }
}
