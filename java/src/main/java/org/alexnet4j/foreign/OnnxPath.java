package org.alexnet4j.foreign;

import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alexnet4j.foreign.file.ForeignFile;
import org.alexnet4j.foreign.file.ForeignTensor;
import org.alexnet4j.foreign.file.OnnxGraph;
import org.alexnet4j.foreign.file.OnnxNode;
import org.alexnet4j.io.Printable;
import org.alexnet4j.net.LayerSpec;

/**
 * The way of a picture through an ONNX graph, from its input on, node by node. What changes no
 * value (Identity, Dropout, Flatten, Reshape, a pooling of single pixels) is passed over.
 */
final class OnnxPath {
  private static final double SAME = 1e-6; // of constants that are floats on both sides

  /** A node that computes something else. */
  static final class Difference extends Exception {
    private static final long serialVersionUID = 1;

    Difference(String what) {
      super(what);
    }
  }

  private final Map<String, List<OnnxNode>> readers = new HashMap<>();
  private String x;
  private OnnxNode before; // the last one on the way, or null
  private boolean flat;

  /** Begins at the graph's input. Every name is made once, so that no way comes back. */
  OnnxPath(ForeignFile file) throws Difference {
    OnnxGraph graph = file.graph();
    if (graph.inputs().size() != 1) {
      throw new Difference(
          "the graph has " + graph.inputs().size() + " inputs; allowed: one, the picture");
    }
    this.x = graph.inputs().get(0);
    Set<String> made = new HashSet<>(graph.initializers());
    made.add(x);
    for (OnnxNode node : graph.nodes()) {
      for (String output : node.outputs()) {
        require(output.isEmpty() || made.add(output), node, "makes " + name(output) + " again");
      }
      if (!node.type().equals("Shape")) { // of which a Reshape learns how many pictures there are
        for (String input : new HashSet<>(node.inputs())) {
          readers.computeIfAbsent(input, key -> new ArrayList<>()).add(node);
        }
      }
    }
  }

  /** Returns the nodes that read a tensor. */
  List<OnnxNode> readers(String tensor) {
    return readers.getOrDefault(tensor, List.of());
  }

  /** Returns what the next node reads. */
  String x() {
    return x;
  }

  /** Goes on behind a node. */
  void moveTo(OnnxNode node) throws Difference {
    require(!node.outputs().isEmpty(), node, "makes nothing");
    before = node;
    x = node.outputs().get(0);
  }

  /** From here on there are units, no maps. */
  void flatten() {
    flat = true;
  }

  /** Refuses a node that reads maps where a Flatten or Reshape made a row of them. */
  void requireMaps(OnnxNode node) throws Difference {
    require(!flat, node, "stands behind a Flatten or Reshape; allowed: fully-connected layers");
  }

  /** Passes over nodes of some kinds. */
  void passOver(Set<String> types) throws Difference {
    while (!isAtEnd() && types.contains(next().type())) {
      OnnxNode node = next();
      boolean either = node.type().equals("Mul") || node.type().equals("Add");
      require(either || node.inputs().get(0).equals(x), node, "reads " + name(x) + " second");
      moveTo(node);
    }
  }

  /** Returns whether no node reads on. */
  boolean isAtEnd() throws Difference {
    pass();
    return readers(x).isEmpty();
  }

  /** Refuses nodes behind the last layer. */
  void requireEnd() throws Difference {
    if (!isAtEnd()) {
      throw different(next(), "comes behind the last layer");
    }
  }

  /**
   * Takes the next node.
   *
   * @param type what it must be
   * @param layer what it is compared with
   */
  OnnxNode take(String type, LayerSpec layer) throws Difference {
    OnnxNode node = peek(type, layer);
    moveTo(node);
    return node;
  }

  /** Returns the next node without going on. */
  OnnxNode peek(String type, LayerSpec layer) throws Difference {
    if (isAtEnd()) {
      throw new Difference(
          "layer "
              + layer.name()
              + " is missing in the graph, which ends "
              + (before == null ? "at its input" : "with node " + title(before)));
    }
    OnnxNode node = next();
    require(
        node.type().equals(type),
        node,
        "is " + name(node.type()) + ", where " + layer.name() + " is " + type);
    boolean reads = node.inputs().get(0).equals(x) || type.equals("Mul");
    require(reads, node, "reads " + name(x) + " as other than its first input");
    return node;
  }

  private OnnxNode next() throws Difference {
    List<OnnxNode> next = readers(x);
    if (next.size() > 1) {
      throw different(
          next.get(1),
          "reads " + name(x) + " beside node " + title(next.get(0)) + "; allowed: one");
    }
    return next.get(0);
  }

  private void pass() throws Difference {
    while (readers(x).size() == 1) {
      OnnxNode node = next();
      boolean row = node.type().equals("Flatten") || node.type().equals("Reshape");
      boolean pixels =
          node.type().equals("AveragePool")
              && numbers(node, "kernel_shape", List.of()).equals(List.of(1.0, 1.0))
              && numbers(node, "strides", List.of(1.0, 1.0)).equals(List.of(1.0, 1.0))
              && numbers(node, "pads", List.of()).stream().allMatch(pad -> pad == 0);
      boolean same = node.type().equals("Identity") || node.type().equals("Dropout");
      if (!row && !pixels && !same) {
        return;
      }
      require(node.inputs().get(0).equals(x), node, "reads " + name(x) + " as a setting");
      if (node.type().equals("Flatten")) {
        requireNumber(node, "axis", 1, 1);
      }
      flat |= row;
      moveTo(node);
    }
  }

  static Difference different(OnnxNode node, String why) {
    return new Difference("node " + title(node) + ": " + why);
  }

  static void require(boolean condition, OnnxNode node, String why) throws Difference {
    if (!condition) {
      throw different(node, why);
    }
  }

  private static String title(OnnxNode node) {
    String title =
        node.name().isEmpty() && !node.outputs().isEmpty() ? node.outputs().get(0) : node.name();
    return name(title) + " (" + name(node.type()) + ")";
  }

  static String name(String name) {
    return Printable.name(name);
  }

  /** Returns an attribute, or what ONNX says of one that is not stated. */
  static List<Double> numbers(OnnxNode node, String what, List<Double> otherwise) {
    List<Double> values = node.numbers().get(what);
    return values == null ? otherwise : values;
  }

  static double number(OnnxNode node, String what, double otherwise) throws Difference {
    List<Double> values = numbers(node, what, List.of(otherwise));
    require(values.size() == 1, node, what + " has " + values.size() + " numbers; allowed: one");
    return values.get(0);
  }

  static void requireNumber(OnnxNode node, String what, double otherwise, double needed)
      throws Difference {
    double value = number(node, what, otherwise);
    require(
        isSame(value, needed),
        node,
        what + " is " + (float) value + ", needed is " + (float) needed);
  }

  /** Rows and columns. */
  static void requireNumbers(OnnxNode node, String what, List<Double> otherwise, int needed)
      throws Difference {
    List<Double> values = numbers(node, what, otherwise);
    require(
        values.size() == 2 && values.get(0) == needed && values.get(1) == needed,
        node,
        what + " is " + wholes(values) + ", needed is " + List.of(needed, needed));
  }

  /** Refuses a node whose input beside the way is no tensor of one number, or another one. */
  void requireConstant(ForeignFile file, OnnxNode node, double needed)
      throws Difference, IOException {
    boolean two = node.inputs().size() == 2;
    String other = two ? node.inputs().get(1) : "";
    ForeignTensor tensor = file.tensors().get(other);
    boolean one = tensor != null && tensor.shape().stream().allMatch(extent -> extent == 1);
    require(one, node, "has no constant as its second input");
    float value = tensor.floats()[0];
    require(isSame(value, needed), node, "is by " + value + ", needed is " + (float) needed);
  }

  private static boolean isSame(double value, double needed) {
    return Math.abs(value - needed) <= SAME * Math.abs(needed);
  }

  static List<Long> wholes(List<Double> values) {
    return values.stream().map(Double::longValue).toList();
  }
}
