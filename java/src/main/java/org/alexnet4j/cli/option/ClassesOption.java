package org.alexnet4j.cli.option;

import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.data.Datasets;
import picocli.CommandLine.Option;

/** How many classes of the data are used. */
public final class ClassesOption {
  @Option(
      names = "--classes",
      paramLabel = "N",
      description = "Only the first N classes of the data; the same as --data DATA?classes=N.")
  private Integer classes;

  /** Returns the name of the data with the choice of classes; null for null. */
  public String applyTo(String data) {
    if (classes == null) {
      return data;
    }
    if (classes < 2) {
      throw new CommandException(
          ExitCode.USAGE, "--classes is " + classes + "; allowed: 2 or more");
    }
    if (data == null) {
      throw new CommandException(ExitCode.USAGE, "--classes needs --data");
    }
    return Datasets.firstClasses(data, classes);
  }
}
