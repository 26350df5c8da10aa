package org.alexnet4j.cli.run;

import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.cli.option.DeviceOptions;
import org.alexnet4j.cli.option.Inputs;
import org.alexnet4j.cli.option.NetworkOptions;
import org.alexnet4j.cli.option.WeightsOptions;
import org.alexnet4j.config.ConfigDifference;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.OutputFolder;
import org.alexnet4j.io.Printable;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.run.NewestCheckpoint;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.run.RunSessions;
import org.alexnet4j.shape.Arithmetic;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.train.CheckpointPolicy;
import org.alexnet4j.train.RateTest;
import org.alexnet4j.train.RunOptions;
import org.alexnet4j.train.TestedRates;
import org.alexnet4j.train.TrainingRun;

/** What {@code train} and {@code demo} share: options become a run, its outcome a result. */
final class TrainingSession {
  private final Console console;
  private final StopRequest stop;
  private final NetworkOptions network;
  private final DeviceOptions devices;
  private final TrainingOptions training;

  TrainingSession(
      Console console,
      StopRequest stop,
      NetworkOptions network,
      DeviceOptions devices,
      TrainingOptions training) {
    this.console = console;
    this.stop = stop;
    this.network = network;
    this.devices = devices;
    this.training = training;
  }

  /** A run that was made, or that had nothing left to do. */
  record Result(
      RunOptions options, TrainingRun.Outcome outcome, boolean trained, List<String> notes) {}

  /**
   * Trains.
   *
   * @param data what the person named, or null to take the resumed run's
   * @param preset what to train if the person names nothing
   * @param ranks the processes that train together, if there are several
   */
  Result run(String data, String preset, Optional<Ranks> ranks) throws IOException {
    boolean forced = training.isForced();
    Optional<JsonObject> before = Optional.empty();
    Configuration configuration;
    boolean resume = training.isResume(training.run(preset));
    if (resume) {
      RunFolder folder = new RunFolder(training.run(preset));
      if (!Files.isRegularFile(folder.config())) {
        throw new CommandException(ExitCode.CHECKPOINT, WeightsOptions.noRun(folder.path()));
      }
      folder.requireOwn();
      before = lastSession(folder, data);
      configuration = resumed(ConfigReader.written(folder.config()), forced);
    } else {
      configuration = network.readOr(preset);
    }
    String images = data != null ? data : before.map(s -> s.get("data").getAsString()).orElse(null);
    if (images == null) {
      throw new CommandException(
          ExitCode.USAGE, "--data is missing; a folder, an archive, or synthetic:");
    }
    int inspect = training.inspect();
    Path run = training.run(configuration.network().name());
    Configuration asked = training.applyTo(configuration);
    CheckpointPolicy checkpoints = training.checkpoints();
    long steps = training.steps();
    Optional<Path> trace = training.trace(new Inputs().data(images).file(network.file()).run(run));
    RunOptions options =
        new RunOptions(
            asked,
            images,
            devices.choose(configuration.network().towers(), console),
            training.seed(resume ? seed(before, run) : null),
            run,
            steps,
            resume,
            checkpoints,
            training.explain(),
            devices.loaderThreads(),
            trace,
            network.settings(),
            training.isAuto(),
            training.norms(),
            ranks);
    console.message("run folder " + run);
    if (training.isAuto()) {
      console.message(
          resume
              ? "--resume auto: there is a run, which goes on"
              : "--resume auto: there is no checkpoint, so a run begins");
    }
    ProgressReporter reporter = new ProgressReporter(console, stop, System::nanoTime);
    try (RunReport report = new RunReport(console, options, reporter)) {
      TrainingRun.Outcome outcome;
      try {
        outcome = TrainingRun.run(options, report);
      } finally {
        stop.leave();
      }
      if (!outcome.stopped() && inspect > 0 && report.hasBegun()) {
        report.inspect(inspect);
      }
      return new Result(options, outcome, report.hasBegun(), report.notes());
    }
  }

  /**
   * Tries rates and leaves no run behind.
   *
   * @param data what the person named
   * @param preset what to train if the person names nothing
   */
  void testRates(String data, String preset, RateTestOptions test) throws IOException {
    Configuration configuration = training.applyTo(network.readOr(preset));
    if (data == null) {
      throw new CommandException(
          ExitCode.USAGE, "--data is missing; a folder, an archive, or synthetic:");
    }
    String name = configuration.network().name();
    Path folder = training.run(name + "-rate-test");
    RateTestOptions.requireEmpty(folder);
    Optional<Path> source = Datasets.path(data);
    if (source.isPresent()) {
      OutputFolder.requireApart(folder, source.get());
    }
    RunOptions options =
        new RunOptions(
            configuration,
            data,
            devices.choose(configuration.network().towers(), console),
            training.seed(null),
            folder,
            0,
            false,
            training.checkpoints(),
            training.explain(),
            devices.loaderThreads());
    ProgressReporter reporter = new ProgressReporter(console, stop, System::nanoTime);
    TestedRates curve;
    try {
      curve = RateTest.run(options, test.range(training.steps()), reporter);
    } finally {
      stop.leave();
    }
    RateTestOptions.print(curve, name, folder, training.isJson(), console);
  }

  /** Returns what the last session was told; nothing if that is damaged and not needed. */
  private Optional<JsonObject> lastSession(RunFolder folder, String data) throws IOException {
    try {
      Optional<JsonObject> last = RunSessions.read(folder.environment()).last();
      if (last.isEmpty() && data == null) {
        throw new CommandException(
            ExitCode.CHECKPOINT,
            folder.environment() + " is missing, which names the data; add --data");
      }
      return last;
    } catch (FormatException e) {
      if (data == null) {
        throw new CommandException(
            ExitCode.CHECKPOINT, e.getMessage() + "; it names the data: add --data", e);
      }
      return Optional.empty(); // set aside, and said so, when the folder is locked
    }
  }

  /** A run keeps its seed: that of the last session, or else of the newest checkpoint. */
  private static Long seed(Optional<JsonObject> before, Path run) throws IOException {
    if (before.isPresent()) {
      return before.get().get("seed").getAsLong();
    }
    return NewestCheckpoint.find(new RunFolder(run), line -> {})
        .map(newest -> newest.content().seed())
        .orElse(null);
  }

  /** Returns what a resumed run trains: its own configuration, or the one that was asked for. */
  private Configuration resumed(Configuration own, boolean forced) {
    Configuration asked = network.readOr(own);
    Configuration fitted = asked.withNetwork(asked.network().withClasses(own.network().classes()));
    List<String> changed =
        ConfigDifference.between(own, fitted).stream()
            .filter(difference -> isNetwork(difference.key()))
            .map(d -> d.key() + " (" + d.first() + " to " + d.second() + ")")
            .toList();
    if (!changed.isEmpty() && !forced) {
      throw new CommandException(
          ExitCode.USAGE,
          "the run has another network: "
              + Printable.names(changed)
              + "; a resumed run may change training.*, augmentation.* and the layers' decay;"
              + " --force changes the network in mid-run");
    }
    return asked;
  }

  /** Start values and decay belong to layers, but change no output. */
  private static boolean isNetwork(String key) {
    return key.startsWith("network") && !key.matches(".*\\.(sigma|bias|decay)");
  }

  /** Prints the outcome of a run. */
  void print(Result result) {
    TrainingRun.Outcome outcome = result.outcome;
    StepResult test = outcome.test();
    Path run = result.options.run();
    if (training.isJson()) {
      console.json(json(result));
    } else if (!result.trained) {
      console.result(
          run
              + ": nothing to do: "
              + Numbers.counted(outcome.progress().step(), "step", "steps")
              + " done");
    } else {
      String held =
          test.images() == 0
              ? "not evaluated"
              : String.format(
                  Locale.ROOT,
                  "held-out error %s top-1, %s top-5, loss %s",
                  Numbers.percent(test.top1Error()),
                  Numbers.percent(test.top5Error()),
                  Numbers.fixed(test.loss(), 4));
      console.result(
          String.format(
              Locale.ROOT,
              "%s: %s%s, %s, %s images/s (%s of the time waiting for images)",
              run,
              Numbers.counted(outcome.progress().step(), "step", "steps"),
              result.options.configuration().training().arithmetic().remark(),
              held,
              Numbers.fixed(outcome.imagesPerSecond(), 1),
              Numbers.percent(outcome.loaderShare())));
    }
    if (outcome.stopped()) {
      console.message("stopped and saved; go on with ./alexnet train --resume " + run);
    }
  }

  /** Ends with where the page of the run is. */
  void printPage(Result result) {
    Path page = new RunFolder(result.options.run()).report();
    if (!training.isJson() && Files.isRegularFile(page)) {
      console.result("page: " + page);
    }
  }

  static ImmutableMap<String, Object> json(Result result) {
    TrainingRun.Outcome outcome = result.outcome;
    StepResult test = outcome.test();
    ImmutableMap.Builder<String, Object> json = ImmutableMap.builder();
    json.put("run", result.options.run().toString());
    json.put("steps", outcome.progress().step());
    json.put("stopped", outcome.stopped());
    Arithmetic arithmetic = result.options.configuration().training().arithmetic();
    json.put("precision", arithmetic.precision().toString());
    json.put("algorithm", arithmetic.algorithm().toString());
    json.put("imagesPerSecond", outcome.imagesPerSecond());
    json.put("loaderShare", outcome.loaderShare());
    if (test.images() > 0) {
      json.put("testImages", test.images());
      json.put("testLoss", test.loss());
      json.put("testTop1Error", test.top1Error());
      json.put("testTop5Error", test.top5Error());
    }
    json.put("notes", result.notes);
    return json.build();
  }
}
