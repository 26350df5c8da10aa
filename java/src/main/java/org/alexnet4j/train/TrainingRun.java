package org.alexnet4j.train;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.StageSpec;
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
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.ranks.RankCards;
import org.alexnet4j.ranks.RankTexts;
import org.alexnet4j.ranks.Ranks;
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
    this.listener =
        options.ranks().isPresent()
            ? new AgreedListener(options.ranks().get(), listener)
            : listener;
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
   * @param options what is trained, how and where
   * @param listener hears how it gets on
   * @return where the run stands at its end
   * @throws DataException if data are missing or damaged
   * @throws FormatException if the checkpoint is damaged or of another network
   * @throws DivergedException if the loss is no number any more
   */
  public static Outcome run(RunOptions options, RunListener listener) throws IOException {
    return new TrainingRun(options, listener).run();
  }

  private Outcome run() throws IOException {
    if (options.ranks().isPresent() && !options.explain().isEmpty()) {
      throw new IllegalArgumentException(
          "steps are to be explained, which one process does alone; leave that out, or run without"
              + " other ranks");
    }
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
      StageData stages = new StageData(train, configuration.training(), options.seed());
      requireBatches(configuration.training(), train.size());
      if (train.size() < batch) {
        throw new DataException(
            options.data(),
            "has " + train.size() + " training images",
            "at least one batch of " + batch + " (see --batch)");
      }
      requireHeldOut(configuration.training(), train, test);
      Plan plan =
          Planner.plan(
                  configuration.network(),
                  batch,
                  Purpose.TRAIN,
                  configuration.mean(),
                  options.seed(),
                  configuration.training().slicing(),
                  options.part())
              .in(configuration.training().arithmetic());
      Optional<StartFrom> start = Optional.empty();
      if (configuration.start().isPresent() && !options.resume()) {
        start =
            Optional.of(
                StartFrom.of(configuration.start().get(), TensorSpec.of(plan), listener::note));
      }
      Optional<NewestCheckpoint> resumed = Optional.empty();
      if (options.resume()) {
        resumed = Optional.of(run.newest(plan, train.size()));
        Checkpoint.Content content = resumed.get().content();
        run.requireSame(content, configuration, train);
        if (isDone(configuration.training(), content) && !content.evaluationDue()) {
          if (options.ranks().isPresent() && options.leads()) {
            RankedRun.sendNothing(options.ranks().get());
          }
          return nothingToDo(content.progress());
        }
      }
      ScheduleState seen = resumed.map(r -> r.content().schedule()).orElse(ScheduleState.START);
      requireExplained(
          resumed.map(r -> r.content().progress().step()).orElse(0L), total(stages, seen));
      if (options.ranks().isPresent()) {
        Ranks ranks = options.ranks().get();
        if (options.leads()) {
          RankedRun.send(ranks, options, resumed.map(NewestCheckpoint::file));
        }
        listener.note(
            RankCards.require(
                ranks,
                Map.of(
                    "training images",
                    DataFingerprint.of(train),
                    "held-out images",
                    test.size() == 0 ? "none" : DataFingerprint.of(test))));
      }
      try (Towers towers = Towers.create(plan, options.devices(), options.ranks())) {
        towers.notes().forEach(listener::note);
        return run(claim, configuration, towers, stages, test, start, resumed);
      }
    }
  }

  private long total(StageData stages, ScheduleState seen) {
    return options.steps() > 0 ? options.steps() : stages.steps(seen);
  }

  private boolean isDone(TrainingSpec spec, Checkpoint.Content content) {
    Schedule schedule = new Schedule(spec, content.schedule());
    return options.steps() > 0
        ? content.progress().step() >= options.steps() || schedule.stopped().isPresent()
        : schedule.isOver(content.progress().epoch());
  }

  /**
   * {@return whether a run has nothing left of its schedule, however its last session ended}
   *
   * @param spec how it is trained
   * @param content of its newest checkpoint
   */
  public static boolean isOver(TrainingSpec spec, Checkpoint.Content content) {
    return new Schedule(spec, content.schedule()).isOver(content.progress().epoch())
        && !content.evaluationDue();
  }

  /** Refuses a stage that takes fewer images than a batch has. */
  private void requireBatches(TrainingSpec spec, int images) throws DataException {
    for (int i = 0; i < spec.stages().size(); i++) {
      int taken = spec.stages().get(i).imagesOf(images);
      if (taken < spec.batch()) {
        throw new DataException(
            options.data(),
            "has " + images + " training images, of which stage " + (i + 1) + " takes " + taken,
            "at least one batch of " + spec.batch() + " (see --batch)");
      }
    }
  }

  private void requireExplained(long first, long end) {
    for (long step : options.explain()) {
      if (step < first && !options.again() || step >= end) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "step %d, which is to be explained, is not done; allowed: %d to %d, the steps of"
                    + " this session",
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

  private void requireHeldOut(TrainingSpec spec, Dataset train, Dataset test) throws DataException {
    boolean patience =
        spec.stages().stream()
            .filter(stage -> stage.imagesOf(train.size()) == train.size())
            .anyMatch(stage -> stage.end().orElse(null) instanceof StageSpec.Patience);
    boolean stop = spec.stop().isPresent();
    if ((spec.plateau().isPresent() || stop || patience) && test.size() == 0) {
      String needs =
          spec.plateau().isPresent()
              ? "plateau needs"
              : stop ? "stop needs" : "stages: end.patience needs";
      throw new DataException(
          options.data(), "has no held-out images", "some, because training." + needs + " them");
    }
  }

  private Outcome run(
      RunClaim claim,
      Configuration configuration,
      Towers towers,
      StageData stages,
      Dataset test,
      Optional<StartFrom> start,
      Optional<NewestCheckpoint> resumed)
      throws IOException {
    Dataset train = stages.train();
    DataNotes notes = new DataNotes(train, listener::note);
    notes.say();
    configuration
        .stated()
        .filter(stated -> stated.units() != configuration.network().classes())
        .ifPresent(stated -> listener.note(otherClasses(stated, configuration)));
    ParameterStore store = new ParameterStore(towers);
    Checkpoint.Content content;
    if (resumed.isEmpty()) {
      content = start(configuration, store, start, train);
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
        Environment.describe(options, configuration, start, towers, train, test),
        content.progress().step());
    Schedule schedule = new Schedule(configuration.training(), content.schedule());
    Trainer trainer =
        new Trainer(
            towers,
            schedule,
            epoch -> stages.stepsPerEpoch(schedule.stage(epoch)),
            content.progress());
    try {
      Outcome outcome =
          loop(
              claim,
              configuration,
              towers,
              stages,
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
      StageData stages,
      Dataset test,
      Optional<NewestCheckpoint> resumed,
      Checkpoint.Content content,
      Schedule schedule,
      Trainer trainer,
      DataNotes notes)
      throws IOException {
    long begin = content.progress().step();
    EpochFeed.Loaders loaders = loaders(configuration, towers, stages, schedule);
    try (EpochFeed feed = new EpochFeed(loaders);
        MetricsLog metrics = new MetricsLog(folder, begin);
        CheckpointWriter writer =
            new CheckpointWriter(
                folder,
                new CheckpointList(folder, options.checkpoints(), trainer.stepsPerEpoch()),
                metrics,
                towers,
                begin,
                options)) {
      if (resumed.isPresent()) {
        claim.keep();
        new ResumedRun(options, folder, listener)
            .logChanges(resumed.get().content(), content, metrics);
      }
      long total = total(stages, content.schedule());
      listener.started(towers.plan(), stages.train().size(), test.size(), begin, total);
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
              stages,
              loaders,
              claim::keep);
      Outcome outcome = loop.run(feed, options.steps());
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

  private Checkpoint.Content start(
      Configuration configuration, ParameterStore store, Optional<StartFrom> start, Dataset train)
      throws IOException {
    Initializer.initialize(store, options.seed(), true);
    if (start.isPresent()) {
      start.get().write(store);
    }
    return new Checkpoint.Content(
        Progress.START,
        options.seed(),
        ConfigWriter.write(configuration),
        train.classes(),
        sharedMean(configuration, train),
        ScheduleState.START,
        DataFingerprint.of(train),
        OptionalDouble.empty());
  }

  /** Returns the mean; of several ranks the first one reads images for it. */
  private float[] sharedMean(Configuration configuration, Dataset train) throws IOException {
    float[] mean =
        options.leads() ? mean(configuration, train, options.loaderThreads(), listener) : null;
    if (options.ranks().isEmpty()) {
      return mean;
    }
    Ranks ranks = options.ranks().get();
    byte[] own = mean == null ? null : new byte[Float.BYTES * mean.length];
    if (mean != null) {
      ByteBuffer.wrap(own).asFloatBuffer().put(mean);
    }
    FloatBuffer shared =
        ByteBuffer.wrap(RankTexts.ofFirst(ranks, Ranks.CONTROL, own)).asFloatBuffer();
    float[] values = new float[shared.remaining()];
    shared.get(values);
    return values;
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

  private EpochFeed.Loaders loaders(
      Configuration configuration, Towers towers, StageData stages, Schedule schedule) {
    return new EpochFeed.Loaders() {
      @Override
      public int stage(int epoch) {
        return schedule.state().stages().stageAt(epoch);
      }

      @Override
      public BatchLoader at(Progress progress) throws IOException {
        Optional<StageSpec> stage = schedule.stage(progress.epoch());
        Dataset images = stages.images(stage);
        boolean noisy =
            stage.map(StageSpec::colourNoise).orElse(configuration.augmentation().colourNoise());
        BatchLoader loader =
            BatchLoader.of(images, configuration.training().batch())
                .seed(options.seed())
                .threads(options.loaderThreads())
                .augmentation(TrainingWindows.of(configuration, images, noisy))
                .epochs(Integer.MAX_VALUE)
                .startAt(progress.epoch(), progress.stepInEpoch())
                .part(options.part().rank(), options.part().ranks());
        return Feeding.feed(
            configuration.training().shortBatches() ? loader.keepShort() : loader, towers);
      }
    };
  }
}
