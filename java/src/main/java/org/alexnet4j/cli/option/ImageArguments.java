package org.alexnet4j.cli.option;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.io.Printable;
import org.alexnet4j.run.RunFolder;

/**
 * What a person names to be classified: files, folders of them, patterns; and before them, perhaps,
 * the run.
 *
 * @param run the first argument, if it is a run folder
 * @param named all others
 */
public record ImageArguments(Optional<Path> run, List<Path> named) {
  /**
   * Tells the run from the images.
   *
   * @param hasRun whether an option names the run, or weights
   */
  public static ImageArguments of(List<Path> arguments, boolean hasRun) {
    Path first = arguments.get(0);
    if (!isRun(first)) {
      if (!hasRun && !Files.exists(first)) {
        throw new CommandException(ExitCode.CHECKPOINT, WeightsOptions.noRun(first));
      }
      return new ImageArguments(Optional.empty(), arguments);
    }
    if (hasRun) {
      throw RunArgument.usage(
          Printable.path(first) + " is a run folder, and an option names another; allowed: one");
    }
    if (arguments.size() == 1) {
      throw RunArgument.usage("missing: IMAGE; allowed: files and folders of images");
    }
    return new ImageArguments(Optional.of(first), arguments.subList(1, arguments.size()));
  }

  private static boolean isRun(Path path) {
    return Files.isRegularFile(new RunFolder(path).config());
  }

  /**
   * Returns the files; says how many of a folder are none.
   *
   * @throws DataException if something named is not there, or has no image
   */
  public List<Path> find(Console console) throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path one : named) {
      if (Files.isDirectory(one)) {
        files.addAll(inFolder(one, console));
      } else if (Files.exists(one)) {
        files.add(one);
      } else {
        files.addAll(matching(one));
      }
    }
    return files;
  }

  private static List<Path> inFolder(Path folder, Console console) throws IOException {
    List<Path> images = new ArrayList<>();
    List<String> others = new ArrayList<>();
    for (Path entry : entries(folder, "*")) {
      if (Files.isRegularFile(entry) && isImage(entry)) {
        images.add(entry);
      } else {
        others.add(entry.getFileName() + (Files.isDirectory(entry) ? "/" : ""));
      }
    }
    if (images.isEmpty()) {
      throw new DataException(
          folder.toString(),
          others.isEmpty() ? "is empty" : "has no image, but " + Printable.names(others),
          "images (" + Datasets.imageNames() + ")");
    }
    if (!others.isEmpty()) {
      console.message(
          String.format(
              Locale.ROOT,
              "%s: %,d images; left out: %s",
              Printable.path(folder),
              images.size(),
              Printable.names(others)));
    }
    return images;
  }

  private static boolean isImage(Path file) {
    String name = file.getFileName().toString();
    return !name.startsWith(".") && Datasets.isImageName(name);
  }

  private static List<Path> matching(Path pattern) throws IOException {
    String name = pattern.getFileName() == null ? "" : pattern.getFileName().toString();
    Path folder = pattern.getParent() == null ? Path.of("") : pattern.getParent();
    List<Path> files =
        name.matches(".*[*?\\[{].*") && Files.isDirectory(folder)
            ? entries(folder, name).stream().filter(Files::isRegularFile).toList()
            : List.of();
    if (files.isEmpty()) {
      throw new DataException(
          pattern.toString(), "no such file, and no pattern of any", "files and folders of images");
    }
    return files;
  }

  private static List<Path> entries(Path folder, String pattern) throws IOException {
    List<Path> entries = new ArrayList<>();
    try (DirectoryStream<Path> stream = Files.newDirectoryStream(folder, pattern)) {
      stream.forEach(entries::add);
    } catch (DirectoryIteratorException e) {
      throw e.getCause();
    } catch (java.util.regex.PatternSyntaxException e) {
      return List.of();
    }
    entries.sort(null);
    return entries;
  }
}
