package org.alexnet4j.cli.foreign;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
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
      "groups as there; onnx is a model that runs; caffe is a .caffemodel.",
      "Taken back by import, the same bits. What has no counterpart is refused."
    })
public final class ExportCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private WeightsOptions weights;

  @Option(
      names = "--to",
      paramLabel = "FORMAT",
      required = true,
      description = "safetensors, npz, onnx or caffe.")
  private Format format;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      required = true,
      description = "The file to write; it ends in the format, for caffe in .caffemodel.")
  private Path out;

  @Option(
      names = "--with-mean",
      description = "Let the ONNX model subtract the mean; otherwise who feeds it does.")
  private boolean withMean;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  public ExportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (withMean && format != Format.ONNX) {
      throw new CommandException(
          ExitCode.USAGE, "--with-mean needs --to onnx; other formats have no graph");
    }
    String ending = format == Format.CAFFE ? ".caffemodel" : "." + word(format);
    OutputFile.require("--out", out, weights.addTo(new Inputs()), ending);
    Path file = weights.file(console::message);
    if (!Checkpoint.is(file)) {
      throw new CommandException(
          ExitCode.CHECKPOINT,
          Printable.path(file) + " has weights alone; allowed: a run or its checkpoint");
    }
    Network.Source source = Network.Source.read(file, Optional.empty());
    int tensors = WeightsExport.write(file, source.configuration(), format, withMean, out);
    if (json) {
      console.json(
          ImmutableMap.of(
              "file", out.toString(),
              "format", word(format),
              "tensors", tensors,
              "bytes", Files.size(out)));
    } else {
      console.result(
          String.format(
              Locale.ROOT,
              "%s: %s, %d tensors, %,d bytes",
              out,
              word(format),
              tensors,
              Files.size(out)));
    }
    return ExitCode.OK.code();
  }

  private static String word(Format format) {
    return format.name().toLowerCase(Locale.ROOT);
  }
}
