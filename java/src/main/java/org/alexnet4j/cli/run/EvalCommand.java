package org.alexnet4j.cli.run;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.ProgressLine;
import org.alexnet4j.cli.option.ClassesOption;
import org.alexnet4j.cli.option.DeviceOptions;
import org.alexnet4j.cli.option.NetworkOptions;
import org.alexnet4j.cli.option.SplitData;
import org.alexnet4j.cli.option.WeightsOptions;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.eval.Ensemble;
import org.alexnet4j.eval.Network;
import org.alexnet4j.eval.Views;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.train.DataNotes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Measures the errors of trained weights. */
@Command(
    name = "eval",
    mixinStandardHelpOptions = true,
    description = {
      "Measures loss, top-1 and top-5 error of trained weights.",
      "Ten views are the four corners and the centre, each also mirrored; their probabilities are",
      "averaged, as in the paper. So are those of several networks (--with)."
    })
public final class EvalCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private WeightsOptions weights;
  @Mixin private NetworkOptions network;
  @Mixin private DeviceOptions devices;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      required = true,
      description =
          "A prepared folder, a folder, a tar archive of one, or synthetic: for the generated set.")
  private String data;

  @Mixin private ClassesOption classes;
  @Mixin private LoadedEnsemble.Options ensemble;

  @Option(
      names = "--split",
      paramLabel = "S",
      defaultValue = "HELD_OUT",
      description = "Which part: held_out or train (default: held_out).")
  private DataOptions.Split split;

  @Option(
      names = "--views",
      paramLabel = "V",
      defaultValue = "CENTRE",
      description = "centre or ten (default: centre).")
  private Views views;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "64",
      description = "Images per pass (default: 64).")
  private int batch;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  public EvalCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    List<Network.Source> sources =
        ensemble.read(weights.file(console::message), network, console::message);
    NetworkSpec first = sources.get(0).configuration().network();
    DataOptions options = DataOptions.train().withSplit(split).withSource(first.sourceSize());
    try (Dataset images = SplitData.open(classes.applyTo(data), options);
        LoadedEnsemble loaded = LoadedEnsemble.open(sources, ensemble, devices, console, batch)) {
      DataNotes notes = new DataNotes(images, console::message);
      notes.say();
      Ensemble evaluator = loaded.evaluator(images, data, views);
      long start = System.nanoTime();
      StepResult result = evaluate(evaluator, first.inputSize(), images);
      Duration time = Duration.ofNanos(System.nanoTime() - start);
      notes.say(); // of what was decoded
      print(result, evaluator.size(), time);
    }
    return ExitCode.OK.code();
  }

  private StepResult evaluate(Ensemble evaluator, int size, Dataset images) throws IOException {
    StepResult sum = StepResult.NONE;
    ProgressLine progress = new ProgressLine(console);
    try (BatchLoader loader =
        BatchLoader.sequential(images, batch)
            .threads(devices.loaderThreads())
            .augmentation(Augmentation.centre(size))) {
      for (Batch next = loader.next(); next != null; next = loader.next()) {
        sum = sum.plus(evaluator.evaluate(next));
        progress.count(
            "images",
            sum.images(),
            images.size(),
            "top-1 error " + Numbers.percent(sum.top1Error()));
      }
    }
    return sum;
  }

  private void print(StepResult result, int networks, Duration time) {
    double speed = result.images() * 1e9 / time.toNanos();
    if (json) {
      console.json(
          ImmutableMap.of(
              "images", result.images(),
              "networks", networks,
              "views", views == Views.TEN ? Augmentation.VIEWS : 1,
              "loss", result.loss(),
              "top1Error", result.top1Error(),
              "top5Error", result.top5Error(),
              "imagesPerSecond", speed));
    } else {
      console.result(
          String.format(
              Locale.ROOT,
              "%d images, %s%s: error %s top-1, %s top-5, loss %s (%s images/s)",
              result.images(),
              networks > 1 ? networks + " networks, " : "",
              views == Views.TEN ? "ten views" : "centre view",
              Numbers.percent(result.top1Error()),
              Numbers.percent(result.top5Error()),
              Numbers.fixed(result.loss(), 4),
              Numbers.fixed(speed, 1)));
    }
  }
}
