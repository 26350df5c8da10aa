package org.alexnet4j.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.TrainingSpec;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.MeanImage;
import org.alexnet4j.data.Statistics;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.eval.Feeding;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.OutputFolder;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.DivergedException;
import org.alexnet4j.run.NewestCheckpoint;
import org.alexnet4j.run.Progress;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.run.RunSessions;
import org.alexnet4j.run.ScheduleState;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.tower.Towers;

/**
 * Trains a configuration on a data set into a run folder: start values or a checkpoint, epochs with
 * an evaluation after each, metrics, checkpoints. Stopped at any step and resumed, it gives the
 * same bits as if it had never stopped.
 *
 * <p>Threads: one caller.
 */
public final class TrainingRun {
  /** A mean per channel averages over pixels as well, so some images are enough. */
  private static final int CHANNEL_MEAN_IMAGES = 1000;

  private final RunOptions options;
  private final RunListener listener;
  private final RunFolder folder;

  private TrainingRun(RunOptions options, RunListener listener) throws IOException {
    this.options = options;
    this.listener = listener;
    this.folder = new RunFolder(options.run());
  }

  /**
   * How a run ended.
   *
   * @param progress what the next step would be
   * @param test the last evaluation, or {@link StepResult#NONE}
   * @param stopped whether the listener asked for the end
   * @param imagesPerSecond training images over the time of all steps, evaluation not counted
   * @param loaderShare share of that time in which training waited for images
   */
  public record Outcome(
      Progress progress,
      StepResult test,
      boolean stopped,
      double imagesPerSecond,
      double loaderShare) {}

  /**
   * Runs to the end, or until the listener asks to stop.
   *
   * @throws DataException if data are missing or damaged
   * @throws FormatException if the checkpoint is damaged or of another network
   * @throws DivergedException if the loss is no number any more
   */
  public static Outcome run(RunOptions options, RunListener listener) throws IOException {
    return new TrainingRun(options, listener).run();
  }

  private Outcome run() throws IOException {
    Optional<Path> source = Datasets.path(options.data());
    if (source.isPresent()) {
      OutputFolder.requireApart(options.run(), source.get());
    }
    try (RunClaim claim = RunClaim.take(folder, options.resume(), options.again(), listener)) {
      return run(claim);
    }
  }

  private Outcome run(RunClaim claim) throws IOException {
    Configuration asked = options.configuration();
    DataOptions data = DataOptions.train().withSource(asked.network().sourceSize());
    try (Dataset train = Datasets.open(options.data(), data);
        Dataset test = Datasets.open(options.data(), data.withSplit(DataOptions.Split.HELD_OUT))) {
      ResumedRun run = new ResumedRun(options, folder, listener);
      if (options.resume()) {
        run.requireClasses(train);
      }
      int classes = train.classes().size();
      Configuration configuration =
          asked
              .requireClasses(classes, options.data())
              .withNetwork(asked.network().withClasses(classes));
      int batch = configuration.training().batch();
      if (train.size() < batch) {
        throw new DataException(
            options.data(),
            "has " + train.size() + " training images",
            "at least one batch of " + batch + " (see --batch)");
      }
      requireHeldOut(configuration, test);
      Plan plan =
          Planner.plan(
              configuration.network(), batch, Purpose.TRAIN, configuration.mean(), options.seed());
      Optional<NewestCheckpoint> resumed = Optional.empty();
      if (options.resume()) {
        resumed = Optional.of(run.newest(plan, train.size()));
        Checkpoint.Content content = resumed.get().content();
        run.requireSame(content, configuration, train);
        if (content.progress().step() >= total(configuration, train) && !content.evaluationDue()) {
          return nothingToDo(content.progress());
        }
      }
      requireExplained(
          resumed.map(r -> r.content().progress().step()).orElse(0L), total(configuration, train));
      try (Towers towers = Towers.create(plan, options.devices())) {
        towers.notes().forEach(listener::note);
        return run(claim, configuration, towers, train, test, resumed);
      }
    }
  }

  private long total(Configuration configuration, Dataset train) {
    TrainingSpec spec = configuration.training();
    long perEpoch = train.size() / spec.batch();
    return options.steps() > 0 ? options.steps() : spec.epochs() * perEpoch;
  }

  private void requireExplained(long first, long end) {
    for (long step : options.explain()) {
      if (step < first && !options.again() || step >= end) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "step %d, which is to be explained, is not done; allowed: %d to %d, the steps of this"
                    + " session",
                step,
                first,
                end - 1));
      }
    }
  }

  private Outcome nothingToDo(Progress progress) {
    listener.note("nothing to do: " + progress.step() + " steps done");
    return new Outcome(progress, StepResult.NONE, false, 0, 0);
  }

  private void requireHeldOut(Configuration configuration, Dataset test) throws DataException {
    if (configuration.training().plateau().isPresent() && test.size() == 0) {
      throw new DataException(
          options.data(), "has no held-out images", "some, because training.plateau needs them");
    }
  }

  private Outcome run(
      RunClaim claim,
      Configuration configuration,
      Towers towers,
      Dataset train,
      Dataset test,
      Optional<NewestCheckpoint> resumed)
      throws IOException {
    DataNotes notes = new DataNotes(train, listener::note);
    notes.say();
    configuration
        .stated()
        .filter(stated -> stated.units() != configuration.network().classes())
        .ifPresent(stated -> listener.note(otherClasses(stated, configuration)));
    ParameterStore store = new ParameterStore(towers);
    Checkpoint.Content content;
    if (resumed.isEmpty()) {
      content = start(configuration, store, train);
      claim.begins();
    } else {
      content =
          new ResumedRun(options, folder, listener)
              .restore(resumed.get(), configuration, store, train);
    }
    towers.mean(content.mean());
    RunSessions sessions = RunSessions.readOrSetAside(folder, listener::note);
    AtomicFile.writeText(folder.config(), content.configuration());
    sessions.begin(
        Environment.describe(options, configuration, towers.links(), train, test),
        content.progress().step());
    TrainingSpec spec = configuration.training();
    Schedule schedule = new Schedule(spec, content.schedule());
    Trainer trainer =
        new Trainer(towers, schedule, train.size() / spec.batch(), content.progress());
    try {
      Outcome outcome =
          loop(
              claim,
              configuration,
              towers,
              train,
              test,
              resumed,
              content,
              schedule,
              trainer,
              notes);
      sessions.end(outcome.stopped() ? "stopped" : "done", outcome.progress().step());
      return outcome;
    } catch (IOException | RuntimeException | Error e) {
      try {
        sessions.end("failed: " + e, trainer.progress().step());
      } catch (IOException also) {
        e.addSuppressed(also);
      }
      throw e;
    }
  }

  private Outcome loop(
      RunClaim claim,
      Configuration configuration,
      Towers towers,
      Dataset train,
      Dataset test,
      Optional<NewestCheckpoint> resumed,
      Checkpoint.Content content,
      Schedule schedule,
      Trainer trainer,
      DataNotes notes)
      throws IOException {
    long begin = content.progress().step();
    try (BatchLoader loader = loader(configuration, towers, train, content.progress());
        MetricsLog metrics = new MetricsLog(folder, begin);
        CheckpointWriter writer =
            new CheckpointWriter(
                folder,
                new CheckpointList(folder, options.checkpoints(), loader.stepsPerEpoch()),
                metrics,
                towers,
                begin)) {
      if (resumed.isPresent()) {
        claim.keep();
        new ResumedRun(options, folder, listener)
            .logChanges(resumed.get().content(), content, metrics);
      }
      long total = total(configuration, train);
      listener.started(towers.plan(), train.size(), test.size(), begin, total);
      notes.say(); // of what the mean image read
      TrainingLoop loop =
          new TrainingLoop(
              options,
              listener,
              folder,
              configuration,
              towers,
              schedule,
              trainer,
              content,
              metrics,
              writer,
              test,
              progress -> loader(configuration, towers, train, progress),
              claim::keep);
      Outcome outcome = loop.run(loader, total);
      notes.say();
      return outcome;
    }
  }

  private static String otherClasses(
      Configuration.StatedClasses stated, Configuration configuration) {
    return String.format(
        Locale.ROOT,
        "%s has %d units, one for each class of the data, not the configuration's %d",
        stated.layer(),
        configuration.network().classes(),
        stated.units());
  }

  private Checkpoint.Content start(Configuration configuration, ParameterStore store, Dataset train)
      throws IOException {
    Initializer.initialize(store, options.seed(), true);
    return new Checkpoint.Content(
        Progress.START,
        options.seed(),
        ConfigWriter.write(configuration),
        train.classes(),
        mean(configuration, train, options.loaderThreads(), listener),
        ScheduleState.START,
        DataFingerprint.of(train),
        OptionalDouble.empty());
  }

  /** Returns the mean that the data come with, or computes it. */
  static float[] mean(Configuration configuration, Dataset train, int threads, RunListener listener)
      throws IOException {
    boolean channel = configuration.mean() == Mean.CHANNEL;
    Optional<Statistics> known = train.statistics();
    if (known.isPresent()) {
      return channel ? known.get().perChannel() : known.get().perPixel();
    }
    int most = channel ? Math.min(CHANNEL_MEAN_IMAGES, train.size()) : train.size();
    Dataset watched = listener.watched(train, "images for the mean", most);
    return channel
        ? MeanImage.ofSome(watched, CHANNEL_MEAN_IMAGES, threads).perChannel()
        : MeanImage.of(watched, threads).perPixel();
  }

  private BatchLoader loader(
      Configuration configuration, Towers towers, Dataset train, Progress progress)
      throws IOException {
    return BatchLoader.of(train, configuration.training().batch())
        .seed(options.seed())
        .threads(options.loaderThreads())
        .augmentation(TrainingWindows.of(configuration, train))
        .epochs(Integer.MAX_VALUE)
        .startAt(progress.epoch(), progress.stepInEpoch())
        .memory(Feeding.memory(towers));
  }
}
