package org.alexnet4j.cli.kernels;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.io.Printable;

/**
 * Writes a new kernel family: the folder {@code kernels/common/template}, an elementwise family
 * named {@code square}, under another name. It builds, and its checks pass, before a line of it is
 * changed.
 */
final class KernelTemplate {
  private static final String NAME = "square";
  private static final Pattern FAMILY = Pattern.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*");
  private static final int LONGEST = 24;

  private final Path kernels;

  /**
   * Looks below a source tree.
   *
   * @param home the folder that has {@code kernels/}
   */
  KernelTemplate(Path home) {
    this.kernels = home.resolve("kernels");
  }

  /**
   * Writes the family's folder and returns its files in the order of their names.
   *
   * @throws CommandException if the name is none for a family, is taken, or there is no source tree
   */
  List<Path> write(String family) throws IOException {
    if (!FAMILY.matcher(family).matches() || family.length() > LONGEST) {
      throw new CommandException(
          ExitCode.USAGE,
          String.format(
              Locale.ROOT,
              "%s is no name for a family; allowed are up to %d small letters, digits and single"
                  + " underscores, a letter first",
              Printable.name(family),
              LONGEST));
    }
    Path template = kernels.resolve("common/template");
    Path folder = kernels.resolve(family);
    if (!Files.isDirectory(template)) {
      throw new CommandException(
          ExitCode.USAGE, template + " is missing; start ./alexnet in a source tree");
    }
    if (Files.exists(folder)) {
      throw new CommandException(ExitCode.USAGE, folder + " exists already; take another name");
    }
    List<Path> sources = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(template, NAME + "*")) {
      files.forEach(sources::add);
    }
    Files.createDirectory(folder);
    List<Path> written = new ArrayList<>();
    for (Path source : sources.stream().sorted().toList()) {
      Path to = folder.resolve(source.getFileName().toString().replace(NAME, family));
      Files.writeString(to, renamed(Files.readString(source), family));
      written.add(to);
    }
    return written;
  }

  /**
   * Returns a text in which the template's name is the family's, in each of its three spellings.
   */
  private static String renamed(String text, String family) {
    return text.replace(NAME, family)
        .replace(NAME.toUpperCase(Locale.ROOT), family.toUpperCase(Locale.ROOT))
        .replace(typeName(NAME), typeName(family));
  }

  /** Returns {@code LeakyRelu} for {@code leaky_relu}. */
  private static String typeName(String family) {
    return Arrays.stream(family.split("_"))
        .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
        .collect(Collectors.joining());
  }
}
