package org.alexnet4j.cli.kernels;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;

/**
 * Writes a new kernel family: another family's folder under another name. It builds before a line
 * of it is changed.
 */
final class KernelTemplate {
  private static final FamilyName SQUARE = new FamilyName("square");

  private final Path home;

  /**
   * Works in a source tree.
   *
   * @param home the folder that has {@code kernels/}
   */
  KernelTemplate(Path home) {
    this.home = home;
  }

  /**
   * Writes the folder of a family alone, after {@code kernels/common/template}, an elementwise
   * square; its checks pass. Returns its files in the order of their names.
   *
   * @throws CommandException if the name is none for a family, is taken, or there is no source tree
   */
  List<Path> write(String name) throws IOException {
    FamilyName family = FamilyName.of(name);
    return write(sources(SQUARE, home.resolve("kernels/common/template"), family));
  }

  /**
   * Writes a family of another's kind and every place that it needs to be a layer: C ABI, binding,
   * engine, plan, configuration. What is left is its mathematics, and a test that says so. Returns
   * the files written and changed.
   *
   * @param name of the new family
   * @param like an elementwise layer that there is: relu or tanh
   * @throws CommandException if {@code like} is none of those, the name is none for a family or is
   *     taken, or there is no source tree; nothing is written then
   */
  List<Path> write(String name, String like) throws IOException {
    FamilyName family = FamilyName.of(name);
    if (!LayerPlaces.MODELS.contains(like)) {
      throw new CommandException(
          ExitCode.USAGE,
          "--like is '" + like + "'; allowed: " + String.join(", ", LayerPlaces.MODELS));
    }
    FamilyName model = new FamilyName(like);
    Map<Path, String> files = sources(model, home.resolve("kernels/" + like), family);
    Path check = home.resolve("kernels/" + name + "/" + name + "_check.cpp");
    files.put(check, withMissingFormula(files.get(check), family, model));
    files.putAll(new LayerPlaces(home).with(family));
    return write(files);
  }

  /** Returns the files of a new family's folder, by their paths. */
  private Map<Path, String> sources(FamilyName model, Path folder, FamilyName family)
      throws IOException {
    if (!Files.isDirectory(folder)) {
      throw new CommandException(
          ExitCode.USAGE, folder + " is missing; start ./alexnet in a source tree");
    }
    Path to = home.resolve("kernels").resolve(family.snake());
    if (Files.exists(to)) {
      throw new CommandException(ExitCode.USAGE, to + " exists already; take another name");
    }
    Map<Path, String> files = new TreeMap<>();
    try (DirectoryStream<Path> sources = Files.newDirectoryStream(folder, model.snake() + "*")) {
      for (Path source : sources) {
        String file = source.getFileName().toString().replace(model.snake(), family.snake());
        files.put(to.resolve(file), model.renamed(Files.readString(source), family, false));
      }
    }
    return files;
  }

  private static List<Path> write(Map<Path, String> files) throws IOException {
    List<Path> written = new ArrayList<>();
    for (Map.Entry<Path, String> file : files.entrySet()) {
      Files.createDirectories(file.getKey().getParent());
      Files.writeString(file.getKey(), file.getValue());
      written.add(file.getKey());
    }
    return written;
  }

  /** Adds a test to a family's cases that fails until somebody has written the formula. */
  private static String withMissingFormula(String check, FamilyName family, FamilyName model) {
    String end = "\n}  // namespace\n}  // namespace alexnet\n";
    if (!check.endsWith(end)) {
      throw new IllegalStateException("the cases of " + model.snake() + " end in another way");
    }
    String test =
        """

        // Goes once the formula and its golden values are NAME's.
        std::string NAME_has_its_own_formula() {
          return "the formula is still that of MODEL: write yours into the files of kernels/NAME, then take this test away";
        }
        ALEXNET_UNIT_TEST("NAME", NAME_has_its_own_formula)
        """;
    return check.substring(0, check.length() - end.length())
        + test.replace("NAME", family.snake()).replace("MODEL", model.snake())
        + end;
  }
}
