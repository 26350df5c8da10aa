package org.alexnet4j.cli.run;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.option.NetworkOptions;
import org.alexnet4j.config.ConfigDifference;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.device.Devices;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.cost.StepModel.Link;
import org.alexnet4j.plan.cost.Work.DeviceRates;
import org.alexnet4j.report.ExchangeForecast;
import org.alexnet4j.report.PlanReport;
import org.alexnet4j.report.RankReport;
import org.alexnet4j.report.TextTable;
import org.alexnet4j.shape.RankPart;
import org.alexnet4j.shape.Slicing;
import org.alexnet4j.tower.Towers;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Prints what a network is and what it needs. */
@Command(
    name = "describe",
    mixinStandardHelpOptions = true,
    description = {
      "Prints a network with its layers, parameters, work and memory.",
      "It also says what crosses between towers. No device is opened unless one is named."
    })
public final class DescribeCommand implements Runnable {
  /** What each answer takes beside the network; the plain one takes what is left. */
  private static final ImmutableMap<String, ImmutableSet<String>> TAKES =
      ImmutableMap.of(
          "--diff", ImmutableSet.of(),
          "--ranks",
              ImmutableSet.of("--slices", "--batch", "--link", "--latency", "--gflops", "--memory"),
          "--slices", ImmutableSet.of("--batch", "--purpose"),
          "--exchange",
              ImmutableSet.of(
                  "--batch", "--purpose", "--link", "--latency", "--gflops", "--memory"));

  private static final ImmutableSet<String> RATES =
      ImmutableSet.of("--link", "--latency", "--gflops", "--memory");

  private final Console console;

  @Spec private CommandSpec command;

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
      names = "--slices",
      paramLabel = "V",
      description =
          "Instead: the memory of a step in V slices, with planes kept and computed again.")
  private Integer slices;

  @Option(
      names = "--ranks",
      paramLabel = "R",
      description = {
        "Instead: what up to R processes move between them in such a step, the memory of each, and",
        "what a model says of the time, by the rates below."
      })
  private Integer ranks;

  @Option(
      names = "--devices",
      paramLabel = "LIST",
      description = {
        "Allocate the memory on these devices, as for a run, and show the scratch memory that their",
        "kernels need as well; for example cuda:0,cuda:1."
      })
  private String devices;

  @Option(
      names = "--diff",
      arity = "2",
      paramLabel = "NAME",
      description =
          "Instead: the settings on which two presets or files differ, as in --diff paper-2012 code-2012.")
  private List<String> diff;

  @Option(
      names = "--exchange",
      description = {
        "Instead: predict what the exchange between towers costs, from the plan and the rates below.",
        "The defaults are the paper's: GTX 580 by its data sheet, PCIe 2.0."
      })
  private boolean exchange;

  @Option(
      names = "--link",
      paramLabel = "GB/S",
      defaultValue = "6",
      description = "Rate of the link in one direction (default: 6).")
  private double link;

  @Option(
      names = "--latency",
      paramLabel = "US",
      defaultValue = "10",
      description = "Time before the first byte of a transfer, microseconds (default: 10).")
  private double latency;

  @Option(
      names = "--gflops",
      paramLabel = "G",
      defaultValue = "1581",
      description = "GFLOP/s that each device reaches (default: 1581).")
  private double gflops;

  @Option(
      names = "--memory",
      paramLabel = "GB/S",
      defaultValue = "192.4",
      description = "Memory bandwidth of each device (default: 192.4).")
  private double memory;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  public DescribeCommand(Console console) {
    this.console = console;
  }

  /** An option that the answer does not take would be left out in silence. */
  private void refuseIdle() {
    ImmutableSet<String> asked =
        command.commandLine().getParseResult().matchedOptionsSet().stream()
            .map(OptionSpec::longestName)
            .collect(ImmutableSet.toImmutableSet());
    Optional<String> answer = TAKES.keySet().stream().filter(asked::contains).findFirst();
    for (String option : asked) {
      boolean special =
          RATES.contains(option)
              || TAKES.containsKey(option)
              || ImmutableSet.of("--batch", "--purpose", "--devices").contains(option);
      if (answer.isPresent()) {
        String by = answer.get();
        if (special && !option.equals(by) && !TAKES.get(by).contains(option)) {
          throw new IllegalArgumentException(
              option + " has no effect beside " + by + "; leave one of them out");
        }
      } else if (RATES.contains(option)) {
        throw new IllegalArgumentException(option + " is for --exchange; add that");
      }
    }
  }

  @Override
  public void run() {
    refuseIdle();
    if (diff != null) {
      network.refuseSettings("--diff names both configurations");
      printDifference(ConfigReader.named(diff.get(0)), ConfigReader.named(diff.get(1)));
    } else if (ranks != null) {
      printRanks();
    } else if (slices != null) {
      printSlices();
    } else if (exchange) {
      printForecast();
    } else {
      printNetwork();
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

  private static void requirePositive(String option, double value) {
    if (!(value > 0) || Double.isInfinite(value)) {
      throw new IllegalArgumentException(
          option + " is " + value + "; allowed: a finite number above 0");
    }
  }

  private void printForecast() {
    requirePositive("--link", link);
    requirePositive("--latency", latency);
    requirePositive("--gflops", gflops);
    requirePositive("--memory", memory);
    Plan plan = plan(network.readOr("paper-2012"));
    Configuration alone = ConfigReader.preset("one-gpu-2012");
    ExchangeForecast forecast =
        new ExchangeForecast(
            plan,
            Planner.plan(alone.network(), plan.batch(), purpose, alone.mean(), 0)
                .in(plan.arithmetic()),
            new DeviceRates(1e9 * gflops, 1e9 * memory),
            new Link(1e9 * link, 1e-6 * latency));
    if (json) {
      console.json(forecast.json());
    } else {
      console.result(forecast.text());
    }
  }

  private Plan plan(Configuration configuration) {
    int images = batch == null ? configuration.training().batch() : batch;
    return Planner.plan(
            configuration.network(),
            images,
            purpose,
            configuration.mean(),
            0,
            purpose == Purpose.TRAIN ? configuration.training().slicing() : Slicing.NONE)
        .in(configuration.training().arithmetic());
  }

  /** Both ways of a step in slices; which one is a matter of time and memory alone. */
  private void printSlices() {
    Configuration configuration = network.readOr("paper-2012");
    int images = batch == null ? configuration.training().batch() : batch;
    Map<String, Object> all = new LinkedHashMap<>();
    StringBuilder text = new StringBuilder();
    for (boolean recompute : slices == 1 ? new boolean[] {false} : new boolean[] {false, true}) {
      Slicing slicing = new Slicing(slices, recompute);
      PlanReport report =
          new PlanReport(
              Planner.plan(
                      configuration.network(), images, purpose, configuration.mean(), 0, slicing)
                  .in(configuration.training().arithmetic()));
      all.put(recompute ? "recompute" : "keep", report.json());
      text.append(text.isEmpty() ? "" : "\n").append(report.memoryByKind());
    }
    if (json) {
      console.json(all);
    } else {
      console.result(text.toString().stripTrailing());
    }
  }

  /** What ranks move, and what each needs. */
  private void printRanks() {
    Configuration configuration = network.readOr("paper-2012");
    int images = batch == null ? configuration.training().batch() : batch;
    Slicing slicing =
        slices == null ? configuration.training().slicing() : new Slicing(slices, false);
    ImmutableList.Builder<Plan> plans = ImmutableList.builder();
    ImmutableList.Builder<Plan> overImages = ImmutableList.builder();
    Plan most = null;
    for (int count = 1; most == null || count <= ranks; count *= 2) {
      RankPart part = new RankPart(0, ranks < 1 ? ranks : count);
      most =
          Planner.plan(
                  configuration.network(),
                  images,
                  Purpose.TRAIN,
                  configuration.mean(),
                  0,
                  slicing,
                  part)
              .in(configuration.training().arithmetic());
      plans.add(most);
      overImages.add(
          Planner.plan(
                  configuration.network(), images / count, Purpose.TRAIN, configuration.mean(), 0)
              .in(configuration.training().arithmetic()));
    }
    new RankPart(0, ranks); // refuses what is no power of two
    Link between = new Link(1e9 * link, 1e-6 * latency);
    RankReport report =
        new RankReport(
            plans.build(),
            overImages.build(),
            new DeviceRates(1e9 * gflops, 1e9 * memory),
            between,
            between);
    if (json) {
      console.json(report.json());
    } else {
      console.result(new PlanReport(most).memoryByKind() + "\n" + report.text().stripTrailing());
    }
  }

  private PlanReport onDevices(Plan plan) {
    Devices.Choice choice = Devices.choose(devices, plan.spec().towers());
    try (Towers towers = Towers.create(plan, choice.ids())) {
      return new PlanReport(plan, towers.workspaceBytes());
    }
  }

  private void printNetwork() {
    Plan plan = plan(network.readOr("paper-2012"));
    PlanReport report = devices == null ? new PlanReport(plan) : onDevices(plan);
    if (json) {
      console.json(report.json());
    } else {
      console.result(report.text());
    }
  }
}
