package org.alexnet4j.eval;

import static java.util.stream.Collectors.joining;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.alexnet4j.config.ConfigException;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.device.Devices;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.device.ForcedKernel;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.io.TensorInfo;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.NewestCheckpoint;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.Towers;

/**
 * A network on its devices with the weights of a run, a checkpoint or a file.
 *
 * <pre>{@code
 * try (Network network = Network.open(Path.of("runs/paper"))) {
 *   List<Predictor.Guess> guesses = network.predict(Path.of("photo.jpg"));
 * }
 * }</pre>
 *
 * <p>A checkpoint says itself which network it is of, which classes and which mean it has. A file
 * of weights alone needs a preset or a configuration beside it.
 *
 * <p>Threads: predictions may come from any, several at a time; their batches take turns on the
 * devices. {@link #close} waits for those that have begun, may be called again, and makes every
 * later call an {@link IllegalStateException}. Who works on {@link #towers} directly is alone with
 * them: they take one call at a time and refuse a second one.
 */
public final class Network implements AutoCloseable {
  private final Configuration configuration;
  private final List<String> classes;
  private final Towers towers;
  private final boolean hasMean;
  private final ImmutableList<String> notes;
  private final Calls calls = new Calls("network");
  private final ReentrantLock turn = new ReentrantLock(true); // held for a batch, first come first
  private final Predictor centre;

  private Network(Source source, Towers towers, List<String> notes) {
    this.configuration = source.configuration;
    this.classes = source.content.map(Checkpoint.Content::classes).orElse(List.of());
    this.hasMean = source.content.isPresent();
    this.towers = towers;
    this.notes = ImmutableList.copyOf(notes);
    this.centre = new Predictor(this, Views.CENTRE);
  }

  /**
   * How a network is opened.
   *
   * @param devices as {@code --devices}: {@code cpu:0}, {@code cuda:0,cuda:1}, or {@code auto}, a
   *     GPU if there is one; empty: the CPU, of whose cores each tower gets its share
   * @param batch images that are looked at together, 1 to 4096
   * @param engine whose code runs there; empty for what {@code ALEXNET_ENGINE} says, else our
   *     kernels
   * @param kernels variants in place of those that shapes and environment choose
   * @param layers whether what every layer computes can be read, which takes memory and time
   */
  public record Options(
      Optional<String> devices,
      int batch,
      Optional<EngineKind> engine,
      ImmutableList<ForcedKernel> kernels,
      boolean layers) {
    private static final int MOST = 4096;

    /** The CPU, 32 images at a time. */
    public static final Options DEFAULT =
        new Options(Optional.empty(), 32, Optional.empty(), ImmutableList.of(), false);

    /**
     * Checks the batch.
     *
     * @param devices as {@code --devices}: {@code cpu:0}, {@code cuda:0,cuda:1}, or {@code auto}, a
     *     GPU if there is one; empty: the CPU, of whose cores each tower gets its share
     * @param batch images that are looked at together, 1 to 4096
     * @param engine whose code runs there; empty for what {@code ALEXNET_ENGINE} says, else our
     *     kernels
     * @param kernels variants in place of those that shapes and environment choose
     * @param layers whether the values of all layers are kept, for {@link Network#features}
     */
    public Options {
      if (batch < 1 || batch > MOST) {
        throw new IllegalArgumentException("batch is " + batch + "; allowed: 1 to " + MOST);
      }
    }

    /**
     * {@return the same on other devices, one for all towers or one per tower}
     *
     * @param names as {@code --devices} has them: {@code cpu:0,cpu:1}
     */
    public Options withDevices(String names) {
      return new Options(Optional.of(names), batch, engine, kernels, layers);
    }

    /**
     * {@return the same with other batches}
     *
     * @param images images per pass, 1 or more
     */
    public Options withBatch(int images) {
      return new Options(devices, images, engine, kernels, layers);
    }

    /**
     * {@return the same with an engine of one's choice, whatever the environment says}
     *
     * @param kind the engine
     */
    public Options withEngine(EngineKind kind) {
      return new Options(devices, batch, Optional.of(kind), kernels, layers);
    }

    /**
     * {@return the same with one more pass that a variant of one's choice does, whatever the
     * environment says}
     *
     * @param kernel as in {@code conv.fprop=direct}; {@code kernels list} names all
     * @throws IllegalArgumentException if it has another form
     */
    public Options withKernel(String kernel) {
      ImmutableList.Builder<ForcedKernel> all = ImmutableList.builder();
      all.addAll(kernels).add(ForcedKernel.parse("kernel", kernel));
      return new Options(devices, batch, engine, all.build(), layers);
    }

    /** {@return the same for {@link Network#features}, which takes more memory} */
    public Options withLayers() {
      return new Options(devices, batch, engine, kernels, true);
    }

    private Devices.Choice choose(int towers) {
      String names =
          devices.orElseGet(
              () -> IntStream.range(0, towers).mapToObj(t -> "cpu:" + t).collect(joining(",")));
      return Devices.choose(names, towers).withEngine(engine).withKernels(kernels);
    }
  }

  /**
   * Opens the newest checkpoint of a run, or a checkpoint, on the CPU. Where newer checkpoints of
   * the run cannot be used, {@link #notes} says why.
   *
   * @param runOrCheckpoint a run folder or a checkpoint
   * @return the network; the caller closes it
   * @throws IOException if there is none or it is damaged
   */
  public static Network open(Path runOrCheckpoint) throws IOException {
    return open(runOrCheckpoint, Options.DEFAULT);
  }

  /**
   * {@return the same on devices of one's choice}
   *
   * @param runOrCheckpoint a run folder or a checkpoint
   * @param options devices, batch, engine and kernels
   * @throws IllegalArgumentException if there are no such devices, or they have no such engine or
   *     kernel
   * @throws IOException if there is no checkpoint or it is damaged
   */
  public static Network open(Path runOrCheckpoint, Options options) throws IOException {
    List<String> notes = new ArrayList<>();
    Path file = NewestCheckpoint.file(runOrCheckpoint, notes::add);
    Source source = Source.read(file, Optional.empty());
    Devices.Choice devices = options.choose(source.towers());
    Purpose purpose = options.layers ? Purpose.INSPECT : Purpose.INFER;
    Network network = source.open(devices, options.batch, purpose, 0, notes);
    try {
      return network.requireMean(file);
    } catch (IOException | RuntimeException e) {
      network.close();
      throw e;
    }
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
     * @param file weights or a checkpoint
     * @param asked overrules what a checkpoint says
     * @return what it says
     * @throws IllegalArgumentException if neither says which network it is
     * @throws IOException if the file cannot be read or is damaged
     */
    public static Source read(Path file, Optional<Configuration> asked) throws IOException {
      return read(file, asked, UnaryOperator.identity());
    }

    /**
     * {@return the same with a change of the configuration}
     *
     * @param file weights or a checkpoint
     * @param asked overrules what a checkpoint says
     * @param change of what was asked, or of what the checkpoint says
     * @throws IOException if the file cannot be read or is damaged
     */
    public static Source read(
        Path file, Optional<Configuration> asked, UnaryOperator<Configuration> change)
        throws IOException {
      Optional<Checkpoint.Content> content =
          Checkpoint.is(file) ? Optional.of(Checkpoint.readContent(file)) : Optional.empty();
      Configuration configuration =
          asked
              .or(() -> content.map(c -> configuration(file, c)))
              .map(change)
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

    /**
     * {@return the same for another crop, for example 227 (D1)}
     *
     * @param size side in pixels
     */
    public Source withInputSize(int size) {
      NetworkSpec network = configuration.network();
      return network.inputSize() == size
          ? this
          : new Source(file, configuration.withNetwork(network.withInputSize(size)), content);
    }

    /** {@return how many towers the network has} */
    public int towers() {
      return configuration.network().towers();
    }

    /**
     * Opens the devices and loads the weights.
     *
     * @param devices one per tower
     * @param batch images per pass
     * @param purpose what the network is for
     * @param seed keys dropout masks, where the purpose has any
     * @return the network; the caller closes it
     * @throws IOException if the weights cannot be read
     */
    public Network open(Devices.Choice devices, int batch, Purpose purpose, long seed)
        throws IOException {
      return open(devices, batch, purpose, seed, List.of());
    }

    private Network open(
        Devices.Choice devices, int batch, Purpose purpose, long seed, List<String> notes)
        throws IOException {
      Plan plan =
          Planner.plan(configuration.network(), batch, purpose, configuration.mean(), seed)
              .in(configuration.training().arithmetic());
      Towers towers = Towers.create(plan, devices);
      try {
        Checkpoint.readParameters(file, new ParameterStore(towers), false);
        content.ifPresent(c -> towers.mean(c.mean()));
        return new Network(this, towers, notes);
      } catch (IOException | RuntimeException e) {
        towers.close();
        throw e;
      }
    }
  }

  /**
   * {@return all classes by falling probability, of the image's centre window}
   *
   * @param image a file (JPEG, PNG, GIF, BMP, TIFF, PNM)
   * @throws DataException if it is missing or damaged
   */
  public List<Predictor.Guess> predict(Path image) throws IOException {
    return centre.predict(image);
  }

  /**
   * {@return the same for several files, in their order; see {@link Predictor#predict(List)}}
   *
   * @param images image files
   * @throws DataException if one of them is missing or damaged; it is named
   */
  public List<Predictor.Prediction> predict(List<Path> images) throws IOException {
    return centre.predict(images);
  }

  /**
   * {@return what predicts through the windows that one wants, and is of use until the close}
   *
   * @param views how many windows, and which
   */
  public Predictor predictor(Views views) {
    return new Predictor(this, views);
  }

  /**
   * {@return what computes a layer's values of pictures}
   *
   * @param layer its name, as {@link org.alexnet4j.net.LayerNames} reads it
   * @throws IllegalStateException if it was opened without {@link Options#withLayers}
   */
  public Features features(String layer) {
    return new Features(this, layer);
  }

  /** {@return why newer checkpoints of the run are not used; empty if the newest one is} */
  public ImmutableList<String> notes() {
    return notes;
  }

  /** Begins a call that needs the devices; see {@link Calls#enter}. */
  void enter(String call) {
    calls.enter(call);
  }

  /** Ends it. */
  void leave() {
    calls.leave();
  }

  /** Returns the lock that who lets a batch through the devices holds. */
  ReentrantLock turn() {
    return turn;
  }

  /** Returns the side of the stored images that the network reads, in pixels. */
  int sourceSize() {
    return configuration.network().sourceSize();
  }

  /** Returns how many classes the network tells apart. */
  int classCount() {
    return configuration.network().classes();
  }

  /** {@return the network and how it is fed} */
  public Configuration configuration() {
    return configuration;
  }

  /** {@return the network on its devices; closed with this} */
  public Towers towers() {
    return towers;
  }

  /**
   * {@return the name of a class, or its number where the file has no names}
   *
   * @param label from 0
   */
  public String className(int label) {
    return label < classes.size() ? classes.get(label) : "class " + label;
  }

  /** {@return the names of the classes; none if the file has none} */
  public List<String> classes() {
    return classes;
  }

  /**
   * Checks that there is a mean: without one images cannot be brought to the network.
   *
   * @param file of the weights, for the message
   * @return this
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
   * @param images the data set
   * @param data what the data are called, for the message
   * @return this
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

  /**
   * Frees the devices, once the predictions that have begun have ended.
   *
   * @throws IllegalStateException if the caller is inside of one
   */
  @Override
  public void close() {
    calls.close();
    towers.close();
  }
}
