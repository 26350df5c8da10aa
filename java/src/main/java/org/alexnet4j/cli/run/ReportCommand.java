package org.alexnet4j.cli.run;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.option.DeviceOptions;
import org.alexnet4j.cli.option.Inputs;
import org.alexnet4j.cli.option.NetworkOptions;
import org.alexnet4j.cli.option.OutputFile;
import org.alexnet4j.cli.option.RunArgument;
import org.alexnet4j.cli.option.SplitData;
import org.alexnet4j.cli.option.WeightsOptions;
import org.alexnet4j.eval.Network;
import org.alexnet4j.report.HtmlReport;
import org.alexnet4j.run.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes the page of a run, or of several together. */
@Command(
    name = "report",
    mixinStandardHelpOptions = true,
    description = {
      "Writes the page of a run, or of several together.",
      "The page is one file that opens without a network: curves, filters, guesses, neighbours,",
      "confusion, layers, exchange, configuration, environment. Training writes it as well;",
      "--data looks into the newest checkpoint anew."
    },
    footer = {
      "",
      "Examples:",
      "  ./alexnet report runs/paper               # writes runs/paper/report.html",
      "  ./alexnet report runs/paper --data imagenet",
      "  ./alexnet report runs/a runs/b --out both.html"
    })
public final class ReportCommand implements Callable<Integer> {
  private static final int MOST_IMAGES = 256;

  private final Console console;

  @Mixin private RunArgument.Several named;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      description = "Images to look into the networks with, as in train; all runs get the same.")
  private String data;

  @Option(
      names = "--images",
      paramLabel = "N",
      description =
          "With --data: held-out images, and as many training images to find neighbours among"
              + " (default: 256).")
  private Integer images;

  @Option(
      names = "--image",
      paramLabel = "FILE",
      description =
          "An image of which the page of the only run shows what the layers make: their strongest"
              + " maps, and what the strongest units see.")
  private Path image;

  @Option(
      names = "--layer",
      paramLabel = "NAME",
      description = "With --image: only this layer, as features takes it; as often as wanted.")
  private List<String> layers = new ArrayList<>();

  @Option(
      names = "--out",
      paramLabel = "FILE",
      description = "The page (default: report.html in the folder of the only run).")
  private Path out;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  @Mixin private DeviceOptions devices;

  public ReportCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (images != null && images < 1) {
      throw new CommandException(ExitCode.USAGE, "--images is " + images + "; allowed: 1 or more");
    }
    if (data == null && image == null && devices.isGiven() || data == null && images != null) {
      throw new CommandException(
          ExitCode.USAGE,
          (images != null ? "--images" : "the choice of devices")
              + " needs --data DATA"
              + (images != null ? "" : " or --image FILE")
              + " to look at");
    }
    if (image == null && !layers.isEmpty()) {
      throw new CommandException(ExitCode.USAGE, "--layer needs --image FILE to look at");
    }
    List<Path> runs = named.all();
    if (runs.isEmpty()) {
      throw RunArgument.usage("RUN is missing; allowed: one run folder or several");
    }
    for (Path run : runs) {
      RunFolder folder = new RunFolder(run);
      WeightsOptions.requireRun(run, folder.metrics(), folder.config());
    }
    if (out == null && runs.size() > 1) {
      throw new CommandException(ExitCode.USAGE, "--out FILE is needed for several runs");
    }
    if (out != null) {
      requireOut(runs);
    }
    if (image != null && runs.size() > 1) {
      throw new CommandException(
          ExitCode.USAGE, "--image is for the page of one run, named are " + runs.size());
    }
    Path page = out == null ? new RunFolder(runs.get(0)).report() : out;
    if (data != null) {
      for (Path run : runs) {
        look(run);
      }
    }
    if (image != null) {
      LookInside.maps(console, runs.get(0), image, layers, devices);
    }
    HtmlReport.write(page, runs, console::message);
    if (json) {
      console.json(ImmutableMap.of("file", page.toString(), "runs", runs.size()));
    } else {
      console.result("page: " + page);
    }
    return ExitCode.OK.code();
  }

  /** The page of the only run may be named; any other file of a run is none to write. */
  private void requireOut(List<Path> runs) throws IOException {
    Inputs inputs = new Inputs().data(data).file(image);
    for (Path run : runs) {
      inputs.run(run);
    }
    if (runs.size() == 1) {
      inputs.allow(new RunFolder(runs.get(0)).report());
    }
    OutputFile.require("--out", out, inputs, ".html", ".htm");
  }

  private void look(Path run) throws IOException {
    Path weights = WeightsOptions.newest(run, console::message);
    NetworkOptions itsOwn = new NetworkOptions();
    int towers = Network.Source.read(weights, itsOwn.ofWeights()).towers();
    LookInside.Request request =
        new LookInside.Request(
            run,
            weights,
            data,
            devices.choose(towers, console),
            images == null ? MOST_IMAGES : images,
            devices.loaderThreads());
    if (!LookInside.write(console, request, itsOwn)) {
      throw SplitData.noHeldOut(data, "data that hold out some, to look into the network with");
    }
  }
}
