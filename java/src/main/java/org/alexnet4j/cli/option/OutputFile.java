package org.alexnet4j.cli.option;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.io.Printable;

/** Refuses a file that cannot be written, before the work whose result it gets. */
public final class OutputFile {
  private OutputFile() {}

  /**
   * Checks where a result will go.
   *
   * @param option that names the file
   * @param inputs what it must not replace
   * @param endings that tell what it is; none: any
   * @throws CommandException if it cannot be written, has another ending, or is an input
   */
  public static void require(String option, Path file, Inputs inputs, String... endings) {
    String name = file.getFileName() == null ? "" : file.getFileName().toString();
    List<String> allowed = Arrays.asList(endings);
    boolean fits = allowed.stream().anyMatch(name.toLowerCase(Locale.ROOT)::endsWith);
    if (!allowed.isEmpty() && !fits) {
      throw refused(option, file, "allowed: a file that ends in " + String.join(" or ", allowed));
    }
    if (Files.isDirectory(file)) {
      throw refused(option, file, "it is a folder; allowed: a file");
    }
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null || !Files.isDirectory(folder)) {
      throw refused(option, file, "there is no such folder; allowed: a file in one that exists");
    }
    boolean there = Files.exists(file);
    if (!Files.isWritable(folder)
        || there && !(Files.isRegularFile(file) && Files.isWritable(file))) {
      throw refused(option, file, "it cannot be written; allowed: a file that can");
    }
    requireApart(option, file, inputs);
  }

  /**
   * Checks that a file which appears beside a result replaces no input.
   *
   * @throws CommandException if it does
   */
  public static void requireApart(String option, Path file, Inputs inputs) {
    inputs
        .obstacle(file)
        .ifPresent(
            why -> {
              throw refused(option, file, why + "; allowed: a file elsewhere");
            });
  }

  private static CommandException refused(String option, Path file, String why) {
    return new CommandException(
        ExitCode.USAGE, option + " is " + Printable.path(file) + "; " + why);
  }
}
