package org.alexnet4j.cli.run;

import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.Failures;
import org.alexnet4j.cli.console.ProgressLine;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.cli.option.SplitData;
import org.alexnet4j.cli.option.WatchedDataset;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.config.EnsembleSpec;
import org.alexnet4j.config.EnsembleSpec.Mix;
import org.alexnet4j.config.ExperimentSpec;
import org.alexnet4j.config.ExperimentSpec.Measure;
import org.alexnet4j.config.ExperimentSpec.Variant;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.device.Devices;
import org.alexnet4j.eval.Evaluator;
import org.alexnet4j.eval.Figure4;
import org.alexnet4j.eval.Network;
import org.alexnet4j.eval.PredictionFile;
import org.alexnet4j.eval.Scores;
import org.alexnet4j.eval.Views;
import org.alexnet4j.experiment.RunEvaluation;
import org.alexnet4j.experiment.RunEvaluation.Kind;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.tower.StepResult;

/**
 * What an experiment makes of a run that has ended, beside its metrics: predictions through the
 * views that a variant or an ensemble asks for, and the pictures of figure 4. Each is made once and
 * kept in the run's folder; what a stop or a crash interrupts is not there, and is made by the next
 * start.
 */
final class RunEvaluations {
  private static final int BATCH = 64;
  private static final int GUESSES = 5;

  private final Console console;
  private final StopRequest stop;
  private final ExperimentSpec spec;
  private final int threads;
  private final boolean alone;

  /**
   * Makes none yet.
   *
   * @param threads threads that read images
   * @param alone whether nothing else writes to the console
   */
  RunEvaluations(
      Console console, StopRequest stop, ExperimentSpec spec, int threads, boolean alone) {
    this.console = console;
    this.stop = stop;
    this.spec = spec;
    this.threads = threads;
    this.alone = alone;
  }

  /**
   * A run that has ended.
   *
   * @param images names the data
   */
  record Ended(Variant variant, long seed, Path folder, String images) {}

  /** Returns what is to be made of a run. */
  Set<Kind> kinds(Variant variant, long seed) {
    Set<Kind> kinds = EnumSet.noneOf(Kind.class);
    if (variant.tenViews()) {
      kinds.add(Kind.TEN);
    }
    if (spec.measure() == Measure.FIGURE_4) {
      kinds.add(Kind.FIGURE_4);
    }
    for (EnsembleSpec ensemble : spec.ensembles()) {
      for (Mix mix : ensemble.mixes()) {
        if (mix.members().contains(new EnsembleSpec.Member(variant.name(), seed))) {
          kinds.add(Kind.views(ensemble.looksTen(variant)));
        }
      }
    }
    return kinds;
  }

  /** Says what will be made of all runs; empty for nothing. */
  String forecast() {
    Map<Kind, Integer> counts = new LinkedHashMap<>();
    for (Variant variant : spec.variants()) {
      for (long seed : variant.seeds()) {
        kinds(variant, seed).forEach(kind -> counts.merge(kind, 1, Integer::sum));
      }
    }
    StringBuilder text = new StringBuilder();
    counts.forEach((kind, count) -> text.append("\n" + text(kind) + ": " + count + " of the runs"));
    return text.toString();
  }

  private static String text(Kind kind) {
    return switch (kind) {
      case CENTRE -> "predictions through the centre view";
      case TEN -> "predictions through ten views";
      case FIGURE_4 -> "pictures of figure 4";
    };
  }

  /** Returns whether all of it is there. */
  boolean isMade(Ended run) throws IOException {
    return missing(run, damage -> {}).isEmpty();
  }

  private Set<Kind> missing(Ended run, Consumer<String> notes) throws IOException {
    Set<Kind> kinds = kinds(run.variant, run.seed);
    Set<Kind> missing = EnumSet.noneOf(Kind.class);
    if (kinds.isEmpty()) {
      return missing;
    }
    Map<String, Object> of = of(run, source(run));
    for (Kind kind : kinds) {
      RunEvaluation kept = new RunEvaluation(run.folder, kind);
      try {
        if (!kept.isOf(of)) {
          missing.add(kind);
        }
      } catch (FormatException e) { // what was made once can be made again
        notes.accept("damaged and made anew: " + Failures.line(e));
        missing.add(kind);
      }
    }
    return missing;
  }

  private static Network.Source source(Ended run) throws IOException {
    return Network.Source.read(new RunFolder(run.folder).latest().orElseThrow(), Optional.empty());
  }

  /** Says of which weights and images an evaluation is. */
  private static Map<String, Object> of(Ended run, Network.Source source) throws IOException {
    Map<String, Object> of = new LinkedHashMap<>();
    of.put("step", RunFolder.step(source.file()));
    of.put("seed", run.seed);
    of.put("data", Datasets.absolute(run.images));
    of.put(
        "configurationSha256",
        Hashing.sha256()
            .hashString(ConfigWriter.write(source.configuration()), StandardCharsets.UTF_8)
            .toString());
    return of;
  }

  /**
   * Forgets what was made of a run that is about to be trained, perhaps on other devices.
   *
   * @throws IOException if a file cannot be removed
   */
  static void forget(Path folder) throws IOException {
    for (Kind kind : Kind.values()) {
      Files.deleteIfExists(new RunEvaluation(folder, kind).file());
    }
  }

  /**
   * Makes what is missing.
   *
   * @return whether all of it is there; not after a stop
   */
  boolean make(Ended run, Devices.Choice devices) throws IOException {
    Set<Kind> missing = missing(run, console::message);
    if (missing.isEmpty()) {
      return true;
    }
    Network.Source source = source(run);
    int side = source.configuration().network().sourceSize();
    DataOptions options = DataOptions.train().withSource(side);
    try (Dataset heldOut =
        SplitData.open(run.images, options.withSplit(DataOptions.Split.HELD_OUT))) {
      for (Kind kind : missing) {
        if (stop.isRequested()) {
          return false;
        }
        RunEvaluation kept = new RunEvaluation(run.folder, kind);
        console.message(
            String.format(
                Locale.ROOT,
                "%s: %s, %s",
                run.folder.getFileName(),
                text(kind),
                Numbers.counted(heldOut.size(), "image", "images")));
        Files.createDirectories(kept.file().getParent());
        if (kind == Kind.FIGURE_4) {
          try (Dataset train = Datasets.open(run.images, options)) {
            draw(run, source, heldOut, watched(train), kept, devices);
          } catch (CancellationException e) { // by the stop that was asked for
            return false;
          }
        } else if (!predict(run, source, heldOut, kept, devices)) {
          return false;
        }
      }
    }
    return true;
  }

  private Dataset watched(Dataset train) {
    return alone
        ? new WatchedDataset(train, "images", train.size(), new ProgressLine(console))
        : train;
  }

  private void draw(
      Ended run,
      Network.Source source,
      Dataset heldOut,
      Dataset train,
      RunEvaluation kept,
      Devices.Choice devices)
      throws IOException {
    try (Network network = source.open(devices, BATCH, Purpose.INSPECT, 0)) {
      network.requireMean(source.file()).requireClasses(heldOut, run.images);
      kept.keep(
          of(run, source),
          Figure4.of(network.towers(), heldOut, train, threads, stop::isRequested));
    }
  }

  private boolean predict(
      Ended run, Network.Source source, Dataset heldOut, RunEvaluation kept, Devices.Choice devices)
      throws IOException {
    Views views = kept.kind() == Kind.TEN ? Views.TEN : Views.CENTRE;
    int window = source.configuration().network().inputSize();
    try (Network network = source.open(devices, BATCH, Purpose.INFER, 0);
        PredictionFile file =
            PredictionFile.create(kept.predictions(), heldOut, heldOut.classes(), GUESSES);
        BatchLoader loader =
            BatchLoader.sequential(heldOut, BATCH)
                .threads(threads)
                .augmentation(Augmentation.centre(window))) {
      network.requireMean(source.file()).requireClasses(heldOut, run.images);
      Evaluator evaluator = new Evaluator(network.towers(), views);
      Scores scores = new Scores(heldOut, List.of(file));
      ProgressLine progress = new ProgressLine(console);
      int first = 0;
      for (Batch next = loader.next(); next != null; next = loader.next()) {
        if (stop.isRequested()) {
          return false;
        }
        scores.at(first, next.count(), evaluator.probabilities(next));
        first += next.count();
        if (alone) {
          progress.count("images", first, heldOut.size());
        }
      }
      file.commit();
      kept.keep(of(run, source), errors(scores.sum()));
    }
    return true;
  }

  /** Returns a sum as it is kept. */
  static RunEvaluation.Errors errors(StepResult sum) {
    return new RunEvaluation.Errors(sum.images(), sum.top1Error(), sum.top5Error(), sum.loss());
  }
}
