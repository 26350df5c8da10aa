package org.alexnet4j.cli.option;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.io.OutputFolder;
import org.alexnet4j.io.Printable;
import org.alexnet4j.run.RunFolder;

/**
 * What a command reads, and what else no result may be written over: files, images, runs, prepared
 * sets. Threads: one caller.
 */
public final class Inputs {
  private final List<Path> files = new ArrayList<>();
  private final List<Path> data = new ArrayList<>();
  private Path allowed; // null: none

  /** Adds a file that is read; null adds nothing. */
  public Inputs file(Path file) {
    if (file != null) {
      files.add(file);
    }
    return this;
  }

  /** Adds the folder or file that a text names as images, with all that is in it; or null. */
  public Inputs data(String spec) {
    if (spec != null) {
      Datasets.path(spec).ifPresent(data::add);
    }
    return this;
  }

  /**
   * Adds a run folder: its own files, under whatever name; or a file of weights.
   *
   * @throws IOException if the folder cannot be read
   */
  public Inputs run(Path run) throws IOException {
    if (Files.isDirectory(run)) {
      files.addAll(new RunFolder(run).files());
      return this;
    }
    return file(run);
  }

  /** Lets one file be written although it is a run's own. */
  public Inputs allow(Path page) {
    allowed = page;
    return this;
  }

  /**
   * Says why a file may not be written.
   *
   * @param output by its name, or as a link to it
   */
  Optional<String> obstacle(Path output) {
    if (allowed != null && OutputFolder.real(output).equals(OutputFolder.real(allowed))) {
      return Optional.empty();
    }
    for (Path file : files) {
      if (isSame(output, file)) {
        return Optional.of("it is " + Printable.path(file) + ", which the command reads or needs");
      }
    }
    // A link is replaced itself by some results, by others what it leads to.
    Path named =
        OutputFolder.real(output.toAbsolutePath().getParent()).resolve(output.getFileName());
    for (Path place : List.of(OutputFolder.real(output), named)) {
      Optional<String> why = inside(place);
      if (why.isPresent()) {
        return why;
      }
    }
    return Optional.empty();
  }

  private Optional<String> inside(Path place) {
    for (Path folder : data) {
      if (isSame(place, folder) || place.startsWith(OutputFolder.real(folder))) {
        return Optional.of("it lies in the images " + Printable.path(folder));
      }
    }
    Optional<String> run =
        RunFolder.owning(place).map(path -> "it is a file of the run " + Printable.path(path));
    return run.or(
        () ->
            Datasets.preparedAround(place)
                .map(path -> "it lies in the prepared images " + Printable.path(path)));
  }

  /** Compares by what is on the disk, so that links and hard links count. */
  private static boolean isSame(Path one, Path other) {
    try {
      return Files.isSameFile(one, other);
    } catch (IOException e) { // one of them is not there
      return OutputFolder.real(one).equals(OutputFolder.real(other));
    }
  }
}
