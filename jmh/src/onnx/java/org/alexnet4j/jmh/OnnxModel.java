package org.alexnet4j.jmh;

import static org.alexnet4j.jmh.OnnxNode.utf8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.alexnet4j.io.Proto;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.io.TensorInfo;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Pool;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Relu;
import org.alexnet4j.net.LayerSpec.Softmax;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.shape.Rounding;

/**
 * Writes the forward pass of the paper's network as an ONNX model, for a peer to run; it knows the
 * layers of that network and refuses others.
 *
 * <p>Towers are joined: maps of tower a come first, a convolution that reads its own tower has
 * groups, and normalisation goes over each tower's maps as over an image of its own, because its
 * window does not cross. {@code x[N,3,size,size]} is an image less the mean, {@code
 * probabilities[N,classes]} the result.
 *
 * <p>Weights lie in a file beside the model.
 */
final class OnnxModel {
  private static final int IR_VERSION = 8;
  private static final int OPERATORS_VERSION = 17;
  private static final int FLOAT = 1;
  private static final int INT64 = 7;
  private static final int EXTERNAL = 1;
  private static final String WEIGHTS = "weights.bin";

  private final NetworkSpec network;
  private final Safetensors tensors;
  private final FileChannel weights;
  private final boolean composed;
  private final Proto graph = new Proto();
  private String value = "x";
  private int maps = 3;
  private int side;
  private boolean flat;

  private OnnxModel(
      NetworkSpec network, Safetensors tensors, FileChannel weights, boolean composed) {
    this.network = network;
    this.composed = composed;
    this.tensors = tensors;
    this.weights = weights;
    this.side = network.inputSize();
  }

  /**
   * Writes the model.
   *
   * @param checkpoint has the weights
   * @param folder gets {@code model.onnx} and {@code weights.bin}
   * @param composed whether normalisation is made of simpler operators, as whoever finds its own
   *     operator slow would do
   * @return the model
   * @throws IllegalArgumentException if a layer is none of the paper's
   */
  static Path write(NetworkSpec network, Path checkpoint, Path folder, boolean composed)
      throws IOException {
    Path model = folder.resolve("model.onnx");
    try (Safetensors tensors = Safetensors.open(checkpoint);
        FileChannel weights =
            FileChannel.open(
                folder.resolve(WEIGHTS), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      Files.write(model, new OnnxModel(network, tensors, weights, composed).model());
    }
    return model;
  }

  private byte[] model() throws IOException {
    for (LayerSpec layer : network.layers()) {
      layer(layer);
    }
    graph.bytes(2, utf8(network.name()));
    graph.bytes(11, declared("x", 3, network.inputSize(), network.inputSize()));
    graph.bytes(12, declared(value, network.classes()));
    return new Proto()
        .varint(1, IR_VERSION)
        .bytes(7, graph.toBytes())
        .bytes(8, new Proto().bytes(1, new byte[0]).varint(2, OPERATORS_VERSION).toBytes())
        .toBytes();
  }

  /** A tensor of floats whose first axis is any number of images. */
  private static byte[] declared(String name, int... extents) {
    Proto shape = new Proto().bytes(1, new Proto().bytes(2, utf8("N")).toBytes());
    for (int extent : extents) {
      shape.bytes(1, new Proto().varint(1, extent).toBytes());
    }
    Proto tensor = new Proto().varint(1, FLOAT).bytes(2, shape.toBytes());
    Proto type = new Proto().bytes(1, tensor.toBytes());
    return new Proto().bytes(1, utf8(name)).bytes(2, type.toBytes()).toBytes();
  }

  private void layer(LayerSpec layer) throws IOException {
    String name = layer.name();
    if (layer instanceof Conv conv) {
      conv(conv);
    } else if (layer instanceof Fc) {
      fc(name);
    } else if (layer instanceof Relu) {
      add(new OnnxNode("Relu", name, value), name);
    } else if (layer instanceof Lrn lrn && lrn.over() == Lrn.Over.MAPS) {
      lrn(lrn);
    } else if (layer instanceof Pool pool && pool.mode() == PoolShape.Mode.MAX) {
      pool(pool);
    } else if (layer instanceof Dropout dropout) {
      // In 2012 testing multiplies, and training does not divide.
      constant(name + ".keep", FLOAT, List.of(), bytes(4).putFloat(0, dropout.keep()));
      add(new OnnxNode("Mul", name, value, name + ".keep"), name);
    } else if (layer instanceof Softmax) {
      add(new OnnxNode("Softmax", name, value).with("axis", 1), name);
    } else {
      throw new IllegalArgumentException("layer " + name + " is none of the paper's network");
    }
  }

  private void add(OnnxNode node, String output) {
    graph.bytes(1, node.toBytes());
    value = output;
  }

  private void conv(Conv conv) throws IOException {
    String name = conv.name();
    boolean ownTower = conv.reads() == Reads.TOWER && !value.equals("x");
    boolean down = conv.rounding() == Rounding.DOWN;
    int padded = side + 2 * conv.pad();
    int outputs =
        down
            ? 1 + (padded - conv.kernel()) / conv.stride()
            : outputs(padded, conv.kernel(), conv.stride());
    // Rounded up, a window that begins inside of the padded image is taken, and reads zeros past
    // its end.
    int padAfter =
        down ? conv.pad() : (outputs - 1) * conv.stride() + conv.kernel() - side - conv.pad();
    OnnxNode node = new OnnxNode("Conv", name, value, name + ".weight", name + ".bias");
    node.with("group", ownTower ? network.towers() : 1L);
    node.withList("strides", conv.stride(), conv.stride());
    node.withList("pads", conv.pad(), conv.pad(), padAfter, padAfter);
    parameters(name);
    add(node, name);
    maps = conv.maps() * network.towers();
    side = outputs;
  }

  private static int outputs(int extent, int kernel, int stride) {
    return 1 + (extent - kernel + stride - 1) / stride;
  }

  private void pool(Pool pool) {
    OnnxNode node = new OnnxNode("MaxPool", pool.name(), value);
    node.withList("kernel_shape", pool.size(), pool.size());
    node.withList("strides", pool.stride(), pool.stride()).with("ceil_mode", 1L);
    add(node, pool.name());
    side = outputs(side, pool.size(), pool.stride());
  }

  private void lrn(Lrn lrn) {
    String name = lrn.name();
    if (composed) {
      composed(lrn);
      return;
    }
    reshape(name + ".towers", maps / network.towers());
    OnnxNode node = new OnnxNode("LRN", name + ".alone", value);
    // ONNX divides alpha by the size of the window.
    node.with("size", lrn.size()).with("alpha", lrn.alpha() * lrn.size());
    node.with("beta", lrn.beta()).with("bias", lrn.k());
    add(node, name + ".alone");
    reshape(name, maps);
  }

  /** {@code x / d^(3/4)}, d^(3/4) by two roots, the sum of squares by an average over maps. */
  private void composed(Lrn lrn) {
    if (lrn.beta() != 0.75f) {
      throw new IllegalArgumentException(
          "layer " + lrn.name() + " has beta " + lrn.beta() + "; allowed: 0.75");
    }
    String name = lrn.name();
    String x = value;
    add(new OnnxNode("Mul", name + ".squares", x, x), name + ".squares");
    reshape(name + ".rows", 1, maps / network.towers(), side * side);
    OnnxNode mean = new OnnxNode("AveragePool", name + ".mean", value);
    mean.withList("kernel_shape", lrn.size(), 1)
        .withList("pads", lrn.size() / 2, 0, lrn.size() / 2, 0);
    add(mean.with("count_include_pad", 1L), name + ".mean");
    reshape(name + ".maps", maps, side, side);
    constant(name + ".alpha", FLOAT, List.of(), bytes(4).putFloat(0, lrn.alpha() * lrn.size()));
    constant(name + ".k", FLOAT, List.of(), bytes(4).putFloat(0, lrn.k()));
    add(new OnnxNode("Mul", name + ".scaled", value, name + ".alpha"), name + ".scaled");
    add(new OnnxNode("Add", name + ".d", value, name + ".k"), name + ".d");
    add(new OnnxNode("Sqrt", name + ".root", value), name + ".root");
    add(new OnnxNode("Sqrt", name + ".fourth", value), name + ".fourth");
    add(new OnnxNode("Mul", name + ".power", name + ".root", value), name + ".power");
    add(new OnnxNode("Div", name, x, value), name);
  }

  /** Lays the maps of as many images out as there are. */
  private void reshape(String name, int mapsOfOne) {
    reshape(name, mapsOfOne, side, side);
  }

  private void reshape(String name, long... extents) {
    ByteBuffer shape = bytes(32);
    shape.asLongBuffer().put(-1).put(extents);
    constant(name + ".shape", INT64, List.of(4L), shape);
    add(new OnnxNode("Reshape", name, value, name + ".shape"), name);
  }

  private void fc(String name) throws IOException {
    if (!flat) {
      add(new OnnxNode("Flatten", "flat", value).with("axis", 1L), "flat");
      flat = true;
    }
    OnnxNode node = new OnnxNode("Gemm", name, value, name + ".weight", name + ".bias");
    parameters(name);
    add(node.with("transB", 1L), name);
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
  }

  private void constant(String name, int type, List<Long> shape, ByteBuffer content) {
    graph.bytes(5, tensor(name, type, shape).bytes(9, content.array()).toBytes());
  }

  private static Proto tensor(String name, int type, List<Long> shape) {
    Proto tensor = new Proto();
    shape.forEach(extent -> tensor.varint(1, extent));
    return tensor.varint(2, type).bytes(8, utf8(name));
  }

  private void parameters(String layer) throws IOException {
    for (String name : List.of(layer + ".weight", layer + ".bias")) {
      TensorInfo info = tensors.tensors().get(name);
      ByteBuffer content = tensors.bytes(name);
      Proto tensor = tensor(name, FLOAT, info.shape());
      external(tensor, "location", WEIGHTS);
      external(tensor, "offset", String.valueOf(weights.position()));
      external(tensor, "length", String.valueOf(info.bytes()));
      graph.bytes(5, tensor.varint(14, EXTERNAL).toBytes());
      while (content.hasRemaining()) {
        weights.write(content);
      }
    }
  }

  private static void external(Proto tensor, String key, String text) {
    tensor.bytes(13, new Proto().bytes(1, utf8(key)).bytes(2, utf8(text)).toBytes());
  }
}
