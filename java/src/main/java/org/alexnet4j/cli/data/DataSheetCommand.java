package org.alexnet4j.cli.data;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.option.ClassesOption;
import org.alexnet4j.cli.option.Inputs;
import org.alexnet4j.cli.option.NetworkOptions;
import org.alexnet4j.cli.option.OutputFile;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.ContactSheet;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.train.TrainingWindows;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Draws training images as the network will see them. */
@Command(
    name = "sheet",
    mixinStandardHelpOptions = true,
    description = {
      "Draws the first images of an epoch as the network will see them.",
      "They are cropped, mirrored and have colour noise; the mean is not subtracted, so that a person",
      "can see them, too."
    })
public final class DataSheetCommand implements Callable<Integer> {
  private final Console console;

  @Parameters(paramLabel = "DATA", description = "Any data that train takes.")
  private String data;

  @Mixin private ClassesOption classes;
  @Mixin private NetworkOptions network;

  @Option(
      names = "--out",
      paramLabel = "FILE",
      defaultValue = "sheet.png",
      description = "The picture, .png or .jpg (default: sheet.png).")
  private Path out;

  @Option(
      names = "--count",
      paramLabel = "N",
      defaultValue = "40",
      description = "How many images (default: 40).")
  private int count;

  @Option(
      names = "--epoch",
      paramLabel = "N",
      defaultValue = "1",
      description = "Which epoch, from 1 (default: 1).")
  private int epoch;

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "2012",
      description = "Seed of the run (default: 2012).")
  private long seed;

  public DataSheetCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    ContactSheet.format(out); // before the work
    Inputs inputs = new Inputs().data(data).file(network.file());
    OutputFile.require("--out", out, inputs, ".png", ".jpg", ".jpeg");
    network.refuseForImages();
    Configuration configuration = network.readOr("paper-2012");
    DataOptions options = DataOptions.train().withSource(configuration.network().sourceSize());
    try (Dataset train = Datasets.open(classes.applyTo(data), options)) {
      Augmentation windows = TrainingWindows.of(configuration, train);
      ContactSheet.write(train, windows, seed, epoch - 1, count, out);
    }
    console.result(out.toString());
    return ExitCode.OK.code();
  }
}
