package org.alexnet4j.cli;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.List;
import org.alexnet4j.config.ConfigDifference;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.report.PlanReport;
import org.alexnet4j.report.TextTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Prints what a network is and what it needs. */
@Command(
    name = "describe",
    mixinStandardHelpOptions = true,
    description = {
      "Prints a network: layers, parameters, work, memory, and what crosses between towers.",
      "Opens no device."
    })
final class DescribeCommand implements Runnable {
  private final Console console;

  @Mixin private NetworkOptions network;

  @Option(
      names = "--batch",
      paramLabel = "N",
      description = "Images per step (default: the configuration's).")
  private Integer batch;

  @Option(
      names = "--purpose",
      paramLabel = "P",
      defaultValue = "TRAIN",
      description = "What the memory is for: train, infer or inspect (default: train).")
  private Purpose purpose;

  @Option(
      names = "--diff",
      arity = "2",
      paramLabel = "NAME",
      description =
          "Instead: the settings on which two presets or files differ, as in --diff paper-2012 code-2012.")
  private List<String> diff;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  DescribeCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
    if (diff == null) {
      printNetwork();
    } else {
      printDifference(ConfigReader.named(diff.get(0)), ConfigReader.named(diff.get(1)));
    }
  }

  private void printDifference(Configuration first, Configuration second) {
    ImmutableList<ConfigDifference> differences = ConfigDifference.between(first, second);
    if (json) {
      console.json(ImmutableMap.of("differences", differences));
      return;
    }
    TextTable table = new TextTable("setting", diff.get(0), diff.get(1));
    differences.forEach(d -> table.row(d.key(), d.first(), d.second()));
    console.result(differences.isEmpty() ? "no difference" : table.toString().stripTrailing());
  }

  private void printNetwork() {
    Configuration configuration = network.readOr("paper-2012");
    int images = batch == null ? configuration.training().batch() : batch;
    Plan plan = Planner.plan(configuration.network(), images, purpose, configuration.mean(), 0);
    PlanReport report = new PlanReport(plan);
    if (json) {
      console.json(report.json());
    } else {
      console.result(report.text());
    }
  }
}
