package org.alexnet4j.cli;

import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Stands in the list of commands; the launcher builds a release, because it needs a source tree.
 */
@Command(
    name = "release",
    mixinStandardHelpOptions = true,
    description = {
      "Builds what other programs depend on, with checksums.",
      "Jars of classes, native libraries, sources and documentation, their poms, the lists of",
      "components and licences, from a copy of the files that git tracks; two builds are equal.",
      "With CUDA kernels too where there is an nvcc."
    })
final class ReleaseCommand implements Runnable {
  @Option(
      names = "--out",
      paramLabel = "FOLDER",
      description = "A new or empty folder (default: java/target/release, made anew).")
  private String out;

  @Option(
      names = "--since",
      paramLabel = "JAR_OR_FOLDER",
      description = {
        "An earlier release: refuses what breaks its programs, unless the",
        "version says so (0.MINOR, then MAJOR)."
      })
  private String since;

  @Override
  public void run() {
    throw new CommandException(
        ExitCode.USAGE, "a release is built by ./alexnet release in the source tree");
  }
}
