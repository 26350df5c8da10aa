package org.alexnet4j.cli.foreign;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.option.Inputs;
import org.alexnet4j.cli.option.OutputFile;
import org.alexnet4j.cli.option.WeightsOptions;
import org.alexnet4j.eval.Network;
import org.alexnet4j.foreign.WeightsExport;
import org.alexnet4j.foreign.WeightsExport.Format;
import org.alexnet4j.foreign.WeightsExport.Takes;
import org.alexnet4j.io.Printable;
import org.alexnet4j.run.Checkpoint;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Gives weights to another framework. */
@Command(
    name = "export",
    mixinStandardHelpOptions = true,
    description = {
      "Writes a network for another framework.",
      "safetensors and npz have torchvision's names and layouts, towers joined,",
      "groups as there; torch is a Python module that defines the network, with",
      "such a safetensors file beside it; onnx is a model that runs; caffe is a",
      ".caffemodel.",
      "Taken back by import, the same bits. What has no counterpart is refused."
    })
public final class ExportCommand implements Callable<Integer> {
  /** Modules that what is written imports. */
  private static final Set<String> HIDDEN = Set.of("torch.py", "safetensors.py", "pathlib.py");

  private final Console console;

  /** What a model takes. */
  enum Input {
    FLOAT,
    UINT8
  }

  @Mixin private WeightsOptions weights;

  @Option(
      names = "--to",
      paramLabel = "FORMAT",
      required = true,
      description = "safetensors, torch, npz, onnx or caffe.")
  private Format format;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description =
          "The file to write; it ends in the format, for caffe in .caffemodel, for torch in .py:"
              + " the module, whose weights get the same name and .safetensors.")
  private Path out;

  @Option(
      names = "--with-mean",
      description = "Let the ONNX model subtract the mean; otherwise who feeds it does.")
  private boolean withMean;

  @Option(
      names = "--input",
      paramLabel = "TYPE",
      description =
          "What the ONNX model takes: float (default), [N,3,S,S], or uint8, pictures [N,P,P,3] as"
              + " they are stored, of which it takes the centre and subtracts the mean.")
  private Input input;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  public ExportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if ((withMean || input != null) && format != Format.ONNX) {
      throw new CommandException(
          ExitCode.USAGE,
          (withMean ? "--with-mean" : "--input") + " needs --to onnx; other formats have no graph");
    }
    Inputs inputs = weights.addTo(new Inputs());
    OutputFile.require("--out", out, inputs, ending());
    if (format == Format.TORCH) {
      requireModuleName();
      OutputFile.require("--out", WeightsExport.weightsBeside(out), inputs);
    }
    Path file = weights.file(console::message);
    if (!Checkpoint.is(file)) {
      throw new CommandException(
          ExitCode.CHECKPOINT,
          Printable.path(file) + " has weights alone; allowed: a run or its checkpoint");
    }
    Network.Source source = Network.Source.read(file, Optional.empty());
    int tensors = WeightsExport.write(file, source.configuration(), format, takes(), out);
    String beside = format == Format.TORCH ? WeightsExport.weightsBeside(out).toString() : "";
    if (json) {
      ImmutableMap.Builder<String, Object> result = ImmutableMap.builder();
      result.put("file", out.toString());
      result.put("format", word(format));
      result.put("tensors", tensors);
      result.put("bytes", Files.size(out));
      if (!beside.isEmpty()) {
        result.put("weights", beside);
      }
      console.json(result.buildOrThrow());
    } else {
      console.result(
          String.format(
              Locale.ROOT,
              "%s: %s, %d tensors, %,d bytes",
              beside.isEmpty() ? out : out + " and " + beside,
              word(format),
              tensors,
              Files.size(out) + (beside.isEmpty() ? 0 : Files.size(Path.of(beside)))));
    }
    return ExitCode.OK.code();
  }

  private Takes takes() {
    return input == Input.UINT8 ? Takes.PICTURES : withMean ? Takes.GREY_LEVELS : Takes.CENTRED;
  }

  private String ending() {
    return switch (format) {
      case CAFFE -> ".caffemodel";
      case TORCH -> ".py";
      default -> "." + word(format);
    };
  }

  /** A module is imported by its name, which must not hide what it imports itself. */
  private void requireModuleName() {
    String name = out.getFileName().toString();
    if (!name.matches("[A-Za-z_][A-Za-z0-9_]*\\.py") || HIDDEN.contains(name)) {
      throw new CommandException(
          ExitCode.USAGE,
          "--out is "
              + Printable.path(out)
              + ", which Python cannot import as a module of its own; allowed: letters, digits and"
              + " _, as in alexnet.py, and not torch.py or safetensors.py");
    }
  }

  private static String word(Format format) {
    return format.name().toLowerCase(Locale.ROOT);
  }
}
