package org.alexnet4j.foreign;

import com.google.common.collect.ImmutableMap;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Pool;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.shape.Rounding;

/**
 * A Caffe model ({@code .caffemodel}, {@code LayerParameter}), channels B, G, R; numbers of fields
 * are those of caffe.proto. A mean of three values is in the parameters of its first layer; a mean
 * image is a file of its own in Caffe and is not written.
 */
final class CaffeExport {
  private final ExportedNetwork exported;
  private final NetworkSpec network;
  private final ImmutableMap<String, Float> kept;
  private final ModelStream net = new ModelStream();
  private String top = "data";
  private int side;
  private boolean first = true;

  private CaffeExport(ExportedNetwork exported) {
    this.exported = exported;
    this.network = exported.network();
    this.kept = DropoutFactor.of(network);
    this.side = network.inputSize();
  }

  static void write(ExportedNetwork network, Path to) throws IOException {
    ModelStream net = new CaffeExport(network).net();
    try (AtomicFile file = AtomicFile.create(to)) {
      net.writeTo(file::write);
      file.commit();
    }
  }

  private ModelStream net() throws IOException {
    net.add(out -> out.writeString(1, network.name()));
    float[] mean = exported.mean();
    ModelStream data = new ModelStream();
    data.add(
        out -> {
          out.writeString(1, "data");
          out.writeString(2, "Input");
          out.writeString(4, "data");
          if (mean.length == InputConvention.CHANNELS) {
            out.writeByteArray(
                100,
                ModelStream.message(
                    transform -> {
                      for (int c = InputConvention.CHANNELS - 1; c >= 0; c--) { // B, G, R
                        transform.writeFloat(5, mean[c]);
                      }
                    }));
          }
        });
    net.add(100, data);
    for (LayerSpec layer : network.layers()) {
      add(layer);
    }
    return net;
  }

  private void add(LayerSpec layer) throws IOException {
    if (layer instanceof Conv conv) {
      layer(conv, "Convolution", 106, conv(conv));
    } else if (layer instanceof Fc fc) {
      if (!first && fc.reads() != Reads.ALL && network.towers() > 1) {
        throw refused(fc, "a fully-connected layer of Caffe reads all maps");
      }
      int units = fc.units() * (fc.firstTowerOnly() ? 1 : network.towers());
      layer(fc, "InnerProduct", 117, ModelStream.message(out -> out.writeUInt32(1, units)));
    } else if (layer instanceof Lrn lrn) {
      lrn(lrn);
    } else if (layer instanceof Pool pool) {
      layer(pool, "Pooling", 121, pool(pool));
    } else if (layer instanceof Dropout drop) {
      float ratio = 1 - drop.keep();
      layer(drop, "Dropout", 108, ModelStream.message(out -> out.writeFloat(1, ratio)));
    } else if (layer instanceof LayerSpec.Relu) {
      layer(layer, "ReLU", 123, new byte[0]);
    } else if (layer instanceof LayerSpec.Softmax) {
      layer(layer, "Softmax", 125, new byte[0]);
    } else {
      throw refused(layer, "is not exported to Caffe");
    }
  }

  private static IllegalArgumentException refused(LayerSpec layer, String why) {
    return new IllegalArgumentException("layer " + layer.name() + ": " + why);
  }

  private byte[] conv(Conv conv) throws IOException {
    int reach = side + 2 * conv.pad() - conv.kernel();
    if (conv.rounding() == Rounding.UP && reach % conv.stride() != 0) {
      throw refused(
          conv,
          "its last windows run past the image ("
              + network.inputSize()
              + " pixels), which Caffe's do not; allowed: --to onnx");
    }
    side = reach / conv.stride() + 1;
    int groups = first ? 1 : conv.reads().groups(network.towers());
    return ModelStream.message(
        out -> {
          out.writeUInt32(1, conv.maps() * network.towers());
          out.writeUInt32(3, conv.pad());
          out.writeUInt32(4, conv.kernel());
          out.writeUInt32(5, groups);
          out.writeUInt32(6, conv.stride());
        });
  }

  /** Windows that stay in a tower: a Slice into equal parts, an LRN for each, a Concat. */
  private void lrn(Lrn lrn) throws IOException {
    if (lrn.over() == Lrn.Over.PIXELS) {
      throw refused(lrn, "normalisation over pixels divides in another way in Caffe");
    }
    byte[] constants =
        ModelStream.message(
            out -> {
              out.writeUInt32(1, lrn.size());
              out.writeFloat(2, lrn.alpha() * lrn.size());
              out.writeFloat(3, lrn.beta());
              out.writeFloat(5, lrn.k());
            });
    if (lrn.over() == Lrn.Over.ALL_MAPS || network.towers() == 1) {
      layer(lrn, "LRN", 118, constants);
      return;
    }
    List<String> parts = parts(lrn, ".in.");
    List<String> results = parts(lrn, ".");
    net.add(100, message(lrn.name() + ".in", "Slice", List.of(top), parts, 126, new byte[0]));
    for (int t = 0; t < parts.size(); t++) {
      List<String> result = List.of(results.get(t));
      net.add(100, message(results.get(t), "LRN", List.of(parts.get(t)), result, 118, constants));
    }
    net.add(100, message(lrn.name(), "Concat", results, List.of(lrn.name()), 104, new byte[0]));
    top = lrn.name();
  }

  private List<String> parts(Lrn lrn, String what) {
    return IntStream.range(0, network.towers())
        .mapToObj(t -> lrn.name() + what + NetworkSpec.towerName(t))
        .toList();
  }

  private byte[] pool(Pool pool) throws IOException {
    side = (side - pool.size() + pool.stride() - 1) / pool.stride() + 1;
    boolean average = pool.mode() == PoolShape.Mode.AVERAGE;
    return ModelStream.message(
        out -> {
          out.writeEnum(1, average ? 1 : 0);
          out.writeUInt32(2, pool.size());
          out.writeUInt32(3, pool.stride());
        });
  }

  private void layer(LayerSpec layer, String type, int field, byte[] parameters)
      throws IOException {
    ModelStream message =
        message(layer.name(), type, List.of(top), List.of(layer.name()), field, parameters);
    for (TensorSpec tensor : exported.tensors()) {
      if (tensor.name().startsWith(layer.name() + ".")) {
        message.add(7, blob(tensor));
        if (tensor.name().endsWith(".bias")) {
          first = false;
        }
      }
    }
    net.add(100, message);
    top = layer.name();
  }

  private static ModelStream message(
      String name,
      String type,
      List<String> bottoms,
      List<String> tops,
      int field,
      byte[] parameters)
      throws IOException {
    ModelStream message = new ModelStream();
    message.add(
        (CodedOutputStream out) -> {
          out.writeString(1, name);
          out.writeString(2, type);
          for (String bottom : bottoms) {
            out.writeString(3, bottom);
          }
          for (String made : tops) {
            out.writeString(4, made);
          }
          if (parameters.length > 0) {
            out.writeByteArray(field, parameters);
          }
        });
    return message;
  }

  private ModelStream blob(TensorSpec tensor) throws IOException {
    List<Long> shape = tensor.shape();
    byte[] dims =
        ModelStream.message(
            out -> {
              for (long extent : shape) {
                out.writeInt64(1, extent);
              }
            });
    boolean planes = first && tensor.name().endsWith(".weight");
    ModelStream blob = new ModelStream();
    blob.add(5, tensor.count(), () -> values(tensor, planes));
    blob.add(out -> out.writeByteArray(7, dims));
    return blob;
  }

  private float[] values(TensorSpec tensor, boolean planes) throws IOException {
    float[] values = exported.scaledValues(tensor, kept);
    InputConvention bgr = new InputConvention(true, 1, new double[0], new double[] {1, 1, 1});
    return planes
        ? bgr.toOurs(values, values.length / tensor.rowCount())
        : values; // its own inverse
  }
}
