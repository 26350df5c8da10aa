package org.alexnet4j.cli.run;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.cli.option.ClassesOption;
import org.alexnet4j.cli.option.DeviceOptions;
import org.alexnet4j.cli.option.NetworkOptions;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.eval.Network;
import org.alexnet4j.eval.Predictor;
import org.alexnet4j.eval.Views;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.report.TextTable;
import org.alexnet4j.run.RunFolder;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a small two-tower network on drawings and shows what it learned. */
@Command(
    name = "demo",
    mixinStandardHelpOptions = true,
    description = {
      "Trains a small two-tower network on drawings and shows what it learned.",
      "It needs no data and no GPU, takes about two minutes on two cores, and ends with the guesses",
      "for ten images. It takes train's options."
    })
public final class DemoCommand implements Callable<Integer> {
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

  public DemoCommand(Console console, StopRequest stop) {
    this.console = console;
    this.stop = stop;
  }

  @Override
  public Integer call() throws IOException {
    TrainingSession session = new TrainingSession(console, stop, network, devices, training);
    TrainingSession.Result result = session.run(classes.applyTo(data), "demo", Optional.empty());
    if (result.outcome().stopped()) {
      session.print(result);
      session.printPage(result);
      return ExitCode.OK.code();
    }
    List<Predictor.Prediction> predictions = predict(result);
    if (training.isJson()) {
      ImmutableMap.Builder<String, Object> json = ImmutableMap.builder();
      console.json(
          json.putAll(TrainingSession.json(result)).put("predictions", predictions).build());
      return ExitCode.OK.code();
    }
    print(predictions);
    session.print(result);
    Path run = result.options().run();
    console.message("more: ./alexnet eval " + run + " --data " + data + " --views ten");
    console.message("      ./alexnet predict " + run + " IMAGE...");
    session.printPage(result);
    return ExitCode.OK.code();
  }

  private List<Predictor.Prediction> predict(TrainingSession.Result result) throws IOException {
    Path file = new RunFolder(result.options().run()).latest().orElseThrow();
    Network.Source source = Network.Source.read(file, Optional.empty());
    int side = source.configuration().network().sourceSize();
    try (Dataset images =
            Datasets.open(classes.applyTo(data), DataOptions.heldOut().withSource(side));
        Network trained = source.open(result.options().devices(), SHOWN, Purpose.INFER, 0)) {
      trained.requireMean(file);
      return trained.predictor(Views.CENTRE).predict(images, SHOWN, 1).stream()
          .map(prediction -> named(trained, prediction))
          .toList();
    }
  }

  /** Puts the name of its class where an image's own name says nothing to a person. */
  private static Predictor.Prediction named(Network trained, Predictor.Prediction prediction) {
    return new Predictor.Prediction(
        trained.className(prediction.label()), prediction.label(), prediction.guesses());
  }

  private void print(List<Predictor.Prediction> predictions) {
    TextTable table = new TextTable("held-out image of", "taken for", "probability", "");
    for (Predictor.Prediction prediction : predictions) {
      Predictor.Guess guess = prediction.guesses().get(0);
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
