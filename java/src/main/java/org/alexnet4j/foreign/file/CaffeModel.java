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

  /** Adds a number; one that differs from one before it, as rows from columns, is kept apart. */
  static void put(Map<String, Double> numbers, String name, double value) {
    Double before = numbers.put(name, value);
    if (before != null && before != value) {
      numbers.put(name + ", one for rows and one for columns", value);
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
    private String meanFile = "";
    private float scale = 1;
    private int side;
    private final List<CaffeBlob> blobs = new ArrayList<>();

    Layer(boolean first) {
      this.first = first;
    }

    boolean take(int number, int wire) throws IOException {
      if (number == (first ? 4 : 1)) {
        name = in.text(wire);
      } else if (first && number == 5) {
        type = CaffeTypes.ofCode((int) in.number(wire));
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
      } else if (CaffeParameters.ofField(number, first).isPresent()) {
        parameters(wire, CaffeParameters.ofField(number, first).get());
      } else if (number == (first ? 36 : 100)) {
        in.inside(wire, this::transform);
      } else {
        return false;
      }
      return true;
    }

    private void parameters(int wire, CaffeParameters known) throws IOException {
      in.inside(
          wire,
          (field, kind) -> {
            CaffeParameters.Number number = known.numbers().get(field);
            if (number == null) {
              return false;
            }
            if (number.kind() == CaffeParameters.Kind.REAL) {
              numbers.put(number.name(), (double) in.real(kind));
            } else {
              in.numbers(kind, value -> put(numbers, number.name(), value));
            }
            return true;
          });
    }

    private boolean transform(int number, int wire) throws IOException {
      switch (number) {
        case 1 -> scale = in.real(wire);
        case 3 -> side = (int) Math.max(0, Math.min(Integer.MAX_VALUE, in.number(wire)));
        case 4 -> meanFile = in.text(wire);
        case 5 -> means.add(in.real(wire));
        default -> {
          return false;
        }
      }
      return true;
    }

    void end() throws IOException {
      layers.add(
          new CaffeLayer(
              name,
              type,
              bottoms.build(),
              tops.build(),
              ImmutableMap.copyOf(numbers),
              new CaffeFeed(means.build(), meanFile, scale, side, 0),
              ""));
      for (int i = 0; i < blobs.size(); i++) {
        String tensor = name + (i == 0 ? ".weight" : i == 1 ? ".bias" : ".blob" + i);
        boolean dense = type.equals("InnerProduct");
        tensors.put(tensor, blobs.get(i).tensor(tensor, i == 0 ? (dense ? 2 : 4) : 1));
      }
    }
  }
}
