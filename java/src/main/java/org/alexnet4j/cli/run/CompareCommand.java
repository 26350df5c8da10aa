package org.alexnet4j.cli.run;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.option.RunArgument;
import org.alexnet4j.cli.option.WeightsOptions;
import org.alexnet4j.config.ConfigDifference;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.report.RunComparison;
import org.alexnet4j.run.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Finds where two runs part. */
@Command(
    name = "compare",
    mixinStandardHelpOptions = true,
    description = {
      "Finds the first difference between two runs.",
      "Looks at the metrics step by step, and for layer, tensor and element at the checkpoints of",
      "the same name, the first one first, and names the settings that differ.",
      "Takes two safetensors files as well. Ends with 0 if nothing differs, 1 if something does."
    })
public final class CompareCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private RunArgument.Several named;

  @Option(
      names = "--tolerance",
      paramLabel = "T",
      defaultValue = "0",
      description =
          "Relative difference that counts as equal; 0, the default, means the same bits.")
  private double tolerance;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  public CompareCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (!(tolerance >= 0)) {
      throw new CommandException(
          ExitCode.USAGE, "--tolerance is " + tolerance + "; allowed: 0 or more");
    }
    List<Path> runs = named.all();
    if (runs.size() != 2) {
      throw RunArgument.usage(
          "compare takes two runs, not "
              + runs.size()
              + "; allowed: run folders or safetensors files");
    }
    for (Path run : runs) {
      if (!Files.isRegularFile(run)) {
        WeightsOptions.requireRun(run, new RunFolder(run).metrics());
      }
    }
    RunComparison comparison = RunComparison.of(runs.get(0), runs.get(1), tolerance);
    List<ConfigDifference> settings = settings(runs);
    if (json) {
      console.json(
          ImmutableMap.of(
              "same", comparison.difference().isEmpty(),
              "records", comparison.records(),
              "tensors", comparison.tensors(),
              "settings", settings,
              "difference", comparison.difference().map(d -> (Object) d).orElse("none")));
    } else {
      String counts = comparison.records() + " records and " + comparison.tensors() + " tensors";
      console.result(
          comparison
              .difference()
              .map(
                  d ->
                      String.format(
                          Locale.ROOT,
                          "different at %s: %s and %s (before it %s are the same)",
                          d.where(),
                          d.first(),
                          d.second(),
                          counts))
              .orElse("same: " + counts));
      for (ConfigDifference d : settings) {
        console.result("setting " + d.key() + ": " + d.first() + " and " + d.second());
      }
    }
    return (comparison.difference().isEmpty() ? ExitCode.OK : ExitCode.OTHER).code();
  }

  /** On which settings two runs differ; none where one has no configuration. */
  private static List<ConfigDifference> settings(List<Path> runs) {
    List<Path> files = runs.stream().map(run -> new RunFolder(run).config()).toList();
    return files.stream().allMatch(Files::isRegularFile)
        ? ConfigDifference.between(
            ConfigReader.written(files.get(0)), ConfigReader.written(files.get(1)))
        : List.of();
  }
}
