package org.alexnet4j.cli;

import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Stands in the list of commands; the launcher packs the bundle, because it needs a source tree.
 */
@Command(
    name = "bundle",
    mixinStandardHelpOptions = true,
    description = {
      "Packs what measures on a GPU machine without Java and network.",
      "Unpacked there, run-gpu-session checks the kernels, times them beside cuDNN and PyTorch where",
      "these are present, and writes one folder of results."
    })
final class BundleCommand implements Runnable {
  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "NAME.tar.zst or NAME.tar.xz (default: java/target/alexnet-bundle.tar.zst).")
  private String out;

  @Override
  public void run() {
    throw new CommandException(
        ExitCode.USAGE, "a bundle is packed by ./alexnet bundle in the source tree");
  }
}
