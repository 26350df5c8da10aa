package org.alexnet4j.cli.run;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.ProgressLine;
import org.alexnet4j.cli.option.DeviceOptions;
import org.alexnet4j.cli.option.Inputs;
import org.alexnet4j.cli.option.OutputFile;
import org.alexnet4j.cli.option.RunArgument;
import org.alexnet4j.cli.option.SplitData;
import org.alexnet4j.cli.option.WatchedDataset;
import org.alexnet4j.cli.option.WeightsOptions;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.eval.Features;
import org.alexnet4j.eval.Network;
import org.alexnet4j.eval.RowList;
import org.alexnet4j.plan.Extent;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.train.DataNotes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Writes what a layer computes for every image of a data set. */
@Command(
    name = "features",
    mixinStandardHelpOptions = true,
    description = {
      "Writes what a layer computes for every image of a data set.",
      "Each image is seen through its centre window, towers are joined, values are float32. The file",
      "is NumPy's, one row per image in the order of the data set; beside it FILE.npy.tsv has class",
      "number, class and name of each row."
    })
public final class FeaturesCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private RunArgument run;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      required = true,
      description = "A folder, a tar archive of one, or synthetic: for the generated set.")
  private String data;

  @Option(
      names = "--split",
      paramLabel = "S",
      defaultValue = "HELD_OUT",
      description = "Which part: held_out or train (default: held_out).")
  private DataOptions.Split split;

  @Option(
      names = "--layer",
      paramLabel = "NAME",
      description =
          "A layer, as describe lists them, or as torchvision or Caffe name it: features.0, relu6"
              + " (default: the last hidden one).")
  private String layer;

  @Option(
      names = "--out",
      paramLabel = "FILE.npy",
      required = true,
      description = "The file to write.")
  private Path out;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "32",
      description = "Images per pass (default: 32).")
  private int batch;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  @Mixin private DeviceOptions devices;

  public FeaturesCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    Inputs inputs = new Inputs().data(data).run(run.required());
    OutputFile.require("--out", out, inputs, ".npy");
    OutputFile.requireApart("the list beside --out", RowList.beside(out), inputs);
    Path file = WeightsOptions.newest(run.required(), console::message);
    Network.Source source = Network.Source.read(file, Optional.empty());
    DataOptions options =
        DataOptions.train()
            .withSplit(split)
            .withSource(source.configuration().network().sourceSize());
    try (Dataset images = SplitData.open(data, options);
        Network loaded =
            source.open(devices.choose(source.towers(), console), batch, Purpose.INSPECT, 0)) {
      loaded.requireMean(file);
      loaded.towers().choices().forEach(console::message);
      DataNotes notes = new DataNotes(images, console::message);
      notes.say();
      Features features = new Features(loaded.towers(), layer);
      Dataset watched =
          new WatchedDataset(images, "images", images.size(), new ProgressLine(console));
      features.write(watched, devices.loaderThreads(), out);
      RowList.write(out, images);
      notes.say(); // of what was decoded
      print(features, images.size());
    }
    return ExitCode.OK.code();
  }

  private void print(Features features, int count) {
    Extent extent = features.extent();
    if (json) {
      console.json(
          ImmutableMap.of(
              "file", out.toString(),
              "layer", features.layer(),
              "images", count,
              "values", extent.count()));
    } else {
      console.result(
          String.format(
              Locale.ROOT, "%s: %s of %d images, %s each", out, features.layer(), count, extent));
    }
  }
}
