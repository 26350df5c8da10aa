package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;

/**
 * Caffe's {@code NetParameter}, with layers of today ({@code LayerParameter}) or of 2013 and 2014
 * ({@code V1LayerParameter}). Numbers of fields are those of caffe.proto. A layer's first blob
 * becomes the tensor {@code NAME.weight}, its second {@code NAME.bias}.
 */
final class CaffeModel {
  private static final int MOST_LAYERS = 10_000;
  private static final int V1_LAYERS = 2;
  private static final int LAYERS = 100;

  /** Types of layers that {@code V1LayerParameter} counts. */
  private static final ImmutableMap<Integer, String> V1_TYPES =
      ImmutableMap.<Integer, String>builder()
          .put(1, "Accuracy")
          .put(3, "Concat")
          .put(4, "Convolution")
          .put(5, "Data")
          .put(6, "Dropout")
          .put(12, "ImageData")
          .put(14, "InnerProduct")
          .put(15, "LRN")
          .put(17, "Pooling")
          .put(18, "ReLU")
          .put(19, "Sigmoid")
          .put(20, "Softmax")
          .put(21, "SoftmaxWithLoss")
          .put(22, "Split")
          .put(23, "TanH")
          .put(33, "Slice")
          .buildOrThrow();

  /** What a message inside of a layer is, and the names of its numbers. */
  private static final ImmutableMap<Integer, String> CONVOLUTION =
      ImmutableMap.<Integer, String>builder()
          .put(1, "num_output")
          .put(2, "bias_term")
          .put(3, "pad")
          .put(4, "kernel_size")
          .put(5, "group")
          .put(6, "stride")
          .put(9, "pad_h")
          .put(10, "pad_w")
          .put(11, "kernel_h")
          .put(12, "kernel_w")
          .put(13, "stride_h")
          .put(14, "stride_w")
          .put(18, "dilation")
          .buildOrThrow();

  private static final ImmutableMap<Integer, String> INNER_PRODUCT =
      ImmutableMap.of(1, "num_output", 2, "bias_term", 5, "axis", 6, "transpose");
  private static final ImmutableMap<Integer, String> LRN =
      ImmutableMap.of(1, "local_size", 2, "alpha", 3, "beta", 4, "norm_region", 5, "k");
  private static final ImmutableMap<Integer, String> POOLING =
      ImmutableMap.<Integer, String>builder()
          .put(1, "pool")
          .put(2, "kernel_size")
          .put(3, "stride")
          .put(4, "pad")
          .put(5, "kernel_h")
          .put(6, "kernel_w")
          .put(7, "stride_h")
          .put(8, "stride_w")
          .put(9, "pad_h")
          .put(10, "pad_w")
          .put(12, "global_pooling")
          .put(13, "round_mode")
          .buildOrThrow();
  private static final ImmutableMap<Integer, String> DROPOUT = ImmutableMap.of(1, "dropout_ratio");
  private static final ImmutableMap<Integer, String> RELU = ImmutableMap.of(1, "negative_slope");

  private static final ImmutableMap<Integer, String> CONCAT =
      ImmutableMap.of(1, "concat_dim", 2, "axis");
  private static final ImmutableMap<Integer, String> SLICE =
      ImmutableMap.of(1, "slice_dim", 2, "slice_point", 3, "axis");

  private static final ImmutableMap<Integer, ImmutableMap<Integer, String>> V1_PARAMETERS =
      ImmutableMap.of(
          9,
          CONCAT,
          10,
          CONVOLUTION,
          12,
          DROPOUT,
          17,
          INNER_PRODUCT,
          18,
          LRN,
          19,
          POOLING,
          30,
          RELU,
          31,
          SLICE);
  private static final ImmutableMap<Integer, ImmutableMap<Integer, String>> PARAMETERS =
      ImmutableMap.of(
          104,
          CONCAT,
          106,
          CONVOLUTION,
          108,
          DROPOUT,
          117,
          INNER_PRODUCT,
          118,
          LRN,
          121,
          POOLING,
          123,
          RELU,
          126,
          SLICE);

  private final Path file;
  private final ProtoMessage in;
  private final ImmutableMap.Builder<String, ForeignTensor> tensors = ImmutableMap.builder();
  private final List<CaffeLayer> layers = new ArrayList<>();

  private CaffeModel(Path file, ProtoMessage in) {
    this.file = file;
    this.in = in;
  }

  static ForeignFile open(Path file) throws IOException {
    CaffeModel[] model = new CaffeModel[1];
    ProtoMessage.read(
        file,
        in -> {
          model[0] = new CaffeModel(file, in);
          model[0].net();
        });
    if (model[0].layers.isEmpty()) {
      throw new FormatException(file, "byte 0", "has no layers; this is no Caffe model");
    }
    try {
      return new ForeignFile(
          file,
          ForeignFile.Format.CAFFE,
          model[0].tensors.buildOrThrow(),
          ImmutableMap.of(),
          ImmutableList.copyOf(model[0].layers),
          OnnxGraph.NONE,
          () -> {});
    } catch (IllegalArgumentException e) {
      throw new FormatException(file, "layers", "two have the same name; allowed: one");
    }
  }

  private void net() throws IOException {
    in.fields(
        (number, wire) -> {
          if (number != LAYERS && number != V1_LAYERS) {
            return false;
          }
          in.require(layers.size() < MOST_LAYERS, "there are over " + MOST_LAYERS + " layers");
          Layer layer = new Layer(number == V1_LAYERS);
          in.inside(wire, layer::take);
          layer.end();
          return true;
        });
  }

  /** One layer as it is read. */
  private final class Layer {
    private final boolean first; // V1LayerParameter
    private String name = "";
    private String type = "";
    private final ImmutableList.Builder<String> bottoms = ImmutableList.builder();
    private final ImmutableList.Builder<String> tops = ImmutableList.builder();
    private final Map<String, Double> numbers = new HashMap<>();
    private final ImmutableList.Builder<Float> means = ImmutableList.builder();
    private final List<CaffeBlob> blobs = new ArrayList<>();

    Layer(boolean first) {
      this.first = first;
    }

    boolean take(int number, int wire) throws IOException {
      if (number == (first ? 4 : 1)) {
        name = in.text(wire);
      } else if (first && number == 5) {
        int code = (int) in.number(wire);
        type = V1_TYPES.getOrDefault(code, "type " + code);
      } else if (!first && number == 2) {
        type = in.text(wire);
      } else if (number == (first ? 2 : 3)) {
        bottoms.add(in.text(wire));
      } else if (number == (first ? 3 : 4)) {
        tops.add(in.text(wire));
      } else if (number == (first ? 6 : 7)) {
        CaffeBlob blob = new CaffeBlob(file, in);
        in.inside(wire, blob::take);
        blobs.add(blob);
        in.require(blobs.size() <= 16, "layer " + Printable.name(name) + " has over 16 blobs");
      } else if ((first ? V1_PARAMETERS : PARAMETERS).containsKey(number)) {
        parameters(wire, (first ? V1_PARAMETERS : PARAMETERS).get(number));
      } else if (!first && number == 100) {
        in.inside(wire, this::transform);
      } else {
        return false;
      }
      return true;
    }

    private void parameters(int wire, Map<Integer, String> names) throws IOException {
      in.inside(
          wire,
          (number, kind) -> {
            String key = names.get(number);
            if (key == null) {
              return false;
            }
            if (key.matches("alpha|beta|k|dropout_ratio|negative_slope")) {
              numbers.put(key, (double) in.real(kind));
            } else {
              in.numbers(
                  kind,
                  value -> {
                    Double before = numbers.put(key, (double) value);
                    if (before != null && before != value) { // rows and columns apart
                      numbers.put(key + ", one for rows and one for columns", (double) value);
                    }
                  });
            }
            return true;
          });
    }

    private boolean transform(int number, int wire) throws IOException {
      if (number == 5) {
        means.add(in.real(wire));
        return true;
      }
      if (number == 1) {
        numbers.put("scale", (double) in.real(wire));
        return true;
      }
      return false;
    }

    void end() throws IOException {
      layers.add(
          new CaffeLayer(
              name,
              type,
              bottoms.build(),
              tops.build(),
              ImmutableMap.copyOf(numbers),
              means.build()));
      for (int i = 0; i < blobs.size(); i++) {
        String tensor = name + (i == 0 ? ".weight" : i == 1 ? ".bias" : ".blob" + i);
        boolean dense = type.equals("InnerProduct");
        tensors.put(tensor, blobs.get(i).tensor(tensor, i == 0 ? (dense ? 2 : 4) : 1));
      }
    }
  }
}
