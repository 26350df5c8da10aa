package org.alexnet4j.cli.kernels;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.option.Inputs;
import org.alexnet4j.cli.option.OutputFile;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.Kernels;
import org.alexnet4j.engine.CudnnEngine;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.report.TextTable;
import org.alexnet4j.text.Suggestion;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Lists the kernels of this build, checks them and times them. */
@Command(
    name = "kernels",
    mixinStandardHelpOptions = true,
    description = {
      "Lists, checks or times the kernels of this build, or begins new ones.",
      "--kernel FAMILY.PASS=VARIANT forces a variant in a command that runs a network,"
          + " ALEXNET_<FAMILY>_<PASS>=variant in the environment in every command."
    })
public final class KernelsCommand {
  private final Console console;

  public KernelsCommand(Console console) {
    this.console = console;
  }

  @Command(
      name = "list",
      mixinStandardHelpOptions = true,
      description = {
        "Lists each kernel with its pass, variant, device and source file.",
        "And the precision and the algorithm that it is for, what it needs of the GPU or processor, and on what it"
            + " was timed (docs/measurements); - for nothing."
      })
  void list(
      @Option(names = "--json", description = "Print the result as one JSON array.") boolean json) {
    List<JsonObject> kernels =
        Kernels.list().stream().map(k -> JsonParser.parseString(k).getAsJsonObject()).toList();
    if (json) {
      console.json(kernels);
      return;
    }
    TextTable table =
        new TextTable(
            "family",
            "pass",
            "variant",
            "kind",
            "precision",
            "algorithm",
            "needs",
            "measured",
            "file");
    for (JsonObject kernel : kernels) {
      table.row(
          text(kernel.get("family")),
          text(kernel.get("pass")),
          text(kernel.get("variant")),
          text(kernel.get("kind")),
          text(kernel.get("precision")),
          text(kernel.get("algorithm")),
          orDash(text(kernel.get("needs"))),
          orDash(text(kernel.get("measured"))),
          text(kernel.get("file")));
    }
    console.result(table.toString());
  }

  private static String orDash(String text) {
    return text.isEmpty() ? "-" : text;
  }

  @Command(
      name = "new",
      mixinStandardHelpOptions = true,
      description = {
        "Begins a new family of kernels.",
        "It writes a reference, GPU kernels, a CPU variant and checks that pass; with --like also"
            + " whatever makes a layer of it. Needs the source tree; kernels/README.md says how to"
            + " go on."
      })
  void begin(
      @Parameters(paramLabel = "NAME", description = "Of the family, as in leaky_relu.")
          String family,
      @Option(
              names = "--like",
              paramLabel = "LAYER",
              description = {
                "Make a layer of it, of the kind of relu or tanh: C ABI, binding, engine, plan and"
                    + " 'type: NAME' in a network's YAML. One test fails until the formula is"
                    + " written."
              })
          String like)
      throws IOException {
    Path home = Path.of(System.getProperty("alexnet.home", "."));
    KernelTemplate template = new KernelTemplate(home);
    for (Path file : like == null ? template.write(family) : template.write(family, like)) {
      console.result(file.toString());
    }
    console.message("next: write the formula into kernels/" + family + "/, the .h first, then");
    console.message("  ./alexnet kernels check -- --filter " + family + "/");
    console.message(
        like == null
            ? "what makes a layer of it: kernels new --like, or kernels/README.md, \"Add a family\""
            : "then a network may have a layer 'type: " + family + "'");
  }

  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description = {
        "Checks every kernel: values, gradients, races, repeated bits.",
        "It runs the check program of the source tree in which ./alexnet was built."
      })
  int check(
      @Parameters(
              arity = "0..*",
              paramLabel = "ARGUMENT",
              description = "For kernel_check; after --, for example: -- --help.")
          List<String> arguments)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(program().toString()));
    command.addAll(arguments == null ? List.of() : arguments);
    int code = new ProcessBuilder(command).inheritIO().start().waitFor();
    return (code == 0 ? ExitCode.OK : ExitCode.OTHER).code();
  }

  /** What a bench times, and beside what. */
  static final class BenchOptions {
    private static final List<String> KINDS = List.of("cuda", "cpu");
    private static final List<String> PEERS = List.of("cudnn", "onednn");

    @Option(
        names = "--devices",
        paramLabel = "KIND",
        description = "cuda or cpu (default: cuda if there is one).")
    private String kind;

    @Option(
        names = "--batch",
        paramLabel = "N",
        defaultValue = "128",
        description = "Images (default: 128).")
    private int batch;

    @Option(
        names = "--samples",
        paramLabel = "N",
        defaultValue = "50",
        description = "Samples of each time (default: 50, at least 5).")
    private int samples;

    @Option(
        names = "--threads",
        paramLabel = "N",
        description = "Cores on cpu (default: all of them).")
    private int threads = Runtime.getRuntime().availableProcessors();

    @Option(
        names = "--filter",
        paramLabel = "TEXT",
        description = "Only what contains this, as in conv/fprop or conv2.")
    private String filter;

    @Option(names = "--chosen", description = "Only the variants that an operation would run.")
    private boolean chosen;

    @Option(
        names = "--peer",
        paramLabel = "LIBRARY",
        description = "Times a library beside our kernels: cudnn on cuda, onednn on cpu.")
    private String peer;

    @Option(names = "--probe", description = "Only says whether the peer can be used here.")
    private boolean probe;

    @Option(names = "--markdown", description = "Print the table for docs/measurements.")
    private boolean markdown;

    @Option(names = "--json", description = "Print one JSON object per line.")
    private boolean json;

    @Option(
        names = "--save",
        paramLabel = "FILE",
        description = "Also write the result to a file, .json or .jsonl, one JSON object per line.")
    private Path save;

    private List<String> arguments() {
      List<String> arguments =
          new ArrayList<>(
              List.of(
                  "--bench",
                  "--json",
                  "--devices",
                  kind,
                  "--batch",
                  String.valueOf(batch),
                  "--samples",
                  String.valueOf(samples),
                  "--threads",
                  String.valueOf(threads)));
      if (filter != null) {
        arguments.addAll(List.of("--filter", filter));
      }
      if (chosen) {
        arguments.add("--chosen");
      }
      return arguments;
    }

    /** Fills in the kind and refuses what cannot be timed here. */
    private void resolve() {
      if (kind == null) {
        kind = "cudnn".equals(peer) || Device.count(DeviceKind.CUDA) > 0 ? "cuda" : "cpu";
      }
      require("--devices", kind, KINDS);
      requireAtLeast("--batch", batch, 1);
      requireAtLeast("--samples", samples, 5);
      requireAtLeast("--threads", threads, 1);
      if (save != null) {
        OutputFile.require("--save", save, new Inputs(), ".json", ".jsonl");
      }
      if (peer != null) {
        require("--peer", peer, PEERS);
        String needed = peer.equals("cudnn") ? "cuda" : "cpu";
        if (!kind.equals(needed)) {
          throw new CommandException(
              ExitCode.USAGE, peer + " runs on " + needed + " devices, not on " + kind);
        }
      }
      if ("cudnn".equals(peer)) {
        CudnnEngine.missing()
            .ifPresent(
                line -> {
                  throw new CommandException(ExitCode.DEVICE, line);
                });
      }
      if (kind.equals("cuda") && Device.count(DeviceKind.CUDA) == 0) {
        throw new CommandException(
            ExitCode.DEVICE, "there is no cuda device; ./alexnet devices lists what there is");
      }
    }

    private static void require(String option, String value, List<String> allowed) {
      if (!allowed.contains(value)) {
        throw new CommandException(
            ExitCode.USAGE, option + " is '" + value + "'; " + Suggestion.allowed(value, allowed));
      }
    }

    private static void requireAtLeast(String option, int value, int least) {
      if (value < least) {
        throw new CommandException(
            ExitCode.USAGE, option + " is " + value + "; allowed: " + least + " or more");
      }
    }
  }

  @Command(
      name = "bench",
      mixinStandardHelpOptions = true,
      description = {
        "Times the kernels on the paper's layers.",
        "Each is timed after its result was checked, beside what the machine can do and, with --peer,",
        "beside a library. A ratio above 1 means that ours is quicker."
      },
      footer = {
        "",
        "Examples:",
        "  ./alexnet kernels bench --peer cudnn --chosen",
        "  ./alexnet kernels bench --devices cpu --batch 32 --filter conv --peer onednn"
      })
  int bench(@Mixin BenchOptions options) throws IOException, InterruptedException {
    options.resolve();
    if (options.probe) {
      console.result(
          options.peer == null
              ? "no peer was named"
              : options.peer.equals("cudnn")
                  ? "cuDNN " + CudnnEngine.version()
                  : "oneDNN of this program");
      return ExitCode.OK.code();
    }
    List<String> command = new ArrayList<>(List.of(program().toString()));
    command.addAll(options.arguments());
    KernelBench bench = new KernelBench(console);
    int code = bench.run(command);
    bench.requireRows(options.filter);
    if (options.peer != null) {
      bench.comparePeer(options.peer, options.batch, options.samples, options.threads);
    }
    String lines =
        bench.withPeer().stream()
            .map(JsonLines::toJson)
            .collect(Collectors.joining("\n", "", "\n"));
    if (options.save != null) {
      AtomicFile.writeText(options.save, lines);
    }
    if (options.json) {
      console.result(lines);
    } else {
      console.result(bench.head() + (options.markdown ? "\n" : ""));
      TextTable table = bench.table();
      console.result(options.markdown ? table.markdown() : table.toString());
      console.result(bench.legend());
    }
    return (code == 0 ? ExitCode.OK : ExitCode.OTHER).code();
  }

  /** Returns the check program: beside a bundle's libraries, or in a source tree's build. */
  private static Path program() {
    Path home = Path.of(System.getProperty("alexnet.home", "."));
    Path bundled = home.resolve("bin/kernel_check");
    Path built = home.resolve("java/target/cmake/kernel_check");
    for (Path program : List.of(bundled, built)) {
      if (Files.isExecutable(program)) {
        return program;
      }
    }
    throw new CommandException(
        ExitCode.USAGE, built + " is missing; start ./alexnet in a built source tree");
  }

  private static String text(JsonElement value) {
    return value == null ? "" : value.getAsString();
  }
}
