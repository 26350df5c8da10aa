package org.alexnet4j.cli.option;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.io.Printable;
import org.alexnet4j.run.NewestCheckpoint;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.text.Suggestion;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Which weights: a file, or the newest checkpoint of a run. */
public final class WeightsOptions {
  @Mixin private RunArgument run;

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description =
          "Instead of a run: a checkpoint, or any safetensors file with conv1.weight, conv1.bias,"
              + " ....")
  private Path weights;

  /** Returns the file. */
  public Path file(Consumer<String> notes) throws IOException {
    return file(run.named(), weights, notes);
  }

  /** Returns whether weights are named. */
  public boolean isGiven() {
    return run.named().isPresent() || weights != null;
  }

  /** Returns the run, if one is named. */
  public Optional<Path> run() {
    return run.named();
  }

  /** Adds what is named to what a command reads. */
  public Inputs addTo(Inputs inputs) throws IOException {
    inputs.file(weights);
    return run.named().isPresent() ? inputs.run(run.named().get()) : inputs;
  }

  /** Returns the file that is named in one of both ways. */
  public static Path file(Optional<Path> run, Path weights, Consumer<String> notes)
      throws IOException {
    if (run.isPresent() == (weights != null)) {
      throw RunArgument.usage(
          run.isPresent()
              ? "RUN is " + run.get() + " and --weights is " + weights + "; allowed: one of them"
              : "missing: a run folder, or --weights FILE");
    }
    return weights != null ? weights(weights) : newest(run.get(), notes);
  }

  /** Returns the newest checkpoint of a run folder, or the file of weights that a path is. */
  public static Path runOrFile(Path path, Consumer<String> notes) throws IOException {
    return Files.isDirectory(path) ? newest(path, notes) : weights(path);
  }

  private static Path weights(Path file) {
    if (Files.isDirectory(file)) {
      throw new CommandException(
          ExitCode.CHECKPOINT, file + " is a folder; a run is named without --weights");
    }
    if (!Files.isRegularFile(file)) {
      throw new CommandException(ExitCode.CHECKPOINT, file + ": no such weights file");
    }
    return file;
  }

  /**
   * Returns the newest checkpoint of a run that can be read; why newer ones cannot is said.
   *
   * @param notes hears of those
   */
  public static Path newest(Path run, Consumer<String> notes) throws IOException {
    if (Files.isRegularFile(run)) {
      throw new CommandException(
          ExitCode.CHECKPOINT, noRun(run) + "; a file of weights is named by --weights");
    }
    if (!Files.isDirectory(run)) {
      throw new CommandException(ExitCode.CHECKPOINT, noRun(run));
    }
    return NewestCheckpoint.find(new RunFolder(run), notes)
        .map(NewestCheckpoint::file)
        .orElseThrow(
            () ->
                new CommandException(
                    ExitCode.CHECKPOINT,
                    run + ": no checkpoint in this folder; train writes checkpoints/step-N"));
  }

  /** Refuses what is no run folder, or lacks a file that a command needs. */
  public static void requireRun(Path run, Path... needs) {
    if (!Files.isDirectory(run)) {
      throw new CommandException(ExitCode.CHECKPOINT, noRun(run));
    }
    for (Path needed : needs) {
      if (!Files.isRegularFile(needed)) {
        throw new CommandException(
            ExitCode.CHECKPOINT,
            Printable.path(run) + " is no run folder: it has no " + needed.getFileName());
      }
    }
  }

  /** Says that there is no such run, and which there are beside it. */
  public static String noRun(Path run) {
    if (Files.isDirectory(run)) {
      return run + " is no run folder: it has no " + new RunFolder(run).config().getFileName();
    }
    if (Files.exists(run)) {
      return run + " is a file; allowed: a run folder";
    }
    Path beside = run.toAbsolutePath().normalize().getParent();
    Path runs = Files.isDirectory(Path.of("runs")) ? Path.of("runs") : beside;
    Path folder =
        run.getNameCount() > 1 && beside != null && Files.isDirectory(beside) ? beside : runs;
    List<String> names = runsIn(folder);
    String near =
        Suggestion.nearest(String.valueOf(run.getFileName()), names)
            .map(name -> "; did you mean '" + name + "'? ")
            .orElse("; ");
    String others = names.isEmpty() ? "none" : Printable.names(names);
    return "no such run folder: " + run + near + "runs in " + folder + ": " + others;
  }

  private static List<String> runsIn(Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> Files.isRegularFile(new RunFolder(entry).config()))
          .map(entry -> entry.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of(); // the message is about another folder
    }
  }
}
