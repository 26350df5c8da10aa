package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnet4j.io.Printable;

/** One {@code NodeProto} as it is read; numbers of fields are those of onnx.proto. */
final class OnnxNodeReader {
  private static final int MOST_NAMES = 1000;
  private static final int MOST_ATTRIBUTES = 100;

  private final ProtoMessage in;
  private String name = "";
  private String type = "";
  private final List<String> inputs = new ArrayList<>();
  private final List<String> outputs = new ArrayList<>();
  private final Map<String, ImmutableList<Double>> numbers = new LinkedHashMap<>();
  private final Map<String, String> texts = new LinkedHashMap<>();

  OnnxNodeReader(ProtoMessage in) {
    this.in = in;
  }

  /** Takes a field of the message. */
  boolean take(int number, int wire) throws IOException {
    switch (number) {
      case 1, 2 -> {
        List<String> names = number == 1 ? inputs : outputs;
        names.add(in.text(wire));
        in.require(
            names.size() <= MOST_NAMES,
            "node " + Printable.name(name) + " has over " + MOST_NAMES + " inputs or outputs");
      }
      case 3 -> name = in.text(wire);
      case 4 -> type = in.text(wire);
      case 5 -> {
        Attribute attribute = new Attribute();
        in.inside(wire, attribute::take);
        attribute.end();
        in.require(
            numbers.size() + texts.size() <= MOST_ATTRIBUTES,
            "node " + Printable.name(name) + " has over " + MOST_ATTRIBUTES + " attributes");
      }
      default -> {
        return false;
      }
    }
    return true;
  }

  OnnxNode node() {
    return new OnnxNode(
        name,
        type,
        ImmutableList.copyOf(inputs),
        ImmutableList.copyOf(outputs),
        ImmutableMap.copyOf(numbers),
        ImmutableMap.copyOf(texts));
  }

  /** One {@code AttributeProto}; those that are tensors or graphs are passed over. */
  private final class Attribute {
    private String key = "";
    private String text;
    private final List<Double> values = new ArrayList<>();

    boolean take(int number, int wire) throws IOException {
      switch (number) {
        case 1 -> key = in.text(wire);
        case 2 -> values.add((double) in.real(wire));
        case 3, 8 -> in.numbers(wire, value -> values.add((double) value));
        case 4 -> text = in.text(wire);
        default -> {
          return false;
        }
      }
      in.require(values.size() <= MOST_NAMES, "an attribute has over " + MOST_NAMES + " numbers");
      return true;
    }

    void end() throws IOException {
      boolean first =
          text == null
              ? values.isEmpty() || numbers.put(key, ImmutableList.copyOf(values)) == null
              : texts.put(key, text) == null;
      in.require(first, "attribute " + Printable.name(key) + " comes twice; allowed: once");
    }
  }
}
