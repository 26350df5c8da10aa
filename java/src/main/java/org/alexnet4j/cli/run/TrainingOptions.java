package org.alexnet4j.cli.run;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.option.Inputs;
import org.alexnet4j.cli.option.RunArgument;
import org.alexnet4j.cli.option.TraceOption;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.StartSpec;
import org.alexnet4j.config.TrainingSpec;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.text.Suggestion;
import org.alexnet4j.train.CheckpointPolicy;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** How long, how much at once, from which seed, and into which folder a training run goes. */
final class TrainingOptions {
  private static final DateTimeFormatter STAMP =
      DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss", Locale.ROOT);
  private static final long SEED = 2012;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Images per step (default: the configuration's).")
  private Integer batch;

  @ArgGroup private Length length;

  private static final class Length {
    @Option(
        names = "--epochs",
        paramLabel = "N",
        description = "Passes over the data (default: the configuration's).")
    private Integer epochs;

    @Option(
        names = "--steps",
        paramLabel = "N",
        description = "Updates in all, counted from the start of the run, instead of epochs.")
    private Long steps;
  }

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of weights, order, crops and dropout (default: 2012).")
  private Long seed;

  @Parameters(
      index = "0",
      arity = "0..1",
      paramLabel = "RUN",
      description = "With --resume: the run folder.")
  private Path argument;

  @Option(
      names = "--run",
      paramLabel = "RUN",
      description = "Folder that gets everything (default: runs/NAME-DATE-TIME).")
  private Path run;

  @Mixin private ResumeOption resume;

  @Option(
      names = "--force",
      description = "With --resume: go on although --preset or --config has another network.")
  private boolean force;

  @Option(
      names = "--start-from",
      paramLabel = "PATH",
      description =
          "A run, or a file of weights, whose values the layers of the same name start from.")
  private Path startFrom;

  @Option(
      names = "--start-new",
      paramLabel = "LAYER",
      split = ",",
      description = "With --start-from: layers that start anew all the same.")
  private List<String> startNew = List.of();

  @Option(
      names = "--checkpoint-every",
      paramLabel = "N",
      defaultValue = "0",
      description =
          "Steps between checkpoints, the most that a crash loses (default: one per epoch).")
  private long checkpointEvery;

  @Option(
      names = "--keep",
      paramLabel = "N",
      defaultValue = "2",
      description = "How many of the newest checkpoints stay (default: 2).")
  private int keep;

  @Option(
      names = "--no-keep-best",
      description = "Let go of the checkpoint with the lowest held-out error as of any other.")
  private boolean letBestGo;

  @Option(
      names = "--keep-every",
      paramLabel = "K",
      defaultValue = "0",
      description = "Epochs; the first checkpoint of every K epochs stays too (default: none).")
  private int keepEvery;

  @Option(
      names = "--explain",
      paramLabel = "STEP",
      split = ",",
      description =
          "Steps, from 0, at which outputs and dead units of each rectifier are shown; needs"
              + " memory for a second copy of the network.")
  private List<Long> explain = List.of();

  @Option(
      names = "--norms",
      paramLabel = "K",
      description =
          "Every K steps, and at evaluations (0: only there), write how large gradient and update of"
              + " each layer's weights are; needs memory for one more copy of the weights.")
  private Long norms;

  @Mixin private TraceOption trace;

  @Option(
      names = "--inspect",
      paramLabel = "N",
      defaultValue = "256",
      description =
          "Held-out and training images to look into at the end, for report.html (default: 256; 0:"
              + " none).")
  private int inspect;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  /**
   * Returns whether the command goes on where there is a run, and begins one where there is none.
   */
  boolean isAuto() {
    return resume.mode() == ResumeOption.Mode.AUTO;
  }

  /** Returns whether a run is to go on, at least if there is one. */
  boolean mayResume() {
    return resume.mode() != ResumeOption.Mode.NEW;
  }

  /**
   * Returns whether a run goes on.
   *
   * @throws IOException if its folder cannot be read
   */
  boolean isResume(Path folder) throws IOException {
    return isAuto() ? new RunFolder(folder).isResumable() : mayResume();
  }

  boolean isForced() {
    if (force && !mayResume()) {
      throw usage("--force is for --resume: a new run has no network to change");
    }
    return force;
  }

  boolean isJson() {
    return json;
  }

  CheckpointPolicy checkpoints() {
    if (checkpointEvery < 0) {
      throw usage("--checkpoint-every is " + checkpointEvery + "; allowed: 0 or more");
    }
    if (keep < 1) {
      throw usage("--keep is " + keep + "; allowed: 1 or more");
    }
    if (keepEvery < 0) {
      throw usage("--keep-every is " + keepEvery + "; allowed: 0 or more");
    }
    return new CheckpointPolicy(checkpointEvery, keep, !letBestGo, keepEvery);
  }

  ImmutableSet<Long> explain() {
    for (long step : explain) {
      if (step < 0) {
        throw usage("--explain is " + step + "; allowed: steps from 0");
      }
    }
    return ImmutableSet.copyOf(explain);
  }

  OptionalLong norms() {
    if (norms != null && norms < 0) {
      throw usage("--norms is " + norms + "; allowed: 0 or more");
    }
    return norms == null ? OptionalLong.empty() : OptionalLong.of(norms);
  }

  Optional<Path> trace(Inputs inputs) {
    return trace.file(inputs);
  }

  int inspect() {
    if (inspect < 0) {
      throw usage("--inspect is " + inspect + "; allowed: 0 or more");
    }
    return inspect;
  }

  long steps() {
    if (length == null || length.steps == null) {
      return 0;
    }
    if (length.steps < 1) {
      throw usage("--steps is " + length.steps + "; allowed: 1 or more");
    }
    return length.steps;
  }

  /** Returns the seed asked for, else the one that a resumed run has, else the default. */
  long seed(Long ofRun) {
    return seed != null ? seed : ofRun != null ? ofRun : SEED;
  }

  /** Returns the run folder; a resumed run must name it. */
  Path run(String name) {
    if (argument != null && !mayResume()) {
      throw usage(
          "RUN is "
              + argument
              + ", which is for --resume; a new run goes into --run, its images are --data");
    }
    if (argument != null && run != null && !argument.normalize().equals(run.normalize())) {
      throw usage("RUN is " + argument + " and --run is " + run + "; allowed: one of them");
    }
    if (argument != null || run != null) {
      return RunArgument.requireName(argument != null ? argument : run);
    }
    if (mayResume()) {
      throw usage((isAuto() ? "--resume auto" : "--resume") + " needs RUN, the run folder");
    }
    return Path.of("runs", name + "-" + LocalDateTime.now(ZoneId.systemDefault()).format(STAMP));
  }

  /** Returns the configuration with the batch and the epochs asked for. */
  Configuration applyTo(Configuration configuration) {
    TrainingSpec training = configuration.training();
    try {
      training = batch == null ? training : training.withBatch(batch);
      training =
          length == null || length.epochs == null ? training : training.withEpochs(length.epochs);
    } catch (IllegalArgumentException e) {
      throw usage(named(e.getMessage().replaceFirst("^training: ", "")));
    }
    return configuration.withTraining(training).withStart(start(configuration));
  }

  /** Says whether what a message begins with is an option, or a key of the configuration. */
  private static String named(String message) {
    return (message.matches("(batch|epochs)\\b.*") ? "--" : "training.") + message;
  }

  private Optional<StartSpec> start(Configuration configuration) {
    if (startFrom == null && startNew.isEmpty()) {
      return configuration.start();
    }
    boolean resumes = mayResume() && !isAuto();
    if (startFrom == null || resumes) {
      throw usage(
          resumes
              ? "--start-from is for a new run; one that is resumed has started"
              : "--start-new needs --start-from");
    }
    Map<String, StartSpec.Mode> layers = new LinkedHashMap<>();
    configuration.start().ifPresent(start -> layers.putAll(start.layers()));
    List<String> weighted =
        configuration.network().layers().stream()
            .filter(LayerSpec.Weighted.class::isInstance)
            .map(LayerSpec::name)
            .toList();
    for (String layer : startNew) {
      if (!weighted.contains(layer)) {
        throw usage("--start-new is '" + layer + "'; " + Suggestion.allowed(layer, weighted));
      }
      layers.put(layer, StartSpec.Mode.NEW);
    }
    return Optional.of(new StartSpec(startFrom.toString(), ImmutableMap.copyOf(layers)));
  }

  private static CommandException usage(String line) {
    return new CommandException(ExitCode.USAGE, line);
  }
}
