package org.alexnet4j.run;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.io.OutputFolder;
import org.alexnet4j.io.RegularFile;

/**
 * The folder of one run: {@code config.yaml}, {@code env.json}, {@code metrics.jsonl}, {@code
 * checkpoints/step-N.safetensors}, and what reports add. docs/runs.md describes all of them.
 *
 * @param path the folder
 */
public record RunFolder(Path path) {
  private static final Pattern CHECKPOINT = Pattern.compile("step-(\\d{8,18})\\.safetensors");
  private static final String CHECKPOINTS = "checkpoints";
  private static final String INDEX = "index";
  private static final String EVALUATIONS = "evaluations";
  private static final String EVENTS = "events.out.tfevents.";
  private static final ImmutableSet<String> FILES =
      ImmutableSet.of(
          "config.yaml",
          "env.json",
          "metrics.jsonl",
          "exchange.jsonl",
          "trace.json",
          "report.html",
          "findings.json",
          "results.json",
          "maps.json",
          "lock",
          "stderr.log");

  /**
   * Creates the folder and what it needs inside, if missing.
   *
   * @param path of the run
   * @return the folder
   * @throws IOException if it cannot be made
   */
  public static RunFolder create(Path path) throws IOException {
    OutputFolder.create(path, path);
    OutputFolder.create(path.resolve(CHECKPOINTS), path);
    return new RunFolder(path);
  }

  /**
   * {@return whether a run writes a file of this name, in its folder or among the checkpoints}
   *
   * @param name of a file
   */
  public static boolean isOwn(String name) {
    return FILES.contains(name)
        || name.startsWith(EVENTS)
        || name.equals("list.json")
        || CHECKPOINT.matcher(name).matches();
  }

  /**
   * {@return the run folder that a file belongs to, by its place and name: a file that a run
   * writes, or anything among its checkpoints, indexes and evaluations}
   *
   * @param file any file
   */
  public static Optional<Path> owning(Path file) {
    Path folder = file.toAbsolutePath().getParent();
    if (folder == null) {
      return Optional.empty();
    }
    if (FILES.contains(name(file)) || name(file).startsWith(EVENTS)) {
      return Optional.of(folder).filter(RunFolder::isRun);
    }
    boolean inside = Stream.of(CHECKPOINTS, INDEX, EVALUATIONS).anyMatch(folder::endsWith);
    return inside
        ? Optional.ofNullable(folder.getParent()).filter(RunFolder::isRun)
        : Optional.empty();
  }

  /** Returns whether a run has been in a folder: one of these names alone may be anybody's. */
  private static boolean isRun(Path folder) {
    return Stream.of("config.yaml", "env.json", "metrics.jsonl", CHECKPOINTS)
            .filter(name -> Files.exists(folder.resolve(name)))
            .count()
        >= 2;
  }

  /**
   * {@return the files of the run that are there}
   *
   * @throws IOException if the folder cannot be read
   */
  public List<Path> files() throws IOException {
    List<Path> found = new ArrayList<>();
    for (Path folder : List.of(path, path.resolve(CHECKPOINTS), index(), evaluations())) {
      if (Files.isDirectory(folder)) {
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
          for (Path file : entries) {
            if (owning(file).isPresent() && !Files.isDirectory(file)) {
              found.add(file);
            }
          }
        }
      }
    }
    return found;
  }

  /**
   * Refuses a folder in which something else is in the place of a run's own files: a link, through
   * which another file would be written, or a pipe that never answers.
   *
   * @throws IllegalArgumentException if there is; the text names it
   */
  public void requireOwn() {
    for (String name : FILES) {
      require(path.resolve(name), RegularFile.obstacle(path.resolve(name)), "a file");
    }
    require(list(), RegularFile.obstacle(list()), "a file");
    for (Path folder : List.of(path.resolve(CHECKPOINTS), index(), evaluations())) {
      if (Files.exists(folder, NOFOLLOW_LINKS) && !Files.isDirectory(folder, NOFOLLOW_LINKS)) {
        require(folder, Optional.of(RegularFile.obstacle(folder).orElse("a file")), "a folder");
      }
    }
  }

  private static void require(Path place, Optional<String> obstacle, String allowed) {
    if (obstacle.isPresent()) {
      throw new IllegalArgumentException(
          place + " is " + obstacle.get() + "; allowed in a run folder: " + allowed);
    }
  }

  /**
   * Gives a damaged file another name: {@code NAME.damaged}, or {@code NAME.damaged-2}, ...
   *
   * @param file of the folder
   * @return the new name
   * @throws IOException if it cannot be renamed
   */
  public static Path setAside(Path file) throws IOException {
    for (int number = 1; ; number++) {
      String ending = number == 1 ? ".damaged" : ".damaged-" + number;
      Path aside = file.resolveSibling(file.getFileName() + ending);
      if (!Files.exists(aside, NOFOLLOW_LINKS)) {
        return Files.move(file, aside);
      }
    }
  }

  /**
   * {@return whether any step has been done in the folder, as far as its files tell}
   *
   * @throws IOException if the folder cannot be read
   */
  public boolean isEmpty() throws IOException {
    return checkpoints().isEmpty()
        && (!Files.exists(metrics(), NOFOLLOW_LINKS) || Files.size(metrics()) == 0);
  }

  /**
   * {@return whether there is a run to go on from: a checkpoint, or what has become of one} Steps
   * before the first checkpoint are nothing to go on from; where the logs tell of checkpoints,
   * somebody has taken them away.
   *
   * @throws IOException if the folder cannot be read
   */
  public boolean isResumable() throws IOException {
    Path checkpoints = path.resolve(CHECKPOINTS);
    if (!Files.isDirectory(checkpoints)) {
      return !isEmpty(); // every run makes it, so somebody has taken it away
    }
    try (Stream<Path> entries = Files.list(checkpoints)) {
      boolean any =
          entries.anyMatch(entry -> isOwn(name(entry).replaceFirst("\\.damaged(-\\d+)?$", "")));
      return any || !isEmpty() && logsTellOfCheckpoints();
    }
  }

  /**
   * Returns whether there must have been a checkpoint: one is whole when a session has ended by
   * itself or by request, and that of the first epoch before the second epoch is over.
   */
  private boolean logsTellOfCheckpoints() throws IOException {
    try {
      if (RunSessions.read(environment()).anySaved()) {
        return true;
      }
    } catch (FormatException e) {
      // What is damaged tells nothing.
    }
    int[] tests = new int[1];
    try {
      JsonLines.forEach(
          metrics(),
          line -> tests[0] += line.optionalText("kind").orElse("").equals("test") ? 1 : 0);
    } catch (FormatException e) {
      // The lines before the damage count.
    }
    return tests[0] > 1;
  }

  /**
   * Removes the logs of steps of which no checkpoint was written.
   *
   * @throws IOException if a file cannot be removed
   */
  public void removeLogs() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(path)) {
      for (Path file : files) {
        if (List.of(metrics(), exchange(), trace()).contains(file)
            || name(file).startsWith(EVENTS)) {
          Files.deleteIfExists(file);
        }
      }
    }
  }

  /**
   * Removes what a run has written, and the folders that are empty then, from the inside out.
   *
   * @throws IOException if a file cannot be removed
   */
  public void discard() throws IOException {
    for (Path folder : List.of(path.resolve(CHECKPOINTS), path)) {
      if (Files.isDirectory(folder, NOFOLLOW_LINKS)) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, f -> isOwn(name(f)))) {
          for (Path file : files) {
            Files.deleteIfExists(file);
          }
        }
        AtomicFile.removeUnfinished(folder, RunFolder::isOwn);
        removeIfEmpty(folder);
      }
    }
  }

  /**
   * Removes a folder, unless somebody else's files are in it.
   *
   * @param folder any folder
   * @throws IOException if it cannot be removed
   */
  public static void removeIfEmpty(Path folder) throws IOException {
    try {
      Files.deleteIfExists(folder);
    } catch (DirectoryNotEmptyException e) {
      // Not ours to remove.
    }
  }

  private static String name(Path file) {
    return file.getFileName().toString();
  }

  /** {@return the file of the resolved configuration} */
  public Path config() {
    return path.resolve("config.yaml");
  }

  /** {@return the file of devices, versions and options} */
  public Path environment() {
    return path.resolve("env.json");
  }

  /** {@return the file of losses and errors} */
  public Path metrics() {
    return path.resolve("metrics.jsonl");
  }

  /** {@return the file of what crossed between towers, and how long it took} */
  public Path exchange() {
    return path.resolve("exchange.jsonl");
  }

  /** {@return the trace of some steps, operation by operation} */
  public Path trace() {
    return path.resolve("trace.json");
  }

  /** {@return the page about the run} */
  public Path report() {
    return path.resolve("report.html");
  }

  /** {@return the file of what a look into the network found, for the page} */
  public Path findings() {
    return path.resolve("findings.json");
  }

  /** {@return the file of what the layers make of one image, for the page} */
  public Path maps() {
    return path.resolve("maps.json");
  }

  /** {@return the file of what the last evaluation found} */
  public Path results() {
    return path.resolve("results.json");
  }

  /** {@return the folder of features that {@code similar} searches} */
  public Path index() {
    return path.resolve(INDEX);
  }

  /** {@return the folder of what an experiment keeps of the run's held-out images} */
  public Path evaluations() {
    return path.resolve(EVALUATIONS);
  }

  /** {@return the file that keeps a second writer out} */
  public Path lock() {
    return path.resolve("lock");
  }

  /** {@return the list of checkpoints for people} */
  public Path list() {
    return path.resolve(CHECKPOINTS).resolve("list.json");
  }

  /**
   * {@return the file of the checkpoint before a step}
   *
   * @param step updates that are done
   */
  public Path checkpoint(long step) {
    return path.resolve(CHECKPOINTS)
        .resolve(String.format(Locale.ROOT, "step-%08d.safetensors", step));
  }

  /**
   * {@return the checkpoints, oldest first}
   *
   * @throws IOException if the folder cannot be read
   */
  public List<Path> checkpoints() throws IOException {
    Path folder = path.resolve(CHECKPOINTS);
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found =
          new ArrayList<>(
              files.filter(f -> CHECKPOINT.matcher(f.getFileName().toString()).matches()).toList());
      found.sort(Comparator.comparingLong(RunFolder::step));
      return found;
    }
  }

  /**
   * {@return the newest checkpoint}
   *
   * @throws IOException if the folder cannot be read
   */
  public Optional<Path> latest() throws IOException {
    List<Path> all = checkpoints();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  /**
   * {@return the step of a checkpoint of this folder}
   *
   * @param checkpoint a file of {@link #checkpoints}
   */
  public static long step(Path checkpoint) {
    Matcher matcher = CHECKPOINT.matcher(checkpoint.getFileName().toString());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(checkpoint + " is not named like a checkpoint");
    }
    return Long.parseLong(matcher.group(1));
  }
}
