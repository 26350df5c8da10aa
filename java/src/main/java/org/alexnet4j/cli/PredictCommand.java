package org.alexnet4j.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.device.Devices;
import org.alexnet4j.eval.Views;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.report.TextTable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Classifies image files. */
@Command(
    name = "predict",
    mixinStandardHelpOptions = true,
    description = "Classifies image files (JPEG, PNG, GIF, BMP, TIFF) with trained weights.")
final class PredictCommand implements Callable<Integer> {
  private static final int MAX_BATCH = 32;

  private final Console console;

  @Mixin private WeightsOptions weights;
  @Mixin private NetworkOptions network;
  @Mixin private DeviceOptions devices;

  @Parameters(arity = "1..*", paramLabel = "IMAGE", description = "Image files.")
  private List<Path> images;

  @Option(
      names = "--top",
      paramLabel = "K",
      defaultValue = "5",
      description = "Guesses per image (default: 5).")
  private int top;

  @Option(
      names = "--views",
      paramLabel = "V",
      defaultValue = "CENTRE",
      description = "centre or ten (default: centre).")
  private Views views;

  @Option(names = "--json", description = "Print the result as one JSON array.")
  private boolean json;

  PredictCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    if (top < 1) {
      throw new CommandException(ExitCode.USAGE, "--top is " + top + "; allowed: 1 or more");
    }
    Path file = weights.file(console::message);
    LoadedNetwork.Source source = LoadedNetwork.Source.read(file, network);
    int batch = Math.min(images.size(), MAX_BATCH);
    int side = source.configuration().network().sourceSize();
    try (Dataset files = Datasets.files(images, side)) {
      Devices.Choice choice = devices.choose(source.towers(), console);
      try (LoadedNetwork loaded = source.open(choice, batch, Purpose.INFER, 0).requireMean(file)) {
        print(Predictions.of(loaded, files, images.size(), views, top));
      }
    }
    return ExitCode.OK.code();
  }

  private void print(List<Predictions.Prediction> predictions) {
    if (json) {
      console.json(predictions);
      return;
    }
    TextTable table = new TextTable("image", "probability", "class");
    for (Predictions.Prediction prediction : predictions) {
      String image = prediction.image();
      for (Predictions.Guess guess : prediction.guesses()) {
        table.row(image, Numbers.percent(guess.probability()), guess.name());
        image = "";
      }
    }
    console.result(table.toString());
  }
}
