package org.alexnet4j.foreign;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.Settings;
import org.alexnet4j.foreign.file.ForeignFile;
import org.alexnet4j.foreign.file.ForeignTensor;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.SafetensorsWriter;
import org.alexnet4j.io.TensorInfo;
import org.alexnet4j.net.LayerNames;
import org.alexnet4j.net.LayerSpec.Weighted;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.Progress;
import org.alexnet4j.run.ScheduleState;
import org.alexnet4j.shape.InputShape.Mean;

/**
 * Weights of another framework as weights of a network here. Everything is decided and held against
 * shapes before an element is read; elements are read and converted tensor by tensor.
 */
public final class WeightsImport {
  /** A tensor of ours, where it comes from, and what was done to it. */
  public record Row(String tensor, List<Long> shape, String foreign, String conversion) {}

  private final ForeignFile file;
  private final Configuration configuration;
  private final InputConvention input;
  private final ImmutableList<String> classes;
  private final Optional<String> upTo;
  private final ImmutableMap<String, ForeignTensor> found;
  private final ImmutableList<TensorSpec> tensors;
  private final ImmutableMap<String, Float> kept;

  private WeightsImport(
      ForeignFile file,
      Configuration configuration,
      InputConvention input,
      List<String> classes,
      Optional<String> upTo,
      ImmutableMap<String, ForeignTensor> found)
      throws FormatException {
    this.file = file;
    this.configuration = configuration;
    this.input = input;
    this.classes = ImmutableList.copyOf(classes);
    this.upTo = upTo;
    this.found = found;
    boolean asHere = FileTexts.IN_GRAPH.equals(file.metadata().get(FileTexts.DROPOUT));
    this.kept = asHere ? ImmutableMap.of() : DropoutFactor.of(configuration.network());
    this.tensors = tensors(configuration, found);
    requireShapes();
  }

  /**
   * Decides which tensor becomes which.
   *
   * @param file weights as they are
   * @param asked the network that they are of
   * @param input how they are fed
   * @param classes names of the classes; none: numbers
   * @param upTo the last layer that is taken, as {@link LayerNames} reads it; empty: all of them
   * @throws FormatException if a tensor is missing or does not fit, or a layer computes something
   *     else; the text names it
   * @throws IOException if the file cannot be read
   */
  public static WeightsImport of(
      ForeignFile file,
      Configuration asked,
      InputConvention input,
      List<String> classes,
      Optional<String> upTo)
      throws IOException {
    return resolved(file, asked, input, classes, upTo.map(name -> last(asked.network(), name)));
  }

  private static String last(NetworkSpec network, String name) {
    try {
      return LayerNames.resolve(network, name);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--up-to: " + e.getMessage(), e);
    }
  }

  private static WeightsImport resolved(
      ForeignFile file,
      Configuration asked,
      InputConvention input,
      List<String> classes,
      Optional<String> upTo)
      throws IOException {
    List<Weighted> layers = layers(asked.network(), upTo);
    ImmutableMap<String, ForeignTensor> found = TensorNames.find(file, asked.network(), layers);
    Configuration fitted = asked.withNetwork(widths(asked.network(), found));
    Optional<String> difference =
        !file.layers().isEmpty()
            ? CaffeStructure.difference(fitted.network(), file.layers(), upTo)
            : upTo.isEmpty()
                ? OnnxStructure.difference(fitted.network(), file, found)
                : Optional.empty();
    if (difference.isPresent()) {
      throw new FormatException(file.file(), "network " + asked.network().name(), difference.get());
    }
    return new WeightsImport(file, meanOf(fitted, input), input, classes, upTo, found);
  }

  private static List<Weighted> layers(NetworkSpec network, Optional<String> upTo) {
    List<Weighted> layers = new ArrayList<>();
    boolean named = upTo.isEmpty();
    for (var layer : network.layers()) {
      if (layer instanceof Weighted weighted) {
        layers.add(weighted);
      }
      if (upTo.isPresent() && layer.name().equals(upTo.get())) {
        named = true;
        break;
      }
    }
    if (!named || layers.isEmpty()) {
      throw new IllegalArgumentException(
          "--up-to is "
              + upTo.orElse("")
              + "; allowed: a layer of "
              + network.name()
              + ", the first with weights or one behind it");
    }
    return layers;
  }

  /** Returns the network with as many maps and units as the file has. */
  private static NetworkSpec widths(
      NetworkSpec network, ImmutableMap<String, ForeignTensor> found) {
    return network.withLayers(
        layer -> {
          ForeignTensor bias = found.get(layer.name() + ".bias");
          if (!(layer instanceof Weighted weighted) || bias == null || bias.shape().size() != 1) {
            return layer;
          }
          int towers = weighted.firstTowerOnly() ? 1 : network.towers();
          long width = bias.shape().get(0) / towers;
          boolean fits = width > 0 && width * towers == bias.shape().get(0);
          return fits ? weighted.withWidth((int) width) : layer;
        });
  }

  private static Configuration meanOf(Configuration configuration, InputConvention input) {
    boolean image = input.mean().length > InputConvention.CHANNELS;
    Mean mean = configuration.mean();
    if (input.mean().length == 0 || image == (mean != Mean.CHANNEL)) {
      return configuration;
    }
    String setting = "network.mean=" + (image ? "pixel" : "channel");
    return ConfigReader.changed("the configuration", configuration, Settings.of(List.of(setting)));
  }

  private static ImmutableList<TensorSpec> tensors(
      Configuration configuration, ImmutableMap<String, ForeignTensor> found) {
    return TensorSpec.of(
            Planner.plan(configuration.network(), 1, Purpose.INFER, configuration.mean(), 0))
        .stream()
        .filter(tensor -> found.containsKey(tensor.name()))
        .collect(ImmutableList.toImmutableList());
  }

  private void requireShapes() throws FormatException {
    for (TensorSpec tensor : tensors) {
      ForeignTensor there = found.get(tensor.name());
      if (!there.shape().equals(tensor.shape())) {
        throw new FormatException(
            file.file(),
            "tensor " + there.name(),
            "is "
                + there.shape()
                + ", "
                + tensor.name()
                + " of "
                + configuration.network().name()
                + " needs "
                + tensor.shape()
                + hint(tensor, there));
      }
    }
    int side = configuration.network().sourceSize();
    int values = input.mean().length;
    if (values > InputConvention.CHANNELS && values != InputConvention.CHANNELS * side * side) {
      throw new IllegalArgumentException(
          "the mean is an image of "
              + values
              + " values, and stored images have "
              + side
              + " x "
              + side
              + " pixels; allowed: [3,"
              + side
              + ","
              + side
              + "], or --set network.source=SIDE");
    }
  }

  private String hint(TensorSpec tensor, ForeignTensor there) {
    boolean groups =
        tensor.shape().size() == 4
            && there.shape().size() == 4
            && !there.shape().get(1).equals(tensor.shape().get(1))
            && there.shape().get(0).equals(tensor.shape().get(0));
    String layer = tensor.name().substring(0, tensor.name().lastIndexOf('.'));
    return groups
        ? "; its filters see other maps: groups are towers here, or --set network.layers."
            + layer
            + ".reads=all"
        : "; allowed: a preset or --config of the same shapes";
  }

  /** Returns what becomes of each tensor, in the order of the layers. */
  public List<Row> rows() {
    return tensors.stream()
        .map(
            tensor ->
                new Row(
                    tensor.name(),
                    tensor.shape(),
                    found.get(tensor.name()).name(),
                    conversion(tensor)))
        .toList();
  }

  private String conversion(TensorSpec tensor) {
    List<String> steps = new ArrayList<>();
    if (tensor.name().endsWith(".weight")) {
      if (isFirst(tensor) && input.bgr()) {
        steps.add("B, G, R turned round");
      }
      if (isFirst(tensor) && !input.scalesBy1()) {
        steps.add("divided by the input's scale, rounded to the nearest float");
      }
      Float factor = kept.get(layer(tensor));
      if (factor != null) {
        steps.add("divided by " + factor + ", as dropout is not inverted here");
      }
      int towers = configuration.network().towers();
      if (towers > 1 && tensor.pieces().size() == towers && steps.isEmpty() && !isFirst(tensor)) {
        steps.add("groups are towers");
      }
    }
    String type = found.get(tensor.name()).type();
    if (!type.contains("FLOAT32") && !type.contains("FloatStorage")) {
      steps.add(type + " widened");
    }
    return steps.isEmpty() ? "as it is" : String.join("; ", steps);
  }

  private static String layer(TensorSpec tensor) {
    return tensor.name().substring(0, tensor.name().lastIndexOf('.'));
  }

  private boolean isFirst(TensorSpec tensor) {
    return tensor.name().equals(tensors.get(0).name());
  }

  /** Returns the tensors of the file that nothing here has a use for. */
  public List<String> leftOut() {
    List<String> used = found.values().stream().map(ForeignTensor::name).toList();
    return file.tensors().keySet().stream()
        .filter(name -> !used.contains(name) && !name.equals(FileTexts.MEAN))
        .toList();
  }

  /** Returns the network with the file's widths, and the kind of mean that it has. */
  public Configuration configuration() {
    return configuration;
  }

  /** Returns how images are brought to it, for a person. */
  public String inputLine() {
    return input.describe();
  }

  /** Returns how the foreign network is fed. */
  public InputConvention input() {
    return input;
  }

  /** Returns the names of the classes; none where they have numbers. */
  public ImmutableList<String> classes() {
    return classes;
  }

  /** Returns the last layer that is taken, by its own name; empty: all of them. */
  public Optional<String> upTo() {
    return upTo;
  }

  /** Returns the tensors that are taken. */
  public ImmutableList<TensorSpec> tensors() {
    return tensors;
  }

  /**
   * Returns the values of one of our tensors, converted.
   *
   * @throws IOException if they cannot be read
   */
  public float[] values(TensorSpec tensor) throws IOException {
    ForeignTensor foreign = found.get(tensor.name());
    float[] values = foreign.floats();
    requireFinite(foreign, values);
    if (!tensor.name().endsWith(".weight")) {
      return values;
    }
    if (isFirst(tensor) && !input.isPlain()) {
      values = input.toOurs(values, values.length / tensor.rowCount());
    }
    Float factor = kept.get(layer(tensor));
    if (factor != null) {
      try {
        DropoutFactor.divide(tensor.name(), values, factor);
      } catch (IllegalArgumentException e) {
        throw new FormatException(file.file(), "tensor " + foreign.name(), e.getMessage());
      }
    }
    return values;
  }

  private void requireFinite(ForeignTensor foreign, float[] values) throws FormatException {
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new FormatException(
            file.file(),
            "tensor " + foreign.name() + "[" + i + "]",
            "is " + values[i] + "; allowed: finite numbers");
      }
    }
  }

  /**
   * Returns the network as a checkpoint has it: up to the last layer that is taken.
   *
   * @throws IllegalArgumentException if no network can end there
   */
  public Configuration written() {
    return upTo.map(
            layer -> configuration.withNetwork(CutNetwork.of(configuration.network(), layer)))
        .orElse(configuration);
  }

  /**
   * Writes a checkpoint; one of the first layers alone has no classes.
   *
   * @throws IOException if the file cannot be read or the result not be written
   */
  public void write(Path to) throws IOException {
    Configuration network = written();
    int count = upTo.isPresent() ? 0 : network.network().classes();
    List<String> names =
        classes.size() == count
            ? classes
            : IntStream.range(0, count).mapToObj(i -> "class " + i).toList();
    Checkpoint.Content content =
        new Checkpoint.Content(
            Progress.START,
            0,
            ConfigWriter.write(network),
            names,
            input.ourMean(configuration.network().sourceSize()),
            ScheduleState.START,
            "",
            OptionalDouble.empty());
    List<TensorSpec> all =
        TensorSpec.of(Planner.plan(network.network(), 1, Purpose.INFER, network.mean(), 0));
    Checkpoint.writeWeights(to, all, this::valuesOrNone, content);
  }

  /** What stands behind the last layer that is taken has no weights. */
  private float[] valuesOrNone(TensorSpec tensor) throws IOException {
    return found.containsKey(tensor.name()) ? values(tensor) : new float[(int) tensor.count()];
  }

  /**
   * Writes the tensors that are taken, and nothing else: a file to start from.
   *
   * @throws IOException if the file cannot be read or the result not be written
   */
  public void writePlain(Path to) throws IOException {
    List<TensorInfo> infos =
        tensors.stream()
            .map(
                t ->
                    TensorInfo.float32(
                        t.name(), t.shape().stream().mapToLong(Long::longValue).toArray()))
            .toList();
    try (SafetensorsWriter writer = SafetensorsWriter.create(to, infos, ImmutableMap.of())) {
      for (TensorSpec tensor : tensors) {
        writer.write(tensor.name(), FloatBuffer.wrap(values(tensor)));
      }
      writer.commit();
    }
  }
}
