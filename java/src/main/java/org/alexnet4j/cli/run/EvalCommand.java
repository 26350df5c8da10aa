package org.alexnet4j.cli.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.alexnet4j.cli.console.CommandException;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ExitCode;
import org.alexnet4j.cli.console.ProgressLine;
import org.alexnet4j.cli.option.ClassesOption;
import org.alexnet4j.cli.option.DeviceOptions;
import org.alexnet4j.cli.option.Inputs;
import org.alexnet4j.cli.option.NetworkOptions;
import org.alexnet4j.cli.option.OutputFile;
import org.alexnet4j.cli.option.SplitData;
import org.alexnet4j.cli.option.WeightsOptions;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.eval.Ensemble;
import org.alexnet4j.eval.Evaluator;
import org.alexnet4j.eval.Mistakes;
import org.alexnet4j.eval.Network;
import org.alexnet4j.eval.PredictionFile;
import org.alexnet4j.eval.ProbabilityRows;
import org.alexnet4j.eval.Protocol;
import org.alexnet4j.eval.SavedPredictions;
import org.alexnet4j.eval.Scores;
import org.alexnet4j.eval.Views;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.run.RunFolder;
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
      "averaged, as in the paper. So are those of several networks (--with), or those that were",
      "written before (--predictions)."
    })
public final class EvalCommand implements Callable<Integer> {
  private static final int BATCH = 64;
  private static final int GUESSES = 5;

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
  @Mixin private ShareTuning.Options tune;

  @Option(
      names = "--split",
      paramLabel = "S",
      defaultValue = "HELD_OUT",
      description = "Which part: held_out or train (default: held_out).")
  private DataOptions.Split split;

  @Option(
      names = "--views",
      paramLabel = "V",
      description = "centre or ten (default: centre, or the protocol's).")
  private Views views;

  @Option(
      names = "--protocol",
      paramLabel = "P",
      description =
          "Bring images to the network as a publication did: paper (shorter side to 256, central"
              + " square, ten views), caffe (warped to 256, centre crop 227) or torchvision (shorter"
              + " side to 256 by Pillow's filter, centre crop 224).")
  private Protocol protocol;

  @Mixin private ErrorSheet errors;

  @Option(names = "--batch", paramLabel = "N", description = "Images per pass (default: 64).")
  private Integer batch;

  @Option(
      names = "--predictions",
      paramLabel = "FILE.npy",
      description =
          "Instead of weights: what eval or predict --out wrote of the same images, as often as"
              + " wanted; probabilities are averaged, by --shares as those of networks.")
  private List<Path> predictions = List.of();

  @Mixin private PredictionsOut out;

  @Option(
      names = "--save",
      paramLabel = "FILE.json",
      description =
          "The result with intervals, data, weights and configuration (default: results.json in the"
              + " run folder; of several networks and of predictions: none).")
  private Path save;

  @Option(names = "--json", description = "Print the result as one JSON object.")
  private boolean json;

  public EvalCommand(Console console) {
    this.console = console;
  }

  @Override
  public Integer call() throws IOException {
    Inputs inputs = weights.addTo(new Inputs().data(data).file(network.file()));
    predictions.forEach(inputs::file);
    out.require(inputs, false);
    errors.require(inputs);
    if (save != null) {
      OutputFile.require("--save", save, inputs, ".json");
    }
    if (predictions.isEmpty()) {
      ofNetworks();
    } else {
      ofFiles();
    }
    return ExitCode.OK.code();
  }

  private void ofNetworks() throws IOException {
    List<Network.Source> sources = sources();
    NetworkSpec first = sources.get(0).configuration().network();
    DataOptions options = DataOptions.train().withSplit(split).withSource(first.sourceSize());
    if (protocol != null) {
      protocol.requireData(data);
      options = protocol.applyTo(options);
      console.message(protocol.text(first));
    }
    int images = batch == null ? BATCH : batch;
    try (Dataset set = SplitData.open(classes.applyTo(data), options);
        LoadedEnsemble loaded = LoadedEnsemble.open(sources, devices, console, images)) {
      DataNotes notes = new DataNotes(set, console::message);
      notes.say();
      List<Evaluator> members = loaded.members(set, data, views());
      int window = first.inputSize();
      ShareTuning tuning =
          tuning(
              set, part -> new Ensemble(members, List.of()).own(part, threads(), images, window));
      Ensemble evaluator =
          new Ensemble(members, tuning == null ? ensemble.shares() : tuning.list());
      List<Path> files = sources.stream().map(Network.Source::file).toList();
      int windows = views() == Views.TEN ? Augmentation.VIEWS : 1;
      EvalResult.Subject subject =
          new EvalResult.Subject(
              classes.applyTo(data),
              set,
              part(),
              sources,
              files,
              ensemble.shares(),
              tuning,
              windows,
              protocol);
      Dataset measured = subject.measured();
      Mistakes mistakes = ErrorSheet.mistakes(measured);
      measure(subject, rows -> evaluate(evaluator, window, measured, rows), mistakes);
      if (errors.isGiven()) {
        errors.draw(mistakes, measured, window, console);
      }
      notes.say(); // of what was decoded
    }
  }

  private List<Network.Source> sources() throws IOException {
    tune.require(1 + ensemble.count(), ensemble.shares());
    List<Network.Source> sources =
        ensemble.read(weights.file(console::message), network, console::message);
    if (protocol == null) {
      return sources;
    }
    if (views != null && views != protocol.views()) {
      String its = protocol.views().name().toLowerCase(Locale.ROOT);
      throw new CommandException(
          ExitCode.USAGE,
          "--views is "
              + views.name().toLowerCase(Locale.ROOT)
              + ", and --protocol looks through "
              + its
              + "; allowed: "
              + its
              + ", or no --protocol");
    }
    return sources.stream()
        .map(s -> s.withInputSize(protocol.window(s.configuration().network())))
        .toList();
  }

  private int threads() {
    return devices.loaderThreads();
  }

  /** Tunes shares if that is asked for; else returns null. */
  private ShareTuning tuning(Dataset set, ShareTuning.Own own) throws IOException {
    return tune.isGiven() ? ShareTuning.of(tune.part(), data, set, own) : null;
  }

  private String part() {
    return split.name().toLowerCase(Locale.ROOT);
  }

  private Views views() {
    return views != null ? views : protocol != null ? protocol.views() : Views.CENTRE;
  }

  private void ofFiles() throws IOException {
    boolean idle =
        weights.isGiven()
            || ensemble.hasOthers()
            || devices.isGiven()
            || views != null
            || batch != null
            || protocol != null
            || errors.isGiven()
            || network.isGiven();
    if (idle) {
      throw new CommandException(
          ExitCode.USAGE,
          "--predictions takes what networks said; allowed beside it: --data, --split, --classes,"
              + " --shares, --tune-shares, --out, --json");
    }
    tune.require(predictions.size(), ensemble.shares());
    DataOptions options = DataOptions.train().withSplit(split);
    try (Dataset set = SplitData.open(classes.applyTo(data), options);
        SavedPredictions saved =
            SavedPredictions.open(predictions, ensemble.shares(), set, console::message)) {
      ShareTuning tuning = tuning(set, saved::own);
      EvalResult.Subject subject =
          new EvalResult.Subject(
              classes.applyTo(data),
              set,
              part(),
              List.of(),
              predictions,
              ensemble.shares(),
              tuning,
              0,
              null);
      Pass pass =
          tuning == null
              ? saved::forEach
              : rows -> saved.forEach(tuning.measured(), tuning.shares().shares(), rows);
      measure(subject, pass, null);
    }
  }

  /** Hands over the probabilities of all images of the set. */
  private interface Pass {
    void run(ProbabilityRows rows) throws IOException;
  }

  private void measure(EvalResult.Subject subject, Pass pass, Mistakes mistakes)
      throws IOException {
    Dataset set = subject.measured();
    long start = System.nanoTime();
    List<ProbabilityRows> others = new ArrayList<>();
    try (PredictionFile file =
        out.file().isEmpty()
            ? null
            : PredictionFile.create(out.file().get(), set, set.classes(), GUESSES)) {
      if (file != null) {
        others.add(file);
      }
      if (errors.isGiven()) {
        others.add(mistakes);
      }
      Scores scores = new Scores(set, others);
      ProgressLine progress = new ProgressLine(console);
      pass.run(
          (first, count, probabilities) -> {
            scores.at(first, count, probabilities);
            StepResult sum = scores.sum();
            String error = "top-1 error " + Numbers.percent(sum.top1Error());
            progress.count("images", sum.images(), set.size(), error);
          });
      if (file != null) {
        file.commit();
        console.message(out.said(set.size(), set.classes().size()));
      }
      Duration time = Duration.ofNanos(System.nanoTime() - start);
      print(new EvalResult(subject, scores.sum(), time));
    }
  }

  private void evaluate(Ensemble evaluator, int size, Dataset set, ProbabilityRows rows)
      throws IOException {
    int first = 0;
    try (BatchLoader loader =
        BatchLoader.sequential(set, batch == null ? BATCH : batch)
            .threads(threads())
            .augmentation(Augmentation.centre(size))) {
      for (Batch next = loader.next(); next != null; next = loader.next()) {
        rows.at(first, next.count(), evaluator.probabilities(next));
        first += next.count();
      }
    }
  }

  private void print(EvalResult result) throws IOException {
    if (json) {
      console.json(result.json());
    } else {
      console.result(result.text());
    }
    Optional<Path> run = weights.run().filter(folder -> predictions.isEmpty());
    if (save != null) {
      AtomicFile.writeText(save, result.file());
      console.message("results in " + save);
    } else if (run.isPresent() && !ensemble.hasOthers()) {
      if (!Files.isWritable(run.get())) {
        console.message(run.get() + " cannot be written, so no results.json; --save FILE.json");
        return;
      }
      Path file = new RunFolder(run.get()).results();
      boolean before = Files.exists(file);
      AtomicFile.writeText(file, result.file());
      console.message("results in " + file + (before ? ", in place of those before" : ""));
    }
  }
}
