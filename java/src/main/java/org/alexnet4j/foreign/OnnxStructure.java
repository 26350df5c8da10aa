package org.alexnet4j.foreign;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.alexnet4j.foreign.OnnxPath.Difference;
import org.alexnet4j.foreign.file.ForeignFile;
import org.alexnet4j.foreign.file.ForeignTensor;
import org.alexnet4j.foreign.file.OnnxNode;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Pool;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Weighted;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.shape.Rounding;

/**
 * Whether the graph of an ONNX file computes what a network here does, node by node from its input:
 * operators in order, windows, groups, constants, which tensor is whose weights. What brings the
 * picture to the first layer (casts, transpositions, a mean) is not compared, as options state it.
 */
final class OnnxStructure {
  private static final Set<String> FEEDING =
      Set.of("Add", "Cast", "Div", "Mul", "Slice", "Sub", "Transpose");

  private final NetworkSpec network;
  private final ForeignFile file;
  private final ImmutableMap<String, ForeignTensor> found;
  private final OnnxPath path;
  private final boolean multiplies;
  private int side;
  private int channels = InputConvention.CHANNELS;
  private boolean first = true;

  private OnnxStructure(
      NetworkSpec network, ForeignFile file, ImmutableMap<String, ForeignTensor> found)
      throws Difference {
    this.network = network;
    this.file = file;
    this.found = found;
    this.path = new OnnxPath(file);
    this.multiplies = FileTexts.IN_GRAPH.equals(file.metadata().get(FileTexts.DROPOUT));
    this.side = network.inputSize();
  }

  /**
   * Returns the first difference, naming node and reason; nothing if all nodes are the same, or
   * none are there.
   *
   * @param found tensors of the file by our names
   * @throws IOException if a constant of the graph cannot be read
   */
  static Optional<String> difference(
      NetworkSpec network, ForeignFile file, ImmutableMap<String, ForeignTensor> found)
      throws IOException {
    if (file.graph().nodes().isEmpty()) {
      return Optional.empty();
    }
    try {
      new OnnxStructure(network, file, found).compare();
      return Optional.empty();
    } catch (Difference e) {
      return Optional.of(e.getMessage());
    }
  }

  private void compare() throws Difference, IOException {
    path.passOver(FEEDING);
    for (LayerSpec layer : network.layers()) {
      compare(layer);
    }
    path.requireEnd();
  }

  private void compare(LayerSpec layer) throws Difference, IOException {
    if (layer instanceof Conv conv) {
      conv(conv);
    } else if (layer instanceof Fc fc) {
      fc(fc);
    } else if (layer instanceof Lrn lrn) {
      new OnnxNorms(path, file, network.towers(), channels).compare(lrn);
    } else if (layer instanceof Pool pool) {
      pool(pool);
    } else if (layer instanceof Dropout dropout) {
      if (multiplies) {
        OnnxNode node = path.take("Mul", dropout);
        path.requireConstant(file, node, dropout.keep());
      }
    } else if (layer instanceof LayerSpec.Relu) {
      path.take("Relu", layer);
    } else if (layer instanceof LayerSpec.Tanh) {
      path.take("Tanh", layer);
    } else if (layer instanceof LayerSpec.Sigmoid) {
      path.take("Sigmoid", layer);
    } else if (layer instanceof LayerSpec.Softmax) {
      if (!path.isAtEnd()) { // a graph may end with what Softmax reads
        OnnxNode node = path.take("Softmax", layer);
        double axis = OnnxPath.number(node, "axis", 1);
        OnnxPath.require(axis == 1 || axis == -1, node, "axis is " + (long) axis + ", needed is 1");
      }
    } else {
      throw new Difference("layer " + layer.name() + " has no operator in ONNX");
    }
  }

  private void weights(OnnxNode node, Weighted layer) throws Difference {
    String[] parts = {".weight", ".bias"};
    OnnxPath.require(node.inputs().size() == 3, node, "has no weights and biases of its own");
    for (int i = 0; i < parts.length; i++) {
      String needed = found.get(layer.name() + parts[i]).name();
      String there = node.inputs().get(i + 1);
      OnnxPath.require(
          there.equals(needed), node, "reads " + OnnxPath.name(there) + ", needed is " + needed);
    }
  }

  private void conv(Conv conv) throws Difference {
    OnnxNode node = path.take("Conv", conv);
    path.requireMaps(node);
    weights(node, conv);
    int groups = first ? 1 : conv.reads().groups(network.towers());
    OnnxPath.requireNumber(node, "group", 1, groups);
    int reach = side + 2 * conv.pad() - conv.kernel();
    int past = conv.rounding() == Rounding.UP ? conv.stride() - 1 : 0;
    int outputs = (reach + past) / conv.stride() + 1;
    window(node, conv.kernel(), conv.stride(), conv.pad(), outputs);
    side = outputs;
    channels = conv.maps() * network.towers();
    first = false;
  }

  private void pool(Pool pool) throws Difference {
    boolean average = pool.mode() == PoolShape.Mode.AVERAGE;
    OnnxNode node = path.take(average ? "AveragePool" : "MaxPool", pool);
    path.requireMaps(node);
    int outputs = (side - pool.size() + pool.stride() - 1) / pool.stride() + 1;
    window(node, pool.size(), pool.stride(), 0, outputs);
    if (average) {
      OnnxPath.requireNumber(node, "count_include_pad", 0, 0);
    }
    side = outputs;
  }

  /** Windows that begin where ours do, and as many: then they read the same, and zeros past it. */
  private void window(OnnxNode node, int size, int stride, int pad, int outputs) throws Difference {
    String auto = node.texts().getOrDefault("auto_pad", "NOTSET");
    OnnxPath.require(
        auto.equals("NOTSET"), node, "auto_pad is " + OnnxPath.name(auto) + "; allowed: pads");
    List<Double> pads = OnnxPath.numbers(node, "pads", List.of(0.0, 0.0, 0.0, 0.0));
    List<Double> ones = List.of(1.0, 1.0);
    OnnxPath.requireNumbers(node, "kernel_shape", List.of((double) size, (double) size), size);
    OnnxPath.requireNumbers(node, "strides", ones, stride);
    OnnxPath.requireNumbers(node, "dilations", ones, 1);
    boolean square = pads.size() == 4 && pads.get(0) == pad && pads.get(1) == pad;
    OnnxPath.require(
        square, node, "pads are " + OnnxPath.wholes(pads) + ", needed in front are " + pad);
    boolean up = OnnxPath.number(node, "ceil_mode", 0) == 1;
    for (int axis = 0; axis < 2; axis++) {
      double reach = side + pads.get(axis) + pads.get(axis + 2) - size;
      double count = (up ? Math.ceil(reach / stride) : Math.floor(reach / stride)) + 1;
      OnnxPath.require(
          count == outputs,
          node,
          "gives "
              + (long) count
              + (axis == 0 ? " rows" : " columns")
              + " of "
              + side
              + " (pads "
              + OnnxPath.wholes(pads)
              + "), needed are "
              + outputs);
    }
  }

  private void fc(Fc fc) throws Difference {
    OnnxNode node = path.take("Gemm", fc);
    weights(node, fc);
    OnnxPath.require(
        first || fc.reads() == Reads.ALL || network.towers() == 1,
        node,
        "reads all maps, " + fc.name() + " those of a tower");
    OnnxPath.requireNumber(node, "transA", 0, 0);
    OnnxPath.requireNumber(node, "transB", 0, 1);
    OnnxPath.requireNumber(node, "alpha", 1, 1);
    OnnxPath.requireNumber(node, "beta", 1, 1);
    path.flatten();
    first = false;
  }
}
