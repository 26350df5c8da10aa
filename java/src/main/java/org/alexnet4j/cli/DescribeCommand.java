package org.alexnet4j.cli;

import org.alexnet4j.config.Configuration;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.report.PlanReport;
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

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  DescribeCommand(Console console) {
    this.console = console;
  }

  @Override
  public void run() {
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
