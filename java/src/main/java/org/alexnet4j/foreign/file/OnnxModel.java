package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnet4j.foreign.file.ProtoMessage.Span;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;

/**
 * The initializers and texts of ONNX's {@code ModelProto}; numbers of fields are those of
 * onnx.proto. What the graph computes is not read.
 */
final class OnnxModel {
  private static final int FLOAT = 1;
  private static final int MOST_TENSORS = 100_000;

  private final Path file;
  private final ProtoMessage in;
  private final Map<String, ForeignTensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> texts = new LinkedHashMap<>();

  private OnnxModel(Path file, ProtoMessage in) {
    this.file = file;
    this.in = in;
  }

  static ForeignFile open(Path file) throws IOException {
    OnnxModel[] model = new OnnxModel[1];
    ProtoMessage.read(
        file,
        in -> {
          model[0] = new OnnxModel(file, in);
          in.fields(model[0]::model);
        });
    if (model[0].tensors.isEmpty()) {
      throw new FormatException(file, "graph", "has no initializers; this is no ONNX model");
    }
    return ForeignFile.of(
        file,
        ForeignFile.Format.ONNX,
        ImmutableMap.copyOf(model[0].tensors),
        ImmutableMap.copyOf(model[0].texts),
        () -> {});
  }

  private boolean model(int number, int wire) throws IOException {
    if (number == 7) {
      in.inside(wire, this::graph);
      return true;
    }
    if (number == 14) {
      String[] entry = {"", ""};
      in.inside(
          wire,
          (field, kind) -> {
            if (field != 1 && field != 2) {
              return false;
            }
            entry[field - 1] = in.text(kind);
            return true;
          });
      texts.put(entry[0], entry[1]);
      return true;
    }
    return false;
  }

  private boolean graph(int number, int wire) throws IOException {
    if (number != 5) {
      return false;
    }
    Initializer initializer = new Initializer();
    in.inside(wire, initializer::take);
    in.require(tensors.size() < MOST_TENSORS, "there are over " + MOST_TENSORS + " initializers");
    if (initializer.type == FLOAT) {
      ForeignTensor tensor = initializer.tensor();
      in.require(
          tensors.put(tensor.name(), tensor) == null,
          "tensor " + Printable.name(tensor.name()) + " comes twice; allowed: once");
    }
    return true;
  }

  /** One {@code TensorProto} as it is read. */
  private final class Initializer {
    private final List<Long> shape = new ArrayList<>();
    private long type;
    private String name = "";
    private Span span;
    private boolean elsewhere;

    boolean take(int number, int wire) throws IOException {
      switch (number) {
        case 1 -> {
          in.numbers(wire, shape::add);
          in.require(shape.size() <= 16, "a tensor has over 16 axes");
        }
        case 2 -> type = in.number(wire);
        case 8 -> name = in.text(wire);
        case 4, 9 -> {
          if (type != 0 && type != FLOAT) {
            return false;
          }
          in.require(span == null, "a tensor has its elements in two pieces; allowed: one");
          span = in.span(wire, 1);
        }
        case 13, 14 -> { // external_data: a path, which could lead anywhere
          elsewhere = true;
          return false;
        }
        default -> {
          return false;
        }
      }
      return true;
    }

    ForeignTensor tensor() throws FormatException {
      long count = ForeignTensor.count(shape);
      String place = "tensor " + Printable.name(name);
      if (elsewhere || span == null) {
        throw new FormatException(
            file, place, "has its elements in another file; allowed: in this one");
      }
      if (count < 0 || count * Float.BYTES != span.bytes()) {
        throw new FormatException(
            file,
            place + ", byte " + span.from(),
            "is " + shape + " with " + span.bytes() + " bytes");
      }
      return new ForeignTensor(name, ImmutableList.copyOf(shape), "FLOAT32", span::floats);
    }
  }
}
