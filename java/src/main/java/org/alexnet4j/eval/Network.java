package org.alexnet4j.eval;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.config.ConfigException;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.io.TensorInfo;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.Towers;

/**
 * A network on its devices with the weights of a file.
 *
 * <p>A checkpoint says itself which network it is of, which classes and which mean it has. A file
 * of weights alone needs a preset or a configuration beside it.
 */
public final class Network implements AutoCloseable {
  private final Configuration configuration;
  private final List<String> classes;
  private final Towers towers;
  private final boolean hasMean;

  private Network(
      Configuration configuration, List<String> classes, Towers towers, boolean hasMean) {
    this.configuration = configuration;
    this.classes = classes;
    this.towers = towers;
    this.hasMean = hasMean;
  }

  /**
   * What a file of weights is of, before any device is opened.
   *
   * @param file a checkpoint, or any safetensors file with {@code conv1.weight}, ...
   * @param configuration the network and how it is fed
   * @param content what a checkpoint says beside; empty for plain weights
   */
  public record Source(
      Path file, Configuration configuration, Optional<Checkpoint.Content> content) {

    /**
     * Reads what the file says about itself.
     *
     * @param asked overrules what a checkpoint says
     * @throws IllegalArgumentException if neither says which network it is
     * @throws IOException if the file cannot be read or is damaged
     */
    public static Source read(Path file, Optional<Configuration> asked) throws IOException {
      Optional<Checkpoint.Content> content =
          Checkpoint.is(file) ? Optional.of(Checkpoint.readContent(file)) : Optional.empty();
      Configuration configuration =
          asked
              .or(() -> content.map(c -> configuration(file, c)))
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          Printable.path(file)
                              + " does not say which network it is of; add --preset or --config"));
      NetworkSpec network = configuration.network();
      int classes = content.isPresent() ? content.get().classes().size() : outputs(file, network);
      return new Source(
          file,
          classes == 0
              ? configuration
              : configuration
                  .requireClasses(classes, file.toString())
                  .withNetwork(network.withClasses(classes)),
          content);
    }

    private static Configuration configuration(Path file, Checkpoint.Content content) {
      try {
        return ConfigReader.text(file.toString(), content.configuration());
      } catch (ConfigException e) { // nothing that the person wrote
        throw new UncheckedIOException(
            new FormatException(file, "metadata, configuration", e.getMessage()));
      }
    }

    /** Returns how many classes a file of plain weights has, or 0 if it does not say. */
    private static int outputs(Path file, NetworkSpec network) throws IOException {
      String last = network.layers().get(network.layers().size() - 2).name();
      try (Safetensors tensors = Safetensors.open(file)) {
        TensorInfo bias = tensors.tensors().get(last + ".bias");
        return bias == null || bias.shape().size() != 1 ? 0 : Math.toIntExact(bias.count());
      }
    }

    /** Returns the same for another crop, for example 227 (D1). */
    public Source withInputSize(int size) {
      NetworkSpec network = configuration.network();
      return network.inputSize() == size
          ? this
          : new Source(file, configuration.withNetwork(network.withInputSize(size)), content);
    }

    /** Returns how many towers the network has. */
    public int towers() {
      return configuration.network().towers();
    }

    /**
     * Opens the devices and loads the weights.
     *
     * @param batch images per pass
     * @param seed keys dropout masks, where the purpose has any
     */
    public Network open(Devices.Choice devices, int batch, Purpose purpose, long seed)
        throws IOException {
      Plan plan = Planner.plan(configuration.network(), batch, purpose, configuration.mean(), seed);
      Towers towers = Towers.create(plan, devices);
      try {
        Checkpoint.readParameters(file, new ParameterStore(towers), false);
        content.ifPresent(c -> towers.mean(c.mean()));
        List<String> classes = content.map(Checkpoint.Content::classes).orElse(List.of());
        return new Network(configuration, classes, towers, content.isPresent());
      } catch (IOException | RuntimeException e) {
        towers.close();
        throw e;
      }
    }
  }

  /** Returns the network and how it is fed. */
  public Configuration configuration() {
    return configuration;
  }

  /** Returns the network on its devices; closed with this. */
  public Towers towers() {
    return towers;
  }

  /** Returns the name of a class, or its number where the file has no names. */
  public String className(int label) {
    return label < classes.size() ? classes.get(label) : "class " + label;
  }

  /** Returns the names of the classes; none if the file has none. */
  public List<String> classes() {
    return classes;
  }

  /**
   * Checks that there is a mean: without one images cannot be brought to the network.
   *
   * @throws FormatException if there is none
   */
  public Network requireMean(Path file) throws FormatException {
    if (!hasMean) {
      throw new FormatException(
          file,
          "metadata",
          "there is no mean and no class; images need a checkpoint made by train");
    }
    return this;
  }

  /**
   * Checks that images have the classes that the weights learned.
   *
   * @throws DataException if they have others
   */
  public Network requireClasses(Dataset images, String data) throws DataException {
    if (!images.classes().equals(classes)) {
      throw new DataException(
          data,
          "has " + images.classes().size() + " classes (" + Printable.names(images.classes()) + ")",
          "the " + classes.size() + " of the weights: " + Printable.names(classes));
    }
    return this;
  }

  @Override
  public void close() {
    towers.close();
  }
}
