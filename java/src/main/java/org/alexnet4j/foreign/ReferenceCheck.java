package org.alexnet4j.foreign;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.device.Devices;
import org.alexnet4j.eval.Planes;
import org.alexnet4j.foreign.file.ForeignFile;
import org.alexnet4j.foreign.file.ForeignTensor;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;
import org.alexnet4j.net.LayerNames;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Extent;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;

/**
 * Holds imported weights against what the other framework computed: its input through our kernels,
 * its activations beside ours, layer by layer.
 */
public final class ReferenceCheck {
  private static final String INPUT = LayerNames.INPUT;

  /**
   * How far a layer is from its reference.
   *
   * @param layer ours
   * @param values compared
   * @param largestDifference absolute
   * @param largestValue of the reference, absolute
   */
  public record Row(String layer, int values, double largestDifference, double largestValue) {}

  /**
   * What was found.
   *
   * @param rows in the order of the layers
   * @param notCompared references of layers that were not taken
   */
  public record Result(ImmutableList<Row> rows, ImmutableList<String> notCompared) {}

  private final WeightsImport weights;
  private final Optional<String> upTo;
  private final Path file;
  private final Map<String, ForeignTensor> references = new LinkedHashMap<>(); // by our layers

  private ReferenceCheck(WeightsImport weights, ForeignFile activations) throws FormatException {
    this.weights = weights;
    this.upTo = weights.upTo();
    this.file = activations.file();
    NetworkSpec whole = weights.configuration().network();
    for (ForeignTensor tensor : activations.tensors().values()) {
      String name = tensor.name().replaceFirst("^[0-9]+_", "");
      List<String> meant = LayerNames.meant(whole, name);
      if (meant.size() != 1) {
        throw refused(
            tensor,
            meant.isEmpty()
                ? "is of no layer; " + LayerNames.allowed(whole, name)
                : "may be of " + String.join(" or ", meant) + "; allowed: one of these");
      }
      ForeignTensor other = references.put(meant.get(0), tensor);
      if (other != null) {
        throw refused(
            tensor, "is of " + meant.get(0) + ", as is " + other.name() + "; allowed: one");
      }
    }
  }

  private FormatException refused(ForeignTensor tensor, String what) {
    return new FormatException(file, "tensor " + Printable.name(tensor.name()), what);
  }

  /**
   * Computes and compares.
   *
   * @param activations {@code input} as the foreign network sees it, {@code [3][H][W]} or {@code
   *     [N][3][H][W]}, and outputs of layers by names as {@link LayerNames} reads them; numbers in
   *     front, as in {@code 01_relu1}, order them
   * @throws FormatException if an activation has another shape than its layer
   */
  public static Result of(WeightsImport weights, ForeignFile activations, Devices.Choice devices)
      throws IOException {
    return new ReferenceCheck(weights, activations).run(devices);
  }

  private Result run(Devices.Choice devices) throws IOException {
    ForeignTensor input = references.get(INPUT);
    NetworkSpec network = network();
    int side = network.inputSize();
    boolean fits =
        input != null
            && input.shape().size() >= 3
            && input.shape().size() <= 4
            && input
                .shape()
                .subList(input.shape().size() - 3, input.shape().size())
                .equals(List.of(3L, (long) side, (long) side));
    if (!fits) {
      throw new FormatException(
          file,
          "tensor " + (input == null ? INPUT : input.name()),
          (input == null ? "is missing" : "is " + input.shape())
              + "; allowed: [3, "
              + side
              + ", "
              + side
              + "], with N in front or not");
    }
    int count = input.shape().size() == 4 ? Math.toIntExact(input.shape().get(0)) : 1;
    var plan = Planner.plan(network, count, Purpose.INSPECT, weights.configuration().mean(), 0);
    try (Towers towers = Towers.create(plan, devices)) {
      load(new ParameterStore(towers));
      towers.loadInput(ours(input.floats(), count, side), null);
      towers.inspect(new StepSettings(0, 0, 0, 0), false);
      return compare(network, new Planes(towers), count);
    }
  }

  /** Returns the layers that were imported. */
  private NetworkSpec network() {
    NetworkSpec whole = weights.configuration().network();
    return upTo.map(layer -> CutNetwork.of(whole, layer)).orElse(whole);
  }

  private void load(ParameterStore store) throws IOException {
    Map<String, TensorSpec> taken = new LinkedHashMap<>();
    weights.tensors().forEach(tensor -> taken.put(tensor.name(), tensor));
    for (TensorSpec tensor : store.tensors()) {
      TensorSpec there = taken.get(tensor.name());
      float[] values = there == null ? new float[(int) tensor.count()] : weights.values(there);
      int row = tensor.rowCount();
      store.write(
          tensor,
          Role.VALUE,
          (first, rows, to) -> System.arraycopy(values, first * row, to, 0, rows * row));
    }
  }

  /** Turns what the foreign network sees, [N,3,H,W], into what ours sees, [N,H,W,3]. */
  private float[] ours(float[] theirs, int count, int side) {
    InputConvention input = weights.input();
    float[] ours = new float[theirs.length];
    int pixels = side * side;
    for (int n = 0; n < count; n++) {
      for (int c = 0; c < InputConvention.CHANNELS; c++) {
        int from = (n * InputConvention.CHANNELS + input.foreign(c)) * pixels;
        for (int p = 0; p < pixels; p++) {
          ours[(n * pixels + p) * InputConvention.CHANNELS + c] =
              (float) (theirs[from + p] * input.scale(c));
        }
      }
    }
    return ours;
  }

  private Result compare(NetworkSpec network, Planes planes, int count) throws IOException {
    ImmutableList.Builder<Row> rows = ImmutableList.builder();
    List<String> left = new ArrayList<>(references.keySet());
    left.remove(INPUT);
    for (LayerSpec layer : network.layers()) {
      String name = layer.name();
      ForeignTensor reference = references.get(name);
      if (reference != null && (upTo.isEmpty() || !layer.name().equals("softmax"))) {
        left.remove(name);
        rows.add(row(layer, reference, planes, count));
      }
    }
    return new Result(rows.build(), ImmutableList.copyOf(left));
  }

  private Row row(LayerSpec layer, ForeignTensor reference, Planes planes, int count)
      throws IOException {
    Extent extent = planes.extent(layer.name());
    int pixels = extent.h() * extent.w();
    float[] theirs = reference.floats();
    List<Long> maps = List.of((long) extent.c(), (long) extent.h(), (long) extent.w());
    List<Long> units = List.of((long) extent.c());
    List<Long> shape = reference.shape();
    int axes = shape.size();
    boolean fits =
        theirs.length == count * pixels * extent.c()
            && (axes >= 3 && shape.subList(axes - 3, axes).equals(maps)
                || pixels == 1 && axes >= 1 && shape.subList(axes - 1, axes).equals(units));
    if (!fits) {
      throw new FormatException(
          file, "tensor " + reference.name(), "is " + shape + ", " + layer.name() + " is " + maps);
    }
    float[] ours = planes.joined(layer.name());
    double kept = layer instanceof Dropout dropout ? dropout.keep() : 1; // others scale in training
    double difference = 0;
    double largest = 0;
    for (int n = 0; n < count; n++) {
      for (int c = 0; c < extent.c(); c++) {
        for (int p = 0; p < pixels; p++) {
          double expected = theirs[(n * extent.c() + c) * pixels + p] * kept;
          double actual = ours[(n * pixels + p) * extent.c() + c];
          double apart = Math.abs(expected - actual);
          difference = apart <= difference ? difference : apart; // NaN is the largest
          largest = Math.max(largest, Math.abs(expected));
        }
      }
    }
    return new Row(layer.name(), theirs.length, difference, largest);
  }
}
