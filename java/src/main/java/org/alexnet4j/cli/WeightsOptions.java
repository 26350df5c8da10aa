package org.alexnet4j.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.alexnet4j.train.NewestCheckpoint;
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
  Path file(Consumer<String> notes) throws IOException {
    return source.weights != null ? weights(source.weights) : newest(source.run, notes);
  }

  /** Returns the newest checkpoint of a run folder, or the file of weights that a path is. */
  static Path runOrFile(Path path, Consumer<String> notes) throws IOException {
    return Files.isDirectory(path) ? newest(path, notes) : weights(path);
  }

  private static Path weights(Path file) {
    if (!Files.isRegularFile(file)) {
      throw new CommandException(ExitCode.CHECKPOINT, file + ": no such weights file");
    }
    return file;
  }

  /**
   * Returns the newest checkpoint of a run that can be read; why newer ones cannot is said.
   *
   * @param notes hears of those
   */
  static Path newest(Path run, Consumer<String> notes) throws IOException {
    if (!Files.isDirectory(run)) {
      String what = Files.exists(run) ? "is no folder" : "there is no such run folder";
      throw new CommandException(ExitCode.CHECKPOINT, run + ": " + what);
    }
    return NewestCheckpoint.find(new RunFolder(run), notes)
        .map(NewestCheckpoint::file)
        .orElseThrow(
            () ->
                new CommandException(
                    ExitCode.CHECKPOINT,
                    run + ": no checkpoint in this folder; train writes checkpoints/step-N"));
  }
}
