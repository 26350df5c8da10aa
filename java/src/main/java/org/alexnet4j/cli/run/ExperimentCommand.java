package org.alexnet4j.cli.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.cli.option.DeviceOptions;
import org.alexnet4j.config.ExperimentReader;
import org.alexnet4j.config.ExperimentSpec;
import org.alexnet4j.config.ExperimentSpec.Scale;
import org.alexnet4j.experiment.EnsembleRow;
import org.alexnet4j.experiment.ExperimentResult;
import org.alexnet4j.experiment.ExperimentResult.Difference;
import org.alexnet4j.experiment.ExperimentResult.Row;
import org.alexnet4j.experiment.RunEvaluation.Errors;
import org.alexnet4j.report.TextTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Trains what an experiment asks for and writes its page. */
@Command(
    name = "experiment",
    mixinStandardHelpOptions = true,
    description = {
      "Trains several networks from several seeds, for one page.",
      "Each variant and seed is a run folder. Runs that have ended are kept, stopped ones go on; so",
      "the same command goes on after a signal, with the same numbers."
    },
    footer = {
      "",
      "Shipped: section-3, section-4, table-1, table-2, figure-1, figure-3, figure-4,",
      "fine-tuning, cifar10, precision, algorithm. What each asks, and how a file of",
      "one's own looks: docs/experiments.md.",
      "",
      "Examples:",
      "  ./alexnet experiment section-3 --data cifar --dry-run",
      "  ./alexnet experiment section-3 --data cifar --jobs 2",
      "  ./alexnet experiment mine.yaml --data imagenet --devices cuda:0,cuda:1"
    })
public final class ExperimentCommand implements Callable<Integer> {
  private final Console console;
  private final StopRequest stop;

  @Parameters(
      index = "0",
      paramLabel = "NAME",
      description = "A shipped experiment, or a YAML file.")
  private String name;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      description = "As for train (default: what the experiment says).")
  private String data;

  @Option(
      names = "--into",
      paramLabel = "FOLDER",
      description = "Folder of the runs and the page (default: experiments/NAME).")
  private Path into;

  @Option(
      names = "--scale",
      paramLabel = "KEY=N",
      split = ",",
      description =
          "Width, classes, epochs in place of the experiment's, as in width=0.25,epochs=10.")
  private List<String> scale = List.of();

  @Option(
      names = "--jobs",
      paramLabel = "N",
      defaultValue = "1",
      description = "Runs at a time, each on one of the devices (default: 1).")
  private int jobs;

  @Option(
      names = "--dry-run",
      description = "Show the runs, and what time and memory they will take; train nothing.")
  private boolean dryRun;

  @Mixin private DeviceOptions devices;

  public ExperimentCommand(Console console, StopRequest stop) {
    this.console = console;
    this.stop = stop;
  }

  @Override
  public Integer call() throws IOException {
    ExperimentSpec own = ExperimentReader.named(name, Optional.empty());
    ExperimentSpec spec =
        scale.isEmpty() ? own : ExperimentReader.named(name, Optional.of(scaled(own.scale())));
    if (jobs < 1) {
      throw usage("--jobs is " + jobs + "; allowed: 1 or more");
    }
    String images =
        Optional.ofNullable(data)
            .or(spec::data)
            .orElseThrow(() -> usage("--data is missing; a folder, an archive, or synthetic:"));
    Path folder = into != null ? into : Path.of("experiments", spec.name());
    console.message(
        spec.title() + ": " + spec.variants().size() + " variants, seeds " + spec.seeds());
    console.message("scale: " + spec.scale() + "; page: " + folder.resolve("experiment.html"));
    int atATime = devices.jobs(jobs, spec.runs());
    ExperimentRuns runs = new ExperimentRuns(console, stop, spec, images, folder, devices, atATime);
    if (dryRun) {
      console.result(runs.forecast());
      return ExitCode.OK.code();
    }
    ExperimentResult result = runs.run();
    if (result.ended() > 0) {
      print(result, folder);
    }
    runs.throwFailure();
    return ExitCode.OK.code();
  }

  private Scale scaled(Scale own) {
    float width = own.width();
    int classes = own.classes();
    int epochs = own.epochs();
    Map<String, String> asked = asked();
    for (Map.Entry<String, String> entry : asked.entrySet()) {
      try {
        switch (entry.getKey()) {
          case "width" -> width = Float.parseFloat(entry.getValue());
          case "classes" -> classes = Integer.parseInt(entry.getValue());
          case "epochs" -> epochs = Integer.parseInt(entry.getValue());
          default ->
              throw usage("--scale has '" + entry.getKey() + "'; allowed: width, classes, epochs");
        }
      } catch (NumberFormatException e) {
        throw usage(
            "--scale " + entry.getKey() + " is '" + entry.getValue() + "'; allowed: a number");
      }
    }
    boolean none =
        asked.containsKey("classes") && classes < 2 || asked.containsKey("epochs") && epochs < 1;
    if (!(width > 0 && width <= 4) || none) {
      throw usage("--scale is " + asked + "; allowed: width to 4, classes from 2, epochs from 1");
    }
    return new Scale(width, classes, epochs);
  }

  /** Returns the scale that is asked for, each key once. */
  private Map<String, String> asked() {
    Map<String, String> asked = new LinkedHashMap<>();
    for (String one : scale) {
      int sign = one.indexOf('=');
      if (sign < 0) {
        throw usage("--scale is '" + one + "'; allowed: KEY=N, as in width=0.25,epochs=10");
      }
      String key = one.substring(0, sign);
      if (asked.put(key, one.substring(sign + 1)) != null) {
        throw usage("--scale has " + key + " twice; allowed: each key once");
      }
    }
    return asked;
  }

  private void print(ExperimentResult result, Path folder) {
    TextTable table = new TextTable("variant", result.measure(), "paper", "seeds");
    for (Row row : result.rows()) {
      table.row(
          row.variant().name(),
          row.text(result.unit()),
          row.variant().paper().orElse(""),
          row.value().count());
    }
    for (EnsembleRow row : result.ensembles()) {
      table.row(
          row.spec().name(), row.text(Errors::top1), row.spec().paper().orElse(""), row.count());
    }
    result.spec().published().forEach((name, paper) -> table.row(name, "", paper, ""));
    console.result(table.toString().stripTrailing());
    if (!result.differences().isEmpty()) {
      TextTable differences = new TextTable("from", "to", "less by", "paper", "pairs");
      for (Difference difference : result.differences()) {
        differences.row(
            difference.comparison().from(),
            difference.comparison().to(),
            difference.value().text(result.unit(), 2),
            difference.comparison().paper().orElse(""),
            difference.value().count());
      }
      console.result("\n" + differences.toString().stripTrailing());
    }
    console.result("\nscale: " + result.spec().scale());
    console.result("page: " + folder.resolve("experiment.html"));
  }

  private static CommandException usage(String line) {
    return new CommandException(ExitCode.USAGE, line);
  }
}
