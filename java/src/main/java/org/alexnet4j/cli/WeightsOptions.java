package org.alexnet4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.alexnet4j.train.RunFolder;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** Which weights: a file, or the newest checkpoint of a run. */
final class WeightsOptions {
  @ArgGroup(multiplicity = "1")
  private Source source;

  private static final class Source {
    @Option(
        names = "--run",
        paramLabel = "DIR",
        description = "A run folder; its newest checkpoint is used.")
    private Path run;

    @Option(
        names = "--weights",
        paramLabel = "FILE",
        description = "A checkpoint, or any safetensors file with conv1.weight, conv1.bias, ...")
    private Path weights;
  }

  /** Returns the file. */
  Path file() throws IOException {
    return source.weights != null ? weights(source.weights) : newest(source.run);
  }

  /** Returns the newest checkpoint of a run folder, or the file of weights that a path is. */
  static Path runOrFile(Path path) throws IOException {
    return Files.isDirectory(path) ? newest(path) : weights(path);
  }

  private static Path weights(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new CommandException(ExitCode.CHECKPOINT, file + ": no such weights file");
    }
    return file;
  }

  /** Returns the newest checkpoint of a run. */
  static Path newest(Path run) throws IOException {
    return new RunFolder(run)
        .latest()
        .orElseThrow(
            () ->
                new CommandException(
                    ExitCode.CHECKPOINT, run + ": no checkpoint in this run folder"));
  }
}
