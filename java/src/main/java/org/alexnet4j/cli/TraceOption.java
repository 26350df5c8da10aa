package org.alexnet4j.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Where a trace of some steps goes; checked before the first one. */
final class TraceOption {
  @Option(
      names = "--trace",
      paramLabel = "FILE",
      description =
          "Write every operation and exchange of three steps to this file, for ui.perfetto.dev.")
  private Path file;

  /**
   * Returns the file, if one is asked for.
   *
   * @throws IllegalArgumentException if it cannot be written
   */
  Optional<Path> file() {
    if (file == null) {
      return Optional.empty();
    }
    Path folder = file.toAbsolutePath().getParent();
    if (Files.isDirectory(file) || folder == null || !Files.isWritable(folder)) {
      throw new IllegalArgumentException(
          "--trace is " + file + "; allowed: a file in a folder that can be written to");
    }
    return Optional.of(file);
  }
}
