package org.alexnet4j.cli;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.eval.Views;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.report.TextTable;
import org.alexnet4j.train.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a small two-tower network on drawings and shows what it learned. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Trains a small two-tower network on generated images, then classifies ten of them.",
      "Needs no data and no GPU; takes about two minutes on two cores. Takes train's options."
    })
final class DemoCommand implements Callable<Integer> {
  private static final int SHOWN = 10;

  private final Console console;
  private final StopRequest stop;

  @Option(
      names = "--data",
      paramLabel = "DATA",
      defaultValue = "synthetic:test=500",
      description = "As in train (default: synthetic:test=500, the generated set).")
  private String data;

  @Mixin private ClassesOption classes;

  @Mixin private NetworkOptions network;
  @Mixin private DeviceOptions devices;
  @Mixin private TrainingOptions training;

  DemoCommand(Console console, StopRequest stop) {
    this.console = console;
    this.stop = stop;
  }

  @Override
  public Integer call() throws IOException {
    TrainingSession session = new TrainingSession(console, stop, network, devices, training);
    TrainingSession.Result result = session.run(classes.applyTo(data), "demo");
    if (result.outcome().stopped()) {
      session.print(result);
      return ExitCode.OK.code();
    }
    List<Predictions.Prediction> predictions = predict(result);
    if (training.isJson()) {
      ImmutableMap.Builder<String, Object> json = ImmutableMap.builder();
      console.json(
          json.putAll(TrainingSession.json(result)).put("predictions", predictions).build());
      return ExitCode.OK.code();
    }
    print(predictions);
    session.print(result);
    Path run = result.options().run();
    console.message("more: ./alexnet eval --run " + run + " --data " + data + " --views ten");
    console.message("      ./alexnet predict --run " + run + " IMAGE...");
    return ExitCode.OK.code();
  }

  private List<Predictions.Prediction> predict(TrainingSession.Result result) throws IOException {
    Path file = new RunFolder(result.options().run()).latest().orElseThrow();
    LoadedNetwork.Source source = LoadedNetwork.Source.read(file, network);
    int side = source.configuration().network().sourceSize();
    try (Dataset images =
            Datasets.open(classes.applyTo(data), DataOptions.heldOut().withSource(side));
        LoadedNetwork loaded = source.open(result.options().devices(), SHOWN, Purpose.INFER, 0)) {
      return Predictions.of(loaded, images, SHOWN, Views.CENTRE, 1).stream()
          .map(p -> named(loaded, p))
          .toList();
    }
  }

  /** Puts the name of its class where an image's own name says nothing to a person. */
  private static Predictions.Prediction named(
      LoadedNetwork network, Predictions.Prediction prediction) {
    return new Predictions.Prediction(
        network.className(prediction.label()), prediction.label(), prediction.guesses());
  }

  private void print(List<Predictions.Prediction> predictions) {
    TextTable table = new TextTable("held-out image of", "taken for", "probability", "");
    for (Predictions.Prediction prediction : predictions) {
      Predictions.Guess guess = prediction.guesses().get(0);
      boolean right = guess.name().equals(prediction.image());
      table.row(
          prediction.image(),
          guess.name(),
          Numbers.percent(guess.probability()),
          right ? "right" : "wrong");
    }
    console.result(table.toString());
  }
}
