package org.alexnet4j.cli.run;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.ProgressLine;
import org.alexnet4j.cli.option.DeviceOptions;
import org.alexnet4j.cli.option.ImageArguments;
import org.alexnet4j.cli.option.Inputs;
import org.alexnet4j.cli.option.NetworkOptions;
import org.alexnet4j.cli.option.WatchedDataset;
import org.alexnet4j.cli.option.WeightsOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.device.Devices;
import org.alexnet4j.eval.Network;
import org.alexnet4j.eval.PredictionFile;
import org.alexnet4j.eval.Predictor;
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
    description = {
      "Classifies images with trained weights.",
      "It takes files (JPEG, PNG, GIF, BMP, TIFF, PNM) and folders of them.",
      "With --out it says in a file what it says of any number of images; that of a labelled set,",
      "with its errors, eval --out writes."
    })
public final class PredictCommand implements Callable<Integer> {
  private static final int MAX_BATCH = 32;

  private final Console console;

  @Mixin private NetworkOptions network;
  @Mixin private DeviceOptions devices;

  @Parameters(
      arity = "1..*",
      paramLabel = "[RUN] IMAGE",
      description =
          "A run folder, unless --run or --weights names one; image files; folders, whose images"
              + " are taken, not those of folders in them; patterns in quotes, as in 'photos/*.jpg'.")
  private List<Path> arguments;

  @Option(
      names = "--run",
      paramLabel = "RUN",
      description = "A run folder; its newest checkpoint is used.")
  private Path run;

  @Option(
      names = "--weights",
      paramLabel = "FILE",
      description = "Instead of a run: a checkpoint made by train.")
  private Path weights;

  @Option(names = "--top", paramLabel = "K", description = "Guesses per image (default: 5).")
  private Integer top;

  @Mixin private PredictionsOut out;

  @Option(
      names = "--views",
      paramLabel = "V",
      defaultValue = "CENTRE",
      description = "centre or ten (default: centre).")
  private Views views;

  @Option(
      names = "--json",
      description = "Print the result as one JSON array; with --out as one object.")
  private boolean json;

  public PredictCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    int guesses = top == null ? 5 : top;
    if (guesses < 1) {
      throw new CommandException(ExitCode.USAGE, "--top is " + top + "; allowed: 1 or more");
    }
    ImageArguments images = ImageArguments.of(arguments, run != null || weights != null);
    Optional<Path> folder = run != null ? Optional.of(run) : images.run();
    Path file = WeightsOptions.file(folder, weights, console::message);
    List<Path> found = images.find(console);
    Inputs inputs = new Inputs().file(file).file(network.file());
    found.forEach(inputs::file);
    if (folder.isPresent()) {
      inputs.run(folder.get());
    }
    out.require(inputs, top != null);
    Network.Source source = Network.Source.read(file, network.ofWeights(), network.change());
    int side = source.configuration().network().sourceSize();
    try (Dataset files = Datasets.files(found, side)) {
      Devices.Choice choice = devices.choose(source.towers(), console);
      int batch = Math.min(found.size(), MAX_BATCH);
      try (Network loaded = source.open(choice, batch, Purpose.INFER, 0)) {
        loaded.towers().choices().forEach(console::message);
        Predictor predictor = loaded.requireMean(file).predictor(views);
        if (out.file().isPresent()) {
          write(predictor, loaded, files, guesses);
        } else {
          print(predictor.predict(files, found.size(), guesses));
        }
      }
    }
    return ExitCode.OK.code();
  }

  private void write(Predictor predictor, Network loaded, Dataset files, int guesses)
      throws IOException {
    Dataset watched = new WatchedDataset(files, "images", files.size(), new ProgressLine(console));
    List<String> classes = loaded.classes();
    try (PredictionFile written =
        PredictionFile.create(out.file().get(), files, classes, guesses)) {
      predictor.forEach(watched, written);
      written.commit();
    }
    if (json) {
      console.json(
          ImmutableMap.of(
              "file", out.file().get().toString(),
              "images", files.size(),
              "classes", classes.size()));
    } else {
      console.result(out.said(files.size(), classes.size()));
    }
  }

  private void print(List<Predictor.Prediction> predictions) {
    if (json) {
      console.json(predictions);
      return;
    }
    TextTable table = new TextTable("image", "probability", "class");
    for (Predictor.Prediction prediction : predictions) {
      String image = prediction.image();
      for (Predictor.Guess guess : prediction.guesses()) {
        table.row(image, Numbers.percent(guess.probability()), guess.name());
        image = "";
      }
    }
    console.result(table.toString());
  }
}
