package org.alexnet4j.foreign.file;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.foreign.file.ProtoText.Field;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;

/**
 * A network as a prototxt describes it, {@code deploy.prototxt} or {@code train_val.prototxt}, in
 * layers of today ({@code layer}) or of 2013 and 2014 ({@code layers}). Of those that have a phase
 * there are the ones of TEST. A field that is not known and not of training alone is refused with
 * its line, since it might change what a layer computes.
 */
final class CaffePrototxt {
  private static final ImmutableSet<String> NET =
      ImmutableSet.of(
          "name",
          "input",
          "input_dim",
          "input_shape",
          "force_backward",
          "state",
          "debug_info",
          "layer",
          "layers");

  /** What names a layer, orders it and says when it is there. */
  private static final ImmutableSet<String> LAYER =
      ImmutableSet.of("name", "type", "bottom", "top", "include", "exclude");

  /** What only training has a use for. */
  private static final ImmutableSet<String> TRAINING =
      ImmutableSet.of(
          "phase",
          "loss_weight",
          "param",
          "propagate_down",
          "loss_param",
          "blobs_lr",
          "weight_decay",
          "blob_share_mode");

  private final Path file;
  private final ImmutableList.Builder<CaffeLayer> layers = ImmutableList.builder();

  private CaffePrototxt(Path file) {
    this.file = file;
  }

  /**
   * Reads a file.
   *
   * @throws FormatException if it is damaged, or says what is not known; names the line
   */
  static ImmutableList<CaffeLayer> read(Path file) throws IOException {
    ProtoText net = ProtoTextReader.read(file);
    CaffePrototxt reader = new CaffePrototxt(file);
    reader.net(net);
    ImmutableList<CaffeLayer> layers = reader.layers.build();
    if (layers.stream().allMatch(CaffeLayer::isApart)) {
      throw new FormatException(
          file, "the file", "has no layer or layers that compute; allowed: a network's prototxt");
    }
    return layers;
  }

  private void net(ProtoText net) throws FormatException {
    for (Field field : net.fields()) {
      if (!NET.contains(field.name())) {
        throw field.refused("is not known of a network; allowed: " + String.join(", ", NET));
      }
    }
    List<Field> today = net.all("layer");
    List<Field> v1 = net.all("layers");
    if (!today.isEmpty() && !v1.isEmpty()) {
      throw v1.get(0).refused("stands beside layer; allowed: one of the two");
    }
    inputs(net);
    CaffePhase phase = CaffePhase.of(net);
    for (Field layer : today.isEmpty() ? v1 : today) {
      if (phase.has(layer.message())) {
        layers.add(layer(layer, today.isEmpty()));
      }
    }
  }

  /** Inputs that are no layers: their names, and four extents each or a shape. */
  private void inputs(ProtoText net) throws FormatException {
    List<Field> names = net.all("input");
    List<Field> dims = net.all("input_dim");
    List<Field> shapes = net.all("input_shape");
    boolean fits =
        dims.isEmpty()
            ? shapes.isEmpty() || shapes.size() == names.size()
            : shapes.isEmpty() && dims.size() == 4 * names.size();
    if (!fits) {
      Field wrong = dims.isEmpty() ? shapes.get(0) : dims.get(0);
      throw wrong.refused(
          "stands there "
              + (dims.isEmpty() ? shapes.size() : dims.size())
              + " times for "
              + names.size()
              + " inputs; allowed: four input_dim or one input_shape for each");
    }
    for (int i = 0; i < names.size(); i++) {
      List<Field> extents =
          !dims.isEmpty()
              ? dims.subList(4 * i, 4 * i + 4)
              : shapes.isEmpty() ? List.of() : shapes.get(i).message().all("dim");
      String name = names.get(i).string();
      layers.add(
          new CaffeLayer(
              name,
              "Input",
              ImmutableList.of(),
              ImmutableList.of(name),
              ImmutableMap.of(),
              CaffeFeedText.ofExtents(extents),
              place(names.get(i))));
    }
  }

  private String place(Field field) {
    return Printable.name(file.getFileName().toString()) + ", line " + field.line();
  }

  private CaffeLayer layer(Field field, boolean v1) throws FormatException {
    ProtoText layer = field.message();
    String name = layer.string("name");
    String type = type(field, layer, v1);
    boolean apart = CaffeTypes.APART.contains(type);
    Optional<CaffeParameters> known = CaffeParameters.of(type);
    Map<String, Double> numbers = new LinkedHashMap<>();
    for (Field part : layer.fields()) {
      if (known.isPresent() && part.name().equals(known.get().message())) {
        layer.one(part.name());
        numbers(known.get(), part.message(), numbers);
      } else if (!apart && !LAYER.contains(part.name()) && !TRAINING.contains(part.name())) {
        throw part.refused(
            "is not known of layer "
                + Printable.name(name)
                + " ("
                + Printable.name(type)
                + "); allowed: "
                + known.map(one -> one.message() + " and what").orElse("what")
                + " is of training alone");
      }
    }
    return new CaffeLayer(
        name,
        type,
        layer.strings("bottom"),
        layer.strings("top"),
        ImmutableMap.copyOf(numbers),
        apart ? CaffeFeedText.of(layer) : CaffeFeed.NONE,
        place(field));
  }

  private static String type(Field field, ProtoText layer, boolean v1) throws FormatException {
    Optional<Field> type = layer.one("type");
    if (type.isEmpty()) {
      throw field.refused(
          "has no type; allowed: " + (v1 ? "CONVOLUTION" : "\"Convolution\"") + ", ...");
    }
    return v1 ? CaffeTypes.ofWord(type.get().word()) : type.get().string();
  }

  private static void numbers(CaffeParameters known, ProtoText message, Map<String, Double> numbers)
      throws FormatException {
    for (Field field : message.fields()) {
      Optional<CaffeParameters.Number> number = known.number(field.name());
      if (number.isPresent()) {
        if (!number.get().many()) {
          message.one(field.name());
        }
        CaffeModel.put(numbers, field.name(), value(number.get(), field));
      } else if (!known.idle().contains(field.name())) {
        throw field.refused(
            "is not known of "
                + known.message()
                + "; allowed: "
                + String.join(
                    ", ",
                    known.numbers().values().stream().map(CaffeParameters.Number::name).toList()));
      }
    }
  }

  private static double value(CaffeParameters.Number number, Field field) throws FormatException {
    return switch (number.kind()) {
      case COUNT -> field.count();
      case TRUTH -> field.truth() ? 1 : 0;
      case REAL -> field.real();
      case CHOICE -> choice(number, field);
    };
  }

  private static double choice(CaffeParameters.Number number, Field field) throws FormatException {
    boolean word = field.kind() == ProtoText.Kind.WORD;
    long value = word ? number.choices().indexOf(field.word()) : field.count();
    if (value < 0 || value >= number.choices().size()) {
      throw field.refused(
          "is "
              + Printable.name(field.text())
              + "; allowed: "
              + String.join(", ", number.choices()));
    }
    return value;
  }
}
