package org.alexnet4j.cli.run;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.OutputFolder;
import org.alexnet4j.io.Printable;
import org.alexnet4j.report.LineChart;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.train.RateTest;
import org.alexnet4j.train.TestedRates;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;

/** A trial of learning rates in a training run's place: {@code --rate-test}. */
final class RateTestOptions {
  private static final int STEPS = 100;

  /** What says something about a test; every other option is about a run that is kept. */
  private static final ImmutableSet<String> ALLOWED =
      ImmutableSet.of(
          "--rate-test",
          "--from",
          "--to",
          "--steps",
          "--data",
          "--classes",
          "--preset",
          "--config",
          "--width",
          "--set",
          "--precision",
          "--algorithm",
          "--devices",
          "--loader-threads",
          "--transport",
          "--engine",
          "--kernel",
          "--batch",
          "--seed",
          "--start-from",
          "--start-new",
          "--run",
          "--json");

  @Option(
      names = "--rate-test",
      description =
          "Instead of a run: let the rate rise from --from to --to over --steps (100), write losses"
              + " and a picture of them into --run, and say where the loss falls most steeply.")
  private boolean test;

  @Option(
      names = "--from",
      paramLabel = "RATE",
      description = "With --rate-test: rate of the first step (default: 1e-6).")
  private Double from;

  @Option(
      names = "--to",
      paramLabel = "RATE",
      description = "With --rate-test: rate of the last step (default: 1).")
  private Double to;

  /**
   * Returns whether a test is asked for.
   *
   * @param resume whether a run is to go on, which the command line's own list does not say
   * @throws CommandException if options of one are given without the other
   */
  boolean isAsked(CommandSpec command, boolean resume) {
    if (!test && (from != null || to != null)) {
      throw usage((from != null ? "--from" : "--to") + " is for --rate-test");
    }
    if (test && resume) {
      throw usage("--resume is for a run that is kept, --rate-test keeps none");
    }
    if (test) {
      for (OptionSpec option : command.commandLine().getParseResult().matchedOptionsSet()) {
        if (!ALLOWED.contains(option.longestName())) {
          throw usage(option.longestName() + " is for a run that is kept, --rate-test keeps none");
        }
      }
    }
    return test;
  }

  /** Returns the rates, over so many steps, or 0 for the default. */
  RateTest.Range range(long steps) {
    if (steps > Integer.MAX_VALUE) {
      throw usage("--steps is " + steps + "; allowed with --rate-test: 10 or more, below 2^31");
    }
    double first = from == null ? 1e-6 : from;
    double last = to == null ? 1 : to;
    try {
      return new RateTest.Range(first, last, steps == 0 ? STEPS : (int) steps);
    } catch (IllegalArgumentException e) {
      throw usage("--rate-test: " + e.getMessage());
    }
  }

  /** Refuses a folder in which something is. */
  static void requireEmpty(Path folder) throws IOException {
    if (Files.isDirectory(folder)) {
      try (Stream<Path> entries = Files.list(folder)) {
        if (entries.findAny().isPresent()) {
          throw usage(
              "--run is " + Printable.path(folder) + ", which is not empty; allowed: a new folder");
        }
      }
    }
  }

  /** Writes and prints what a test found. */
  static void print(TestedRates curve, String network, Path folder, boolean json, Console console)
      throws IOException {
    if (curve.points().size() < 2) {
      throw new CommandException(
          ExitCode.DIVERGED,
          curve.ended().orElse("no step was done") + "; allowed: a lower --from");
    }
    OutputFolder.create(folder, folder);
    Path table = folder.resolve("rate-test.csv");
    Path picture = folder.resolve("rate-test.svg");
    AtomicFile.writeText(table, curve.csv());
    AtomicFile.writeText(picture, chart(curve, network).svg());
    curve.ended().ifPresent(why -> console.message("the test ended early: " + why));
    if (json) {
      console.json(json(curve, table, picture));
      return;
    }
    console.result(text(curve));
    console.result("losses: " + table + "\npicture: " + picture);
  }

  private static String text(TestedRates curve) {
    TestedRates.Point lowest = curve.lowest().orElseThrow();
    String low =
        String.format(
            Locale.ROOT,
            "the smoothed loss is lowest, %s, at a rate of %s",
            Numbers.fixed(lowest.smoothed(), 4),
            rate(lowest.rate()));
    return curve
        .suggestion()
        .map(
            point ->
                String.format(
                    Locale.ROOT,
                    "suggestion: %s, where the smoothed loss falls most steeply (step %d, loss %s);"
                        + " a rate to begin a search with, no more%n%s",
                    rate(point.rate()),
                    point.step(),
                    Numbers.fixed(point.smoothed(), 4),
                    low))
        .orElse("no suggestion: the smoothed loss falls nowhere; " + low);
  }

  private static String rate(float rate) {
    return String.format(Locale.ROOT, "%.2g", rate);
  }

  private static LineChart chart(TestedRates curve, String network) {
    List<Double> rates = new ArrayList<>();
    List<Double> losses = new ArrayList<>();
    List<Double> smoothed = new ArrayList<>();
    for (TestedRates.Point point : curve.points()) {
      rates.add((double) point.rate());
      losses.add(point.loss());
      smoothed.add(point.smoothed());
    }
    LineChart chart =
        new LineChart(
                "Learning-rate range test of " + network,
                rates,
                List.of(
                    new LineChart.Curve("loss of the batch", "#bbbbbb", 1, losses),
                    new LineChart.Curve("smoothed loss", "#1f4e9c", 2, smoothed)))
            .axes("learning rate (logarithmic)", "loss, nats");
    curve
        .suggestion()
        .ifPresent(
            point ->
                chart.mark(
                    new LineChart.Mark(point.rate(), "steepest descent: " + rate(point.rate()))));
    return chart;
  }

  private static ImmutableMap<String, Object> json(TestedRates curve, Path table, Path picture) {
    ImmutableMap.Builder<String, Object> json = ImmutableMap.builder();
    json.put("steps", curve.points().size());
    Optional<TestedRates.Point> suggestion = curve.suggestion();
    suggestion.ifPresent(point -> json.put("suggestion", point));
    json.put("lowest", curve.lowest().orElseThrow());
    curve.ended().ifPresent(why -> json.put("ended", why));
    return json.put("losses", table.toString()).put("picture", picture.toString()).build();
  }

  private static CommandException usage(String line) {
    return new CommandException(ExitCode.USAGE, line);
  }
}
