package org.alexnet4j.cli.run;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.Failures;
import org.alexnet4j.cli.console.ProgressLine;
import org.alexnet4j.cli.option.DeviceOptions;
import org.alexnet4j.cli.option.ImageArguments;
import org.alexnet4j.cli.option.RunArgument;
import org.alexnet4j.cli.option.SplitData;
import org.alexnet4j.cli.option.WatchedDataset;
import org.alexnet4j.cli.option.WeightsOptions;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.eval.Distance;
import org.alexnet4j.eval.FeatureIndex;
import org.alexnet4j.eval.Features;
import org.alexnet4j.eval.Nearest;
import org.alexnet4j.eval.Network;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.report.TextTable;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.train.DataNotes;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Finds the images that a network thinks alike. */
@Command(
    name = "similar",
    mixinStandardHelpOptions = true,
    description = {
      "Finds the images that a network takes to be like a given one.",
      "Near is meant by Euclidean distance in the last hidden layer (paper, section 6.1) unless",
      "--layer and --distance say otherwise. The first search writes the features of all images",
      "into the run folder, below index/; later ones read them."
    })
public final class SimilarCommand implements Callable<Integer> {
  private final Console console;

  @Mixin private RunArgument run;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      required = true,
      description = "Where to search: a folder, a tar archive of one, or synthetic:.")
  private String data;

  @Option(
      names = "--split",
      paramLabel = "S",
      defaultValue = "TRAIN",
      description = "Which part to search: held_out or train (default: train).")
  private DataOptions.Split split;

  @Option(
      names = "--image",
      paramLabel = "FILE",
      required = true,
      description = "An image to find others like, or a folder of such; as often as wanted.")
  private List<Path> images;

  @Option(
      names = "--layer",
      paramLabel = "NAME",
      description = "The layer, as features takes it (default: the last hidden one).")
  private String layer;

  @Option(
      names = "--distance",
      paramLabel = "D",
      defaultValue = "EUCLIDEAN",
      description =
          "euclidean, cosine, or hellinger: of square roots that are brought to length 1"
              + " (default: euclidean).")
  private Distance distance;

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "6",
      description = "Images to find for each (default: 6).")
  private int top;

  @Option(
      names = "--batch",
      paramLabel = "N",
      defaultValue = "32",
      description = "Images per pass (default: 32).")
  private int batch;

  @Option(names = "--json", description = "Print the result as one JSON array.")
  private boolean json;

  @Mixin private DeviceOptions devices;

  public SimilarCommand(Console console) {
    this.console = console;
  }

  /** One image that was found. */
  record Found(String image, int rank, double distance, String className, String similar) {}

  @Override
  public Integer call() throws IOException {
    if (top < 1) {
      throw new CommandException(ExitCode.USAGE, "--top is " + top + "; allowed: 1 or more");
    }
    Path file = WeightsOptions.newest(run.required(), console::message);
    Network.Source source = Network.Source.read(file, Optional.empty());
    int side = source.configuration().network().sourceSize();
    DataOptions options = DataOptions.train().withSplit(split).withSource(side);
    List<Path> files = new ImageArguments(Optional.empty(), images).find(console);
    try (Dataset asked = Datasets.files(files, side);
        Dataset known = SplitData.open(data, options);
        Network loaded =
            source.open(devices.choose(source.towers(), console), batch, Purpose.INSPECT, 0)) {
      loaded.requireMean(file);
      loaded.towers().choices().forEach(console::message);
      Features features = new Features(loaded.towers(), layer);
      FeatureIndex index =
          FeatureIndex.of(
              new RunFolder(run.required()).index(), step(file), features.layer(), known);
      DataNotes notes = new DataNotes(known, console::message);
      notes.say();
      if (!index.isBuilt()) {
        build(index, features, known);
      }
      print(find(asked, known, features, index));
      notes.say(); // of what was decoded
    }
    return ExitCode.OK.code();
  }

  private void build(FeatureIndex index, Features features, Dataset known) throws IOException {
    console.message(
        String.format(
            Locale.ROOT,
            "building the index of %s images: %s",
            Numbers.grouped(known.size()),
            index.file()));
    Dataset watched = new WatchedDataset(known, "images", known.size(), new ProgressLine(console));
    index.build(features, watched, devices.loaderThreads());
  }

  private static String step(Path checkpoint) {
    return "step" + RunFolder.step(checkpoint);
  }

  private List<Found> find(Dataset asked, Dataset known, Features features, FeatureIndex index)
      throws IOException {
    int width = features.extent().count();
    List<float[]> points = new ArrayList<>();
    features.of(
        asked,
        1,
        (first, count, values) -> {
          for (int i = 0; i < count; i++) {
            points.add(Arrays.copyOfRange(values, i * width, (i + 1) * width));
          }
        });
    List<List<Nearest.Row>> nearest;
    try {
      nearest = index.nearest(points, top, known.size(), distance);
    } catch (IOException e) { // what was built once can be built again
      console.message("damaged and built anew: " + Failures.line(e));
      build(index, features, known);
      nearest = index.nearest(points, top, known.size(), distance);
    }
    List<Found> found = new ArrayList<>();
    for (int q = 0; q < nearest.size(); q++) {
      int rank = 0;
      for (Nearest.Row row : nearest.get(q)) {
        int place = (int) row.index();
        int label = known.label(place);
        String name = label < 0 ? "" : known.classes().get(label);
        found.add(new Found(asked.name(q), ++rank, row.distance(), name, known.name(place)));
      }
    }
    return found;
  }

  private void print(List<Found> found) {
    if (json) {
      console.json(found);
      return;
    }
    TextTable table = new TextTable("image", "rank", "distance", "class", "similar image");
    for (Found one : found) {
      String image = one.rank == 1 ? one.image : "";
      table.row(image, one.rank, Numbers.fixed(one.distance, 3), one.className, one.similar);
    }
    console.result(table.toString());
  }
}
