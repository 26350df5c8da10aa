package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alexnet4j.foreign.file.ProtoMessage.Span;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;

/**
 * The initializers, texts and nodes of ONNX's {@code ModelProto}; numbers of fields are those of
 * onnx.proto.
 */
final class OnnxModel {
  private static final int FLOAT = 1;
  private static final int INT64 = 7;
  private static final int MOST_NODES = 10_000;
  private static final int MOST_INTEGERS = 16; // of a list that is kept
  private static final int MOST_TENSORS = 100_000;

  private final Path file;
  private final ProtoMessage in;
  private final Map<String, ForeignTensor> tensors = new LinkedHashMap<>();
  private final Map<String, String> texts = new LinkedHashMap<>();
  private final List<OnnxNode> nodes = new ArrayList<>();
  private final List<String> inputs = new ArrayList<>();
  private final Set<String> initializers = new LinkedHashSet<>();
  private final Map<String, ImmutableList<Long>> integers = new LinkedHashMap<>();

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
    return new ForeignFile(
        file,
        ForeignFile.Format.ONNX,
        ImmutableMap.copyOf(model[0].tensors),
        ImmutableMap.copyOf(model[0].texts),
        ImmutableList.of(),
        model[0].graph(),
        () -> {});
  }

  private OnnxGraph graph() {
    inputs.removeAll(initializers); // older models list them as inputs too
    return new OnnxGraph(
        ImmutableList.copyOf(nodes),
        ImmutableList.copyOf(inputs),
        ImmutableList.copyOf(initializers),
        ImmutableMap.copyOf(integers));
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
    switch (number) {
      case 1 -> {
        in.require(nodes.size() < MOST_NODES, "there are over " + MOST_NODES + " nodes");
        OnnxNodeReader node = new OnnxNodeReader(in);
        in.inside(wire, node::take);
        nodes.add(node.node());
      }
      case 5 -> {
        Initializer initializer = new Initializer();
        in.inside(wire, initializer::take);
        add(initializer);
      }
      case 11 ->
          in.inside(
              wire,
              (field, kind) -> {
                if (field != 1) {
                  return false;
                }
                inputs.add(in.text(kind));
                in.require(inputs.size() <= MOST_TENSORS, "there are too many inputs");
                return true;
              });
      default -> {
        return false;
      }
    }
    return true;
  }

  private void add(Initializer initializer) throws IOException {
    String name = initializer.name;
    in.require(
        initializers.size() < MOST_TENSORS, "there are over " + MOST_TENSORS + " initializers");
    in.require(
        initializers.add(name), "tensor " + Printable.name(name) + " comes twice; allowed: once");
    if (initializer.type == FLOAT) {
      tensors.put(name, initializer.tensor());
    } else if (initializer.type == INT64) {
      ImmutableList<Long> values = initializer.integers();
      if (!values.isEmpty()) {
        integers.put(name, values);
      }
    }
  }

  /** One {@code TensorProto} as it is read. */
  private final class Initializer {
    private final List<Long> shape = new ArrayList<>();
    private long type;
    private String name = "";
    private Span span;
    private boolean elsewhere;
    private final List<Long> integers = new ArrayList<>();

    boolean take(int number, int wire) throws IOException {
      switch (number) {
        case 1 -> {
          in.numbers(wire, shape::add);
          in.require(shape.size() <= 16, "a tensor has over 16 axes");
        }
        case 2 -> type = in.number(wire);
        case 8 -> name = in.text(wire);
        case 7 ->
            in.numbers(
                wire,
                value -> {
                  if (integers.size() <= MOST_INTEGERS) {
                    integers.add(value);
                  }
                });
        case 4, 9 -> {
          if (type != 0 && type != FLOAT && type != INT64) {
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

    /** Returns the numbers of a short list; none of a long one. */
    ImmutableList<Long> integers() throws IOException {
      if (span != null && span.bytes() <= MOST_INTEGERS * Long.BYTES) {
        return span.longs();
      }
      boolean kept = span == null && !elsewhere && integers.size() <= MOST_INTEGERS;
      return kept ? ImmutableList.copyOf(integers) : ImmutableList.of();
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
