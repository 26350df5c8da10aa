package org.alexnet4j.cli.foreign;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.Failures;
import org.alexnet4j.cli.option.DeviceOptions;
import org.alexnet4j.cli.option.Inputs;
import org.alexnet4j.cli.option.NetworkOptions;
import org.alexnet4j.cli.option.OutputFile;
import org.alexnet4j.config.ConfigDifference;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.device.Devices;
import org.alexnet4j.foreign.InputConvention;
import org.alexnet4j.foreign.KnownNetworks;
import org.alexnet4j.foreign.ReferenceCheck;
import org.alexnet4j.foreign.WeightsImport;
import org.alexnet4j.foreign.file.ForeignFile;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.OutputFolder;
import org.alexnet4j.io.Printable;
import org.alexnet4j.report.TextTable;
import org.alexnet4j.run.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Takes weights of another framework. */
@Command(
    name = "import",
    mixinStandardHelpOptions = true,
    description = {
      "Takes the weights of another framework's AlexNet.",
      "Reads safetensors, PyTorch files (.pth), NumPy (.npz or a folder of",
      ".npy), Caffe models and ONNX models; executes nothing in them.",
      "Says what becomes of each tensor. What has no counterpart is refused."
    })
public final class ImportCommand implements Callable<Integer> {
  private static final String CHECKPOINT = ".safetensors";

  private final Console console;

  @Parameters(index = "0", paramLabel = "FILE", description = "The weights: a file, or a folder.")
  private Path file;

  @Option(
      names = "--out",
      paramLabel = "RUN|FILE",
      description = "A new run folder, or a .safetensors file; needed without --verify.")
  private Path out;

  @Option(
      names = "--prototxt",
      paramLabel = "FILE",
      description =
          "The network of a .caffemodel: deploy.prototxt or train_val.prototxt. It supplies what"
              + " the model leaves out; where both say something they must agree.")
  private Path prototxt;

  @Mixin private NetworkOptions network;
  @Mixin private InputOptions input;

  @Option(
      names = "--names",
      paramLabel = "FILE",
      description = "Names of the classes, one a line, in the order of the outputs.")
  private Path names;

  @Option(
      names = "--up-to",
      paramLabel = "LAYER",
      description =
          "Only the layers up to this one: a .safetensors file to start from (--start-from), or a"
              + " run for features and similar, which has no classes.")
  private String upTo;

  @Option(
      names = "--verify",
      paramLabel = "ACTIVATIONS",
      description =
          "Compare with what the other framework computed: tensors input, relu1, ... in one of"
              + " the formats above. Ends with 1, and writes nothing, if a layer differs.")
  private Path activations;

  @Option(
      names = "--tolerance",
      paramLabel = "T",
      description = "Absolute difference that counts as equal for --verify (default: 0.01).")
  private Double tolerance;

  @Mixin private DeviceOptions devices;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  public ImportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    check();
    try (ForeignFile read = ForeignFile.open(file)) {
      ForeignFile whole = read.withFractionBits(input.fractionBits());
      ForeignFile foreign = prototxt == null ? whole : whole.describedBy(prototxt);
      Configuration configuration = configuration(foreign);
      InputConvention convention = input.convention(KnownNetworks.input(foreign, configuration));
      boolean fed = out != null && (upTo == null || !isFile());
      if (convention.mean().length == 0 && fed) {
        throw new CommandException(
            ExitCode.USAGE,
            Printable.path(file)
                + KnownNetworks.meanFile(foreign)
                    .map(name -> " takes its mean from " + Printable.name(name))
                    .orElse(" does not say what its network subtracts from pixels")
                + "; add --mean A,B,C or --mean FILE.npy");
      }
      WeightsImport weights =
          WeightsImport.of(
              foreign, configuration, convention, classes(foreign), Optional.ofNullable(upTo));
      requireClasses(weights);
      Optional<ReferenceCheck.Result> check = verify(weights);
      boolean same =
          check.stream()
              .flatMap(result -> result.rows().stream())
              .allMatch(row -> row.largestDifference() <= allowed());
      if (same && out != null) {
        write(weights);
      }
      print(foreign, weights, check, same);
      return (same ? ExitCode.OK : ExitCode.OTHER).code();
    } catch (FormatException e) {
      throw new CommandException(ExitCode.CHECKPOINT, Failures.line(e), e);
    }
  }

  private void check() throws IOException {
    if (out == null && activations == null) {
      throw new CommandException(
          ExitCode.USAGE, "missing: --out RUN or FILE.safetensors, or --verify ACTIVATIONS");
    }
    if (activations == null && (tolerance != null || devices.isGiven())) {
      throw new CommandException(
          ExitCode.USAGE,
          (tolerance != null ? "--tolerance" : "the choice of devices") + " needs --verify");
    }
    if (names != null && upTo != null) {
      throw new CommandException(
          ExitCode.USAGE, "--names is of no use with --up-to: the first layers tell no classes");
    }
    if (!(allowed() >= 0)) {
      throw new CommandException(
          ExitCode.USAGE, "--tolerance is " + allowed() + "; allowed: 0 or more");
    }
    if (!Files.exists(file)) {
      throw new CommandException(
          ExitCode.CHECKPOINT, Printable.path(file) + ": no such file or folder");
    }
    Inputs inputs =
        new Inputs().file(file).file(prototxt).file(names).file(activations).file(network.file());
    input.addTo(inputs);
    if (out == null) {
      return;
    }
    if (isFile()) {
      OutputFile.require("--out", out, inputs, CHECKPOINT);
    } else if (Files.exists(out)) {
      throw new CommandException(
          ExitCode.USAGE,
          "--out is " + Printable.path(out) + ", which is there; allowed: a new run folder");
    }
  }

  private double allowed() {
    return tolerance == null ? 0.01 : tolerance;
  }

  private boolean isFile() {
    return out.toString().endsWith(CHECKPOINT);
  }

  private Configuration configuration(ForeignFile foreign) throws IOException {
    Optional<Configuration> asked = network.ofWeights();
    return network.change().apply(asked.isPresent() ? asked.get() : KnownNetworks.of(foreign));
  }

  private List<String> classes(ForeignFile foreign) throws IOException {
    if (names == null) {
      return KnownNetworks.classes(foreign);
    }
    try {
      return Files.readAllLines(names, StandardCharsets.UTF_8);
    } catch (FileSystemException e) {
      throw new CommandException(ExitCode.DATA, "--names: " + Failures.line(e), e);
    } catch (IOException e) {
      throw new CommandException(
          ExitCode.DATA, Printable.path(names) + " is not UTF-8; allowed: a name a line", e);
    }
  }

  private void requireClasses(WeightsImport weights) throws IOException {
    int stated = weights.classes().size();
    int units = weights.configuration().network().classes();
    if (stated != 0 && upTo == null && stated != units) {
      throw new CommandException(
          ExitCode.DATA,
          String.format(
              Locale.ROOT, "there are %d names and %d classes; allowed: as many", stated, units));
    }
  }

  private Optional<ReferenceCheck.Result> verify(WeightsImport weights) throws IOException {
    if (activations == null) {
      return Optional.empty();
    }
    int towers = weights.configuration().network().towers();
    Devices.Choice choice = devices.choose(towers, console);
    try (ForeignFile reference = ForeignFile.open(activations)) {
      return Optional.of(ReferenceCheck.of(weights, reference, choice));
    }
  }

  private void write(WeightsImport weights) throws IOException {
    if (isFile() && upTo != null) {
      weights.writePlain(out);
      return;
    }
    if (isFile()) {
      weights.write(out);
      return;
    }
    Configuration written = weights.written();
    OutputFolder.create(out, out);
    RunFolder run = RunFolder.create(out);
    try {
      weights.write(run.checkpoint(0));
      AtomicFile.writeText(run.config(), ConfigWriter.write(written));
      AtomicFile.writeText(run.metrics(), ""); // of no step, as report looks for it
    } catch (IOException | RuntimeException e) {
      run.discard(); // nothing half written stays
      throw e;
    }
  }

  private void print(
      ForeignFile foreign,
      WeightsImport weights,
      Optional<ReferenceCheck.Result> check,
      boolean same) {
    List<ConfigDifference> changes = changes(weights.configuration());
    if (json) {
      ImmutableMap.Builder<String, Object> object = ImmutableMap.builder();
      object.put("file", file.toString());
      object.put("format", foreign.format().title());
      object.put("network", weights.configuration().network().name());
      object.put("input", weights.inputLine());
      object.put("tensors", weights.rows());
      object.put("leftOut", weights.leftOut());
      object.put("changes", changes);
      check.ifPresent(result -> object.put("compared", result.rows()));
      check.ifPresent(result -> object.put("notCompared", result.notCompared()));
      object.put("same", same);
      object.put("out", out == null || !same ? "" : out.toString());
      console.json(object.build());
      return;
    }
    TextTable table = new TextTable("tensor", "shape", "from", "what was done");
    for (WeightsImport.Row row : weights.rows()) {
      table.row(row.tensor(), row.shape(), Printable.name(row.foreign()), row.conversion());
    }
    console.result(table.toString().stripTrailing());
    console.result(
        foreign.format().title()
            + " as "
            + weights.configuration().network().name()
            + "; "
            + weights.inputLine());
    List<String> left = weights.leftOut();
    console.result("left out: " + (left.isEmpty() ? "nothing" : Printable.names(left)));
    changes.forEach(
        c -> console.result("changed: " + c.key() + ": " + c.first() + " -> " + c.second()));
    check.ifPresent(this::print);
    if (out != null) {
      console.result(same ? "written: " + out : "not written: a layer differs from its reference");
    }
  }

  private void print(ReferenceCheck.Result result) {
    TextTable table = new TextTable("layer", "values", "largest difference", "largest value");
    for (ReferenceCheck.Row row : result.rows()) {
      table.row(
          row.layer(),
          row.values(),
          String.format(Locale.ROOT, "%.3g", row.largestDifference())
              + (row.largestDifference() <= allowed() ? "" : "  over " + allowed()),
          String.format(Locale.ROOT, "%.4g", row.largestValue()));
    }
    console.result(table.toString().stripTrailing());
    if (!result.notCompared().isEmpty()) {
      console.result("not compared: " + Printable.names(result.notCompared()));
    }
  }

  private static List<ConfigDifference> changes(Configuration configuration) {
    String name = configuration.network().name();
    return ConfigReader.PRESETS.contains(name)
        ? ConfigDifference.between(ConfigReader.preset(name), configuration)
        : List.of();
  }
}
