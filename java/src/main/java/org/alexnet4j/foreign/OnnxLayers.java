package org.alexnet4j.foreign;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.alexnet4j.foreign.WeightsExport.Takes;
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
 * The layers of a network as ONNX's operators, towers joined along the channels: a convolution that
 * reads its own tower has groups, a normalisation inside of towers is split and joined again.
 */
final class OnnxLayers {
  static final String IMAGE = "image";
  static final String PROBABILITIES = "probabilities";

  private final ExportedNetwork exported;
  private final NetworkSpec network;
  private final OnnxExport graph;
  private String x = IMAGE;
  private int side;
  private int channels = InputConvention.CHANNELS;
  private boolean flat;
  private boolean first = true;

  OnnxLayers(ExportedNetwork exported, OnnxExport graph) {
    this.exported = exported;
    this.network = exported.network();
    this.graph = graph;
    this.side = network.inputSize();
  }

  /**
   * Adds all layers.
   *
   * @throws IllegalArgumentException if ONNX has no operator for one; names it
   */
  void add(Takes takes) throws IOException {
    if (takes == Takes.PICTURES) {
      takePictures();
    }
    if (takes != Takes.CENTRED) {
      subtractMean();
    }
    for (LayerSpec layer : network.layers()) {
      add(layer);
    }
  }

  private void add(LayerSpec layer) throws IOException {
    String y = layer instanceof LayerSpec.Softmax ? PROBABILITIES : layer.name();
    if (layer instanceof Conv conv) {
      conv(conv);
    } else if (layer instanceof Fc fc) {
      fc(fc);
    } else if (layer instanceof Lrn lrn) {
      lrn(lrn);
    } else if (layer instanceof Pool pool) {
      pool(pool);
    } else if (layer instanceof Dropout dropout) {
      String kept = dropout.name() + ".keep";
      graph.initializer(kept, List.of(), 1, () -> new float[] {dropout.keep()});
      graph.node("Mul", List.of(x, kept), List.of(y));
    } else if (layer instanceof LayerSpec.Relu) {
      graph.node("Relu", List.of(x), List.of(y));
    } else if (layer instanceof LayerSpec.Tanh) {
      graph.node("Tanh", List.of(x), List.of(y));
    } else if (layer instanceof LayerSpec.Sigmoid) {
      graph.node("Sigmoid", List.of(x), List.of(y));
    } else if (layer instanceof LayerSpec.Softmax) {
      graph.node("Softmax", List.of(x), List.of(y), OnnxExport.whole("axis", 1));
    } else {
      throw refused(layer, "filters of every position's own have no operator in ONNX");
    }
    x = y;
  }

  private static IllegalArgumentException refused(LayerSpec layer, String why) {
    return new IllegalArgumentException("layer " + layer.name() + ": " + why);
  }

  /** The centre of stored pictures, as floats, channels first. */
  private void takePictures() throws IOException {
    long edge = (network.sourceSize() - side) / 2;
    if (network.sourceSize() > side) {
      graph.numbers("image.from", edge, edge);
      graph.numbers("image.to", edge + side, edge + side);
      graph.numbers("image.axes", 1, 2);
      List<String> inputs = List.of(x, "image.from", "image.to", "image.axes");
      graph.node("Slice", inputs, List.of("image.centre"));
      x = "image.centre";
    }
    graph.node(
        "Cast", List.of(x), List.of("image.floats"), OnnxExport.whole("to", OnnxExport.FLOAT));
    long[] channelsFirst = {0, 3, 1, 2};
    graph.node(
        "Transpose",
        List.of("image.floats"),
        List.of("image.planes"),
        OnnxExport.wholes("perm", channelsFirst));
    x = "image.planes";
  }

  /** Of a mean image that is larger, the middle, as the centre window sees it (D14). */
  private void subtractMean() throws IOException {
    float[] mean = exported.mean();
    boolean image = mean.length > InputConvention.CHANNELS;
    int window = image ? side : 1;
    float[] middle = image ? middle(mean) : mean;
    graph.initializer(
        "mean",
        List.of(1L, (long) InputConvention.CHANNELS, (long) window, (long) window),
        middle.length,
        () -> middle);
    graph.node("Sub", List.of(x, "mean"), List.of("input"));
    x = "input";
  }

  private float[] middle(float[] mean) {
    int source = network.sourceSize();
    int from = (source - side) / 2;
    float[] middle = new float[InputConvention.CHANNELS * side * side];
    for (int c = 0; c < InputConvention.CHANNELS; c++) {
      for (int row = 0; row < side; row++) {
        System.arraycopy(
            mean, (c * source + from + row) * source + from, middle, (c * side + row) * side, side);
      }
    }
    return middle;
  }

  private int groups(Reads reads) {
    return first ? 1 : reads.groups(network.towers());
  }

  /** Windows past the image read zeros, right and below (D1): pads there are larger. */
  private void conv(Conv conv) throws IOException {
    int reach = side + 2 * conv.pad() - conv.kernel();
    int stride = conv.stride();
    int outputs = (conv.rounding() == Rounding.UP ? (reach + stride - 1) / stride : reach / stride);
    int past = Math.max(0, outputs * stride - reach);
    graph.node(
        "Conv",
        List.of(x, conv.name() + ".weight", conv.name() + ".bias"),
        List.of(conv.name()),
        OnnxExport.wholes("kernel_shape", conv.kernel(), conv.kernel()),
        OnnxExport.wholes("strides", stride, stride),
        OnnxExport.wholes("pads", conv.pad(), conv.pad(), conv.pad() + past, conv.pad() + past),
        OnnxExport.whole("group", groups(conv.reads())));
    side = outputs + 1;
    channels = conv.maps() * network.towers();
    first = false;
  }

  /** Windows are cut at the border: padding there counts neither for a maximum nor for a mean. */
  private void pool(Pool pool) throws IOException {
    int reach = side - pool.size();
    int outputs = (reach + pool.stride() - 1) / pool.stride();
    int past = outputs * pool.stride() - reach;
    boolean average = pool.mode() == PoolShape.Mode.AVERAGE;
    List<byte[]> attributes = new ArrayList<>();
    attributes.add(OnnxExport.wholes("kernel_shape", pool.size(), pool.size()));
    attributes.add(OnnxExport.wholes("strides", pool.stride(), pool.stride()));
    attributes.add(OnnxExport.wholes("pads", 0, 0, past, past));
    if (average) {
      attributes.add(OnnxExport.whole("count_include_pad", 0));
    }
    graph.node(
        average ? "AveragePool" : "MaxPool",
        List.of(x),
        List.of(pool.name()),
        attributes.toArray(byte[][]::new));
    side = outputs + 1;
  }

  private void lrn(Lrn lrn) throws IOException {
    if (lrn.over() == Lrn.Over.PIXELS) {
      normalisePixels(lrn);
      return;
    }
    int towers = lrn.over() == Lrn.Over.MAPS ? network.towers() : 1;
    if (towers == 1) {
      normalise(lrn, x, lrn.name());
      return;
    }
    List<String> parts = parts(lrn.name(), ".in", towers);
    List<String> results = parts(lrn.name(), ".out", towers);
    split(lrn.name(), parts, channels / towers);
    for (int t = 0; t < towers; t++) {
      normalise(lrn, parts.get(t), results.get(t));
    }
    graph.node("Concat", results, List.of(lrn.name()), OnnxExport.whole("axis", 1));
  }

  private void split(String layer, List<String> parts, long width) throws IOException {
    long[] widths = new long[parts.size()];
    Arrays.fill(widths, width);
    graph.numbers(layer + ".widths", widths);
    graph.node("Split", List.of(x, layer + ".widths"), parts, OnnxExport.whole("axis", 1));
  }

  private static List<String> parts(String layer, String what, int count) {
    return Stream.iterate(0, i -> i + 1)
        .limit(count)
        .map(i -> layer + what + "." + NetworkSpec.towerName(i))
        .toList();
  }

  /** ONNX divides alpha by the size; here it is on the plain sum (D5). */
  private void normalise(Lrn lrn, String from, String to) throws IOException {
    graph.node(
        "LRN",
        List.of(from),
        List.of(to),
        OnnxExport.whole("size", lrn.size()),
        OnnxExport.real("alpha", lrn.alpha() * lrn.size()),
        OnnxExport.real("beta", lrn.beta()),
        OnnxExport.real("bias", lrn.k()));
  }

  /**
   * ONNX has no operator for windows inside of a map: an average pooling of the squares, whose
   * padding counts as zeros, times the window's area is their sum (D4).
   */
  private void normalisePixels(Lrn lrn) throws IOException {
    int half = lrn.size() / 2;
    String squares = lrn.name() + ".squares";
    String means = lrn.name() + ".means";
    graph.node("Mul", List.of(x, x), List.of(squares));
    graph.node(
        "AveragePool",
        List.of(squares),
        List.of(means),
        OnnxExport.wholes("kernel_shape", lrn.size(), lrn.size()),
        OnnxExport.wholes("strides", 1, 1),
        OnnxExport.wholes("pads", half, half, half, half),
        OnnxExport.whole("count_include_pad", 1));
    String scaled = withConstant(lrn, "Mul", means, "alpha", lrn.alpha() * lrn.size() * lrn.size());
    String base = withConstant(lrn, "Add", scaled, "k", lrn.k());
    String factor = withConstant(lrn, "Pow", base, "beta", -lrn.beta());
    graph.node("Mul", List.of(x, factor), List.of(lrn.name()));
  }

  /** Adds an operation with a number; returns what it gives. */
  private String withConstant(Lrn lrn, String type, String from, String name, float value)
      throws IOException {
    String constant = lrn.name() + "." + name;
    String result = constant + ".applied";
    graph.initializer(constant, List.of(), 1, () -> new float[] {value});
    graph.node(type, List.of(from, constant), List.of(result));
    return result;
  }

  private void fc(Fc fc) throws IOException {
    int groups = groups(fc.reads());
    if (groups > 1) {
      throw refused(fc, "a fully-connected layer that reads one tower is not exported to ONNX");
    }
    if (!flat) {
      String y = fc.name() + ".flat";
      graph.node("Flatten", List.of(x), List.of(y), OnnxExport.whole("axis", 1));
      x = y;
      flat = true;
    }
    graph.node(
        "Gemm",
        List.of(x, fc.name() + ".weight", fc.name() + ".bias"),
        List.of(fc.name()),
        OnnxExport.whole("transB", 1));
    first = false;
  }
}
