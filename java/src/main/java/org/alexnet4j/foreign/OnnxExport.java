package org.alexnet4j.foreign;

import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.alexnet4j.foreign.WeightsExport.Takes;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.TensorSpec;

/**
 * An ONNX model, opset 13. Its input {@code image} is {@code float32 [N,3,S,S]}, red first, with or
 * without the mean, or {@code uint8 [N,P,P,3]} as pictures are stored; its output {@code
 * probabilities} is {@code [N,classes]}. Numbers of fields are those of onnx.proto.
 */
final class OnnxExport {
  private static final int IR_VERSION = 7;
  private static final int OPSET = 13;
  static final int FLOAT = 1;
  private static final int UINT8 = 2;
  private static final int INT64 = 7;

  private final ExportedNetwork network;
  private final List<byte[]> nodes = new ArrayList<>();
  private final ModelStream initializers = new ModelStream();

  private OnnxExport(ExportedNetwork network) {
    this.network = network;
  }

  static void write(ExportedNetwork network, Takes takes, Path to) throws IOException {
    ModelStream model = new OnnxExport(network).model(takes);
    try (AtomicFile file = AtomicFile.create(to)) {
      model.writeTo(file::write);
      file.commit();
    }
  }

  private ModelStream model(Takes takes) throws IOException {
    for (TensorSpec tensor : network.tensors()) {
      initializer(tensor.name(), tensor.shape(), tensor.count(), () -> network.values(tensor));
    }
    initializer(FileTexts.MEAN, network.meanShape(), network.mean().length, network::mean);
    OnnxLayers layers = new OnnxLayers(network, this);
    layers.add(takes);
    ModelStream graph = new ModelStream();
    for (byte[] node : nodes) {
      graph.add(out -> out.writeByteArray(1, node));
    }
    graph.add(out -> out.writeString(2, network.network().name()));
    graph.add(initializers);
    byte[] image = image(takes);
    graph.add(out -> out.writeByteArray(11, image));
    long classes = network.network().classes();
    graph.add(out -> out.writeByteArray(12, value(OnnxLayers.PROBABILITIES, FLOAT, classes)));
    ModelStream model = new ModelStream();
    model.add(
        out -> {
          out.writeInt64(1, IR_VERSION);
          out.writeString(2, "alexnet4j");
        });
    model.add(7, graph);
    byte[] opset = ModelStream.message(out -> out.writeInt64(2, OPSET));
    model.add(out -> out.writeByteArray(8, opset));
    Map<String, String> texts = new LinkedHashMap<>(network.texts());
    texts.put(FileTexts.INPUT, input(takes));
    texts.put(FileTexts.DROPOUT, FileTexts.IN_GRAPH);
    for (Map.Entry<String, String> text : texts.entrySet()) {
      byte[] entry =
          ModelStream.message(
              out -> {
                out.writeString(1, text.getKey());
                out.writeString(2, text.getValue());
              });
      model.add(out -> out.writeByteArray(14, entry));
    }
    return model;
  }

  private byte[] image(Takes takes) throws IOException {
    long side = network.network().inputSize();
    long source = network.network().sourceSize();
    return takes == Takes.PICTURES
        ? value(OnnxLayers.IMAGE, UINT8, source, source, InputConvention.CHANNELS)
        : value(OnnxLayers.IMAGE, FLOAT, InputConvention.CHANNELS, side, side);
  }

  /** What a person reads beside the input. */
  private String input(Takes takes) {
    NetworkSpec spec = network.network();
    return switch (takes) {
      case CENTRED -> "grey levels 0 to 255, channels R, G, B, minus " + FileTexts.MEAN;
      case GREY_LEVELS -> "grey levels 0 to 255, channels R, G, B; the graph subtracts the mean";
      case PICTURES ->
          String.format(
              Locale.ROOT,
              "pictures of %d x %d pixels, channels R, G, B last; the graph takes the centre, %d x"
                  + " %d, and subtracts the mean",
              spec.sourceSize(),
              spec.sourceSize(),
              spec.inputSize(),
              spec.inputSize());
    };
  }

  /** Returns the description of an input or output, batches of any size. */
  private static byte[] value(String name, int type, long... extents) throws IOException {
    byte[] shape =
        ModelStream.message(
            out -> {
              out.writeByteArray(1, ModelStream.message(dim -> dim.writeString(2, "N")));
              for (long extent : extents) {
                out.writeByteArray(1, ModelStream.message(dim -> dim.writeInt64(1, extent)));
              }
            });
    byte[] tensor =
        ModelStream.message(
            out -> {
              out.writeInt32(1, type);
              out.writeByteArray(2, shape);
            });
    byte[] kind = ModelStream.message(out -> out.writeByteArray(1, tensor));
    return ModelStream.message(
        out -> {
          out.writeString(1, name);
          out.writeByteArray(2, kind);
        });
  }

  /** Adds a constant tensor of floats. */
  void initializer(String name, List<Long> shape, long count, ModelStream.Elements elements)
      throws IOException {
    ModelStream tensor = new ModelStream();
    tensor.add(
        out -> {
          for (long extent : shape) {
            out.writeInt64(1, extent);
          }
          out.writeInt32(2, FLOAT);
          out.writeString(8, name);
        });
    tensor.add(9, count, elements);
    initializers.add(5, tensor);
  }

  /** Adds a constant list of whole numbers. */
  void numbers(String name, long... values) throws IOException {
    ModelStream tensor = new ModelStream();
    tensor.add(
        out -> {
          out.writeInt64(1, values.length);
          out.writeInt32(2, INT64);
          for (long value : values) {
            out.writeInt64(7, value);
          }
          out.writeString(8, name);
        });
    initializers.add(5, tensor);
  }

  /** Adds what computes, with its attributes. */
  void node(String type, List<String> inputs, List<String> outputs, byte[]... attributes)
      throws IOException {
    nodes.add(
        ModelStream.message(
            out -> {
              for (String input : inputs) {
                out.writeString(1, input);
              }
              for (String output : outputs) {
                out.writeString(2, output);
              }
              out.writeString(3, outputs.get(0));
              out.writeString(4, type);
              for (byte[] attribute : attributes) {
                out.writeByteArray(5, attribute);
              }
            }));
  }

  static byte[] real(String name, float value) throws IOException {
    return attribute(name, 1, out -> out.writeFloat(2, value));
  }

  static byte[] whole(String name, long value) throws IOException {
    return attribute(name, 2, out -> out.writeInt64(3, value));
  }

  static byte[] wholes(String name, long... values) throws IOException {
    return attribute(
        name,
        7,
        out -> {
          for (long value : values) {
            out.writeInt64(8, value);
          }
        });
  }

  private static byte[] attribute(String name, int type, ModelStream.Writing value)
      throws IOException {
    return ModelStream.message(
        (CodedOutputStream out) -> {
          out.writeByteArray(1, name.getBytes(StandardCharsets.UTF_8));
          value.to(out);
          out.writeInt32(20, type);
        });
  }
}
