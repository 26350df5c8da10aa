package org.alexnet4j.cli.option;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The run that a command is about: an argument or {@code --run}, which mean the same. */
public final class RunArgument {
  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "RUN",
      description = "A run folder; its newest checkpoint is used.")
  private Path argument;

  @Option(names = "--run", paramLabel = "RUN", description = "The same as RUN.")
  private Path option;

  /** Returns the run, if one is named. */
  Optional<Path> named() {
    if (argument != null && option != null && !argument.normalize().equals(option.normalize())) {
      throw usage(
          String.format(
              Locale.ROOT, "RUN is %s and --run is %s; allowed: one of them", argument, option));
    }
    return Optional.ofNullable(argument != null ? argument : option).map(RunArgument::requireName);
  }

  /** Returns a run folder's path, which an empty text is not: it would mean where one stands. */
  public static Path requireName(Path run) {
    if (run.toString().isBlank()) {
      throw usage("RUN is empty; allowed: a run folder, such as runs/paper");
    }
    return run;
  }

  /** Returns the run folder. */
  public Path required() {
    return named().orElseThrow(() -> usage("RUN is missing; allowed: a run folder"));
  }

  /** Several runs: arguments and {@code --run} together, in this order. */
  public static final class Several {
    @Parameters(
        arity = "0..*",
        paramLabel = "RUN",
        description = "Run folders; for compare also safetensors files.")
    private List<Path> arguments = List.of();

    @Option(
        names = "--run",
        paramLabel = "RUN",
        description = "The same as RUN, as often as wanted.")
    private List<Path> options = List.of();

    /** Returns the runs. */
    public List<Path> all() {
      List<Path> all = new ArrayList<>(arguments);
      all.addAll(options);
      all.forEach(RunArgument::requireName);
      return all;
    }
  }

  public static CommandException usage(String line) {
    return new CommandException(ExitCode.USAGE, line);
  }
}
