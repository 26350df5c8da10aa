package org.alexnet4j.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The folder of one run: {@code config.yaml}, {@code env.json}, {@code metrics.jsonl}, {@code
 * checkpoints/step-N.safetensors}, and what reports add. docs/runs.md describes all of them.
 *
 * @param path the folder
 */
public record RunFolder(Path path) {
  private static final Pattern CHECKPOINT = Pattern.compile("step-(\\d{8})\\.safetensors");

  /** Creates the folder and what it needs inside, if missing. */
  public static RunFolder create(Path path) throws IOException {
    Files.createDirectories(path.resolve("checkpoints"));
    return new RunFolder(path);
  }

  /** Returns the file of the resolved configuration. */
  public Path config() {
    return path.resolve("config.yaml");
  }

  /** Returns the file of devices, versions and options. */
  public Path environment() {
    return path.resolve("env.json");
  }

  /** Returns the file of losses and errors. */
  public Path metrics() {
    return path.resolve("metrics.jsonl");
  }

  /** Returns the file of what crossed between towers, and how long it took. */
  public Path exchange() {
    return path.resolve("exchange.jsonl");
  }

  /** Returns the trace of some steps, operation by operation. */
  public Path trace() {
    return path.resolve("trace.json");
  }

  /** Returns the page about the run. */
  public Path report() {
    return path.resolve("report.html");
  }

  /** Returns the file of what a look into the network found, for the page. */
  public Path findings() {
    return path.resolve("findings.json");
  }

  /** Returns the folder of features that {@code similar} searches. */
  public Path index() {
    return path.resolve("index");
  }

  /** Returns the file that keeps a second writer out. */
  Path lock() {
    return path.resolve("lock");
  }

  /** Returns the list of checkpoints for people. */
  Path list() {
    return path.resolve("checkpoints").resolve("list.json");
  }

  /** Returns the file of the checkpoint before a step. */
  public Path checkpoint(long step) {
    return path.resolve("checkpoints")
        .resolve(String.format(Locale.ROOT, "step-%08d.safetensors", step));
  }

  /** Returns the checkpoints, oldest first. */
  public List<Path> checkpoints() throws IOException {
    Path folder = path.resolve("checkpoints");
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      List<Path> found =
          new ArrayList<>(
              files.filter(f -> CHECKPOINT.matcher(f.getFileName().toString()).matches()).toList());
      Collections.sort(found);
      return found;
    }
  }

  /** Returns the newest checkpoint. */
  public Optional<Path> latest() throws IOException {
    List<Path> all = checkpoints();
    return all.isEmpty() ? Optional.empty() : Optional.of(all.get(all.size() - 1));
  }

  /** Returns the step of a checkpoint of this folder. */
  public static long step(Path checkpoint) {
    Matcher matcher = CHECKPOINT.matcher(checkpoint.getFileName().toString());
    if (!matcher.matches()) {
      throw new IllegalArgumentException(checkpoint + " is not named like a checkpoint");
    }
    return Long.parseLong(matcher.group(1));
  }
}
