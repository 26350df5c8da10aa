package org.alexnet4j.cli.run;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.Failures;
import org.alexnet4j.cli.option.DeviceOptions;
import org.alexnet4j.cli.option.Inputs;
import org.alexnet4j.cli.option.NetworkOptions;
import org.alexnet4j.cli.option.OutputFile;
import org.alexnet4j.cli.option.WeightsOptions;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.device.Devices;
import org.alexnet4j.eval.ActivationFile;
import org.alexnet4j.eval.Network;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Npy;
import org.alexnet4j.io.Printable;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.tower.StepSettings;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes what every layer computes for a given input. */
@Command(
    name = "activations",
    mixinStandardHelpOptions = true,
    description = {
      "Writes what every layer computes for an input.",
      "With labels it also writes every gradient and the loss. Weights are one safetensors file with",
      "conv1.weight, conv1.bias, ... in the usual order [out][in/groups][row][column], inputs of",
      "fully-connected layers channel-major, tower a first. The input is what the network sees: mean",
      "already subtracted, N x H x W x 3 float32. Tensors are written towers joined, N,H,W,C; what is",
      "fused away is listed."
    })
public final class ActivationsCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private WeightsOptions weights;
  @Mixin private NetworkOptions network;
  @Mixin private DeviceOptions devices;

  @Option(
      names = "--input",
      paramLabel = "FILE.npy",
      required = true,
      description = "N x H x W x 3 float32, H = W = 224 or 227 for the paper's network.")
  private Path input;

  @Option(
      names = "--labels",
      paramLabel = "FILE.npy",
      description = "N integers; adds the loss and all gradients.")
  private Path labels;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "The safetensors file to write.")
  private Path out;

  @Option(
      names = "--training",
      description =
          "Draw dropout masks, as in a training step; otherwise outputs are multiplied by the"
              + " probability of being kept, forward and backward.")
  private boolean trainingPass;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "2012",
      description = "Seed of the dropout masks (default: 2012).")
  private long seed;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  public ActivationsCommand(Console console) {
    this.console = console;
  }

  /** The network's input with its extents. */
  private record Images(int count, int size, float[] values) {}

  @Override
  public Integer call() throws IOException {
    Inputs inputs = new Inputs().file(input).file(labels).file(network.file());
    OutputFile.require("--out", out, weights.addTo(inputs));
    Images images = read(input, this::readInput);
    long[] values = labels == null ? null : read(labels, () -> readLabels(images.count));
    Network.Source source =
        fitting(
            Network.Source.read(
                weights.file(console::message), network.ofWeights(), network.change()),
            images);
    int count = source.configuration().network().classes();
    int[] classes = values == null ? null : read(labels, () -> classes(values, count));
    Devices.Choice choice = devices.choose(source.towers(), console);
    try (Network loaded = source.open(choice, images.count, Purpose.INSPECT, seed)) {
      loaded.towers().choices().forEach(console::message);
      loaded.towers().loadInput(images.values, classes);
      StepResult result = loaded.towers().inspect(new StepSettings(0, 0, 0, 0), trainingPass);
      print(ActivationFile.write(out, loaded.towers(), result), result);
    }
    return ExitCode.OK.code();
  }

  /**
   * Returns the network for images of this size. Another one than its own fits if what reaches the
   * first fully-connected layer is the same, as with 224 and 227 (D1).
   */
  private Network.Source fitting(Network.Source source, Images images) throws DataException {
    int size = source.configuration().network().inputSize();
    IllegalArgumentException misfit = null;
    try {
      Network.Source resized = source.withInputSize(images.size);
      if (shapes(resized).equals(shapes(source))) {
        return resized;
      }
    } catch (IllegalArgumentException e) {
      misfit = e; // a layer's window is larger than what reaches it
    }
    throw new DataException(
        input.toString(),
        "has images of " + images.size + " x " + images.size,
        size + " x " + size + ", as the network takes them",
        misfit);
  }

  private static List<List<Long>> shapes(Network.Source source) {
    Configuration configuration = source.configuration();
    Plan plan = Planner.plan(configuration.network(), 1, Purpose.INSPECT, configuration.mean(), 0);
    return TensorSpec.of(plan).stream().map(tensor -> List.copyOf(tensor.shape())).toList();
  }

  /** What cannot be read of input or labels is a matter of data, whatever the file's name. */
  private static <T> T read(Path file, Reader<T> reader) throws IOException {
    try {
      return reader.read();
    } catch (FormatException | FileSystemException e) {
      throw new CommandException(ExitCode.DATA, Failures.line(e), e);
    } catch (IOException e) { // as of a folder
      String line = Printable.path(file) + " cannot be read: " + Failures.line(e);
      throw new CommandException(ExitCode.DATA, line, e);
    }
  }

  private interface Reader<T> {
    T read() throws IOException;
  }

  private Images readInput() throws IOException {
    try (Npy npy = Npy.open(input)) {
      List<Long> shape = npy.shape();
      boolean square =
          shape.size() == 4
              && shape.get(0) >= 1
              && shape.get(1).equals(shape.get(2))
              && shape.get(1) <= 4096
              && shape.get(3) == 3;
      if (!square) {
        throw new FormatException(
            input, "header", "the shape is " + shape + "; allowed: [N, size, size, 3]");
      }
      float[] values = npy.readFloats();
      for (int i = 0; i < values.length; i++) {
        if (!Float.isFinite(values[i])) {
          throw new FormatException(
              input, "value " + i, "is " + values[i] + "; allowed: finite numbers");
        }
      }
      return new Images(shape.get(0).intValue(), shape.get(1).intValue(), values);
    }
  }

  private long[] readLabels(int count) throws IOException {
    try (Npy npy = Npy.open(labels)) {
      if (!npy.shape().equals(List.of((long) count))) {
        throw new FormatException(
            labels, "header", "the shape is " + npy.shape() + "; allowed: [" + count + "]");
      }
      return npy.readIntegers();
    }
  }

  private int[] classes(long[] values, int count) throws FormatException {
    int[] classes = new int[values.length];
    for (int i = 0; i < values.length; i++) {
      if (values[i] < 0 || values[i] >= count) {
        throw new FormatException(
            labels, "label " + i, "is " + values[i] + "; allowed: 0 to " + (count - 1));
      }
      classes[i] = (int) values[i];
    }
    return classes;
  }

  private void print(List<String> missing, StepResult result) {
    boolean labelled = result.images() > 0;
    if (json) {
      ImmutableMap.Builder<String, Object> object = ImmutableMap.builder();
      object.put("file", out.toString());
      object.put("missing", missing);
      if (labelled) {
        object.put("loss", result.loss());
      }
      console.json(object.build());
      return;
    }
    String loss = labelled ? ", loss " + Numbers.fixed(result.loss(), 6) : "";
    String without = missing.isEmpty() ? "" : "; not there: " + Printable.names(missing);
    console.result(out + loss + without);
  }
}
