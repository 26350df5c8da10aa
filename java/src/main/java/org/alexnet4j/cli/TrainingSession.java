package org.alexnet4j.cli;

import com.google.common.collect.ImmutableMap;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.io.OutputFolder;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.train.RunFolder;
import org.alexnet4j.train.RunOptions;
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

  /** A run that was made. */
  record Result(RunOptions options, TrainingRun.Outcome outcome) {}

  /**
   * Trains.
   *
   * @param data what the person named, or null to take the resumed run's
   * @param preset what to train if the person names nothing
   */
  Result run(String data, String preset) throws IOException {
    JsonObject environment = null;
    Configuration configuration;
    if (training.isResume()) {
      RunFolder folder = new RunFolder(training.run(preset));
      environment = environment(folder);
      configuration = network.read().orElseGet(() -> ConfigReader.file(folder.config()));
    } else {
      configuration = network.readOr(preset);
    }
    String images = data != null || environment == null ? data : text(environment, "data");
    if (images == null) {
      throw new CommandException(
          ExitCode.USAGE, "--data is missing; a folder, an archive, or synthetic:");
    }
    Long seed = environment == null ? null : Long.valueOf(text(environment, "seed"));
    Path run = training.run(configuration.network().name());
    Optional<Path> source = Datasets.path(images);
    if (source.isPresent()) {
      OutputFolder.requireApart(run, source.get());
    }
    OutputFolder.create(run, run);
    console.logInto(run);
    console.message("run folder " + run);
    RunOptions options =
        new RunOptions(
            training.applyTo(configuration),
            images,
            devices.choose(configuration.network().towers(), console),
            training.seed(seed),
            run,
            training.steps(),
            training.isResume(),
            training.checkpoints(),
            training.explain(),
            devices.loaderThreads(),
            training.trace());
    ProgressReporter reporter = new ProgressReporter(console, stop, System::nanoTime);
    stop.attend();
    int inspect = training.inspect();
    try (RunReport report = new RunReport(console, options, reporter)) {
      TrainingRun.Outcome outcome = TrainingRun.run(options, report);
      if (!outcome.stopped() && inspect > 0) {
        report.inspect(inspect);
      }
      return new Result(options, outcome);
    }
  }

  /** Prints the outcome of a run. */
  void print(Result result) {
    TrainingRun.Outcome outcome = result.outcome;
    StepResult test = outcome.test();
    Path run = result.options.run();
    if (training.isJson()) {
      console.json(json(result));
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
              "%s: %d steps, %s, %s images/s (%s of the time waiting for images)",
              run,
              outcome.progress().step(),
              held,
              Numbers.fixed(outcome.imagesPerSecond(), 1),
              Numbers.percent(outcome.loaderShare())));
    }
    if (outcome.stopped()) {
      console.message("stopped and saved; go on with ./alexnet train --resume --run " + run);
    }
  }

  static ImmutableMap<String, Object> json(Result result) {
    TrainingRun.Outcome outcome = result.outcome;
    StepResult test = outcome.test();
    ImmutableMap.Builder<String, Object> json = ImmutableMap.builder();
    json.put("run", result.options.run().toString());
    json.put("steps", outcome.progress().step());
    json.put("stopped", outcome.stopped());
    json.put("imagesPerSecond", outcome.imagesPerSecond());
    json.put("loaderShare", outcome.loaderShare());
    if (test.images() > 0) {
      json.put("testImages", test.images());
      json.put("testLoss", test.loss());
      json.put("testTop1Error", test.top1Error());
      json.put("testTop5Error", test.top5Error());
    }
    return json.build();
  }

  private static JsonObject environment(RunFolder folder) throws IOException {
    if (!Files.isRegularFile(folder.environment())) {
      throw new CommandException(
          ExitCode.CHECKPOINT, folder.path() + ": no run to resume: env.json is missing");
    }
    try {
      return JsonParser.parseString(Files.readString(folder.environment())).getAsJsonObject();
    } catch (JsonParseException | IllegalStateException e) {
      throw new CommandException(
          ExitCode.CHECKPOINT, folder.environment() + ": is not the JSON of a run", e);
    }
  }

  private static String text(JsonObject environment, String key) {
    if (!environment.has(key)) {
      throw new CommandException(ExitCode.CHECKPOINT, "env.json of the run lacks '" + key + "'");
    }
    return environment.get(key).getAsString();
  }
}
