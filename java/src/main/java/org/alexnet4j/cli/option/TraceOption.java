package org.alexnet4j.cli.option;

import java.nio.file.Path;
import java.util.Optional;
import org.alexnet4j.cli.console.CommandException;
import picocli.CommandLine.Option;

/** Where a trace of some steps goes; checked before the first one. */
public final class TraceOption {
  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description =
          "Write every operation and exchange of three steps to this file, .json, for"
              + " ui.perfetto.dev.")
  private Path file;

  /**
   * Returns the file, if one is asked for.
   *
   * @param inputs what it must not replace
   * @throws CommandException if it cannot be written
   */
  public Optional<Path> file(Inputs inputs) {
    if (file == null) {
      return Optional.empty();
    }
    OutputFile.require("--trace", file, inputs, ".json");
    return Optional.of(file);
  }
}
