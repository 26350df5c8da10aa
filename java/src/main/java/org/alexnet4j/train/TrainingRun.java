package org.alexnet4j.train;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.alexnet4j.config.AugmentationSpec;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.TrainingSpec;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.ColourNoise;
import org.alexnet4j.data.DataException;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.MeanImage;
import org.alexnet4j.data.Statistics;
import org.alexnet4j.eval.Evaluator;
import org.alexnet4j.eval.Views;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
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
  private static final int KEPT_CHECKPOINTS = 2;

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
    Configuration asked = options.configuration();
    DataOptions data = DataOptions.train().withSource(asked.network().sourceSize());
    try (Dataset train = Datasets.open(options.data(), data);
        Dataset test = Datasets.open(options.data(), data.withSplit(DataOptions.Split.HELD_OUT))) {
      Configuration configuration =
          asked.withNetwork(asked.network().withClasses(train.classes().size()));
      int batch = configuration.training().batch();
      if (train.size() < batch) {
        throw new DataException(
            options.data(),
            "has " + train.size() + " training images",
            "at least one batch of " + batch + " (see --batch)");
      }
      Path checkpoint = prepareFolder();
      Plan plan =
          Planner.plan(
              configuration.network(), batch, Purpose.TRAIN, configuration.mean(), options.seed());
      try (Towers towers = Towers.create(plan, options.devices().ids())) {
        return run(configuration, towers, train, test, checkpoint);
      }
    }
  }

  /** Creates the folder; returns the checkpoint to resume from, or null. */
  private Path prepareFolder() throws IOException {
    Path latest = folder.latest().orElse(null);
    if (options.resume() && latest == null) {
      throw new FormatException(
          folder.path(), "--resume", "there is no checkpoint in this run folder");
    }
    if (!options.resume() && (latest != null || Files.exists(folder.metrics()))) {
      throw new IllegalArgumentException(
          "run folder " + folder.path() + " has a run in it; add --resume or name another folder");
    }
    RunFolder.create(folder.path());
    return latest;
  }

  private Outcome run(
      Configuration configuration, Towers towers, Dataset train, Dataset test, Path checkpoint)
      throws IOException {
    ParameterStore store = new ParameterStore(towers);
    Checkpoint.Content content =
        checkpoint == null
            ? start(configuration, store, train)
            : resume(configuration, store, checkpoint, train);
    towers.mean(content.mean());
    AtomicFile.writeText(folder.config(), content.configuration());
    AtomicFile.writeText(
        folder.environment(), Environment.describe(options, configuration, train, test));

    TrainingSpec spec = configuration.training();
    try (BatchLoader loader = loader(configuration, train, content.progress());
        MetricsLog metrics = new MetricsLog(folder, content.progress().step())) {
      int perEpoch = loader.stepsPerEpoch();
      Trainer trainer = new Trainer(towers, spec, perEpoch, content.progress());
      long total = options.steps() > 0 ? options.steps() : (long) spec.epochs() * perEpoch;
      listener.started(towers.plan(), train.size(), test.size(), content.progress().step(), total);
      Loop loop = new Loop(trainer, store, content, metrics, towers, test);
      return loop.run(loader, total);
    }
  }

  private Checkpoint.Content start(Configuration configuration, ParameterStore store, Dataset train)
      throws IOException {
    Initializer.initialize(store, options.seed(), true);
    return new Checkpoint.Content(
        Progress.START,
        options.seed(),
        ConfigWriter.write(configuration),
        train.classes(),
        mean(configuration, train));
  }

  /** Returns the mean that the data come with, or computes it. */
  private float[] mean(Configuration configuration, Dataset train) throws IOException {
    int threads = options.loaderThreads();
    boolean channel = configuration.mean() == Mean.CHANNEL;
    Optional<Statistics> known = train.statistics();
    if (known.isPresent()) {
      return channel ? known.get().perChannel() : known.get().perPixel();
    }
    return channel
        ? MeanImage.ofSome(train, CHANNEL_MEAN_IMAGES, threads).perChannel()
        : MeanImage.of(train, threads).perPixel();
  }

  private Checkpoint.Content resume(
      Configuration configuration, ParameterStore store, Path checkpoint, Dataset train)
      throws IOException {
    Checkpoint.Content content = Checkpoint.readContent(checkpoint);
    if (content.seed() != options.seed()) {
      throw new IllegalArgumentException(
          "the run has seed "
              + content.seed()
              + ", asked is "
              + options.seed()
              + "; a run keeps its seed");
    }
    if (!content.classes().equals(train.classes())) {
      throw new DataException(
          options.data(), "has other classes than the run's data", "the data the run began with");
    }
    Checkpoint.readParameters(checkpoint, store, true);
    if (Files.exists(folder.metrics())) {
      JsonLines.retain(
          folder.metrics(), line -> line.get("step").getAsLong() < content.progress().step());
    }
    return new Checkpoint.Content(
        content.progress(),
        content.seed(),
        ConfigWriter.write(configuration),
        content.classes(),
        content.mean());
  }

  private BatchLoader loader(Configuration configuration, Dataset train, Progress progress)
      throws IOException {
    return BatchLoader.of(train, configuration.training().batch())
        .seed(options.seed())
        .threads(options.loaderThreads())
        .augmentation(augmentation(configuration, train))
        .epochs(Integer.MAX_VALUE)
        .startAt(progress.epoch(), progress.stepInEpoch());
  }

  private static Augmentation augmentation(Configuration configuration, Dataset train)
      throws IOException {
    AugmentationSpec spec = configuration.augmentation();
    int size = configuration.network().inputSize();
    if (!spec.randomCrop()) {
      return Augmentation.centre(size);
    }
    Augmentation augmentation = Augmentation.paper2012(size).withChunk(spec.chunk());
    augmentation = spec.lastOffset() ? augmentation.withLastOffset() : augmentation;
    augmentation = spec.flip() ? augmentation : augmentation.withoutFlip();
    if (!spec.colourNoise()) {
      return augmentation;
    }
    Optional<Statistics> known = train.statistics();
    return augmentation.withNoise(
        known.isPresent() ? known.get().components().noise() : ColourNoise.imageNet());
  }

  /** The steps of one call, from where the run stands to its end. */
  private final class Loop {
    private final Trainer trainer;
    private final ParameterStore store;
    private final Checkpoint.Content content;
    private final MetricsLog metrics;
    private final Towers towers;
    private final Dataset test;
    private StepResult lastTest = StepResult.NONE;
    private long trainedImages;
    private long trainedNanos;

    Loop(
        Trainer trainer,
        ParameterStore store,
        Checkpoint.Content content,
        MetricsLog metrics,
        Towers towers,
        Dataset test) {
      this.trainer = trainer;
      this.store = store;
      this.content = content;
      this.metrics = metrics;
      this.towers = towers;
      this.test = test;
    }

    Outcome run(BatchLoader loader, long total) throws IOException {
      boolean stopped = false;
      long saved = trainer.progress().step();
      while (trainer.progress().step() < total && !stopped) {
        step(loader);
        Progress now = trainer.progress();
        boolean epochEnds = now.stepInEpoch() == 0;
        boolean last = now.step() == total;
        if (epochEnds || last) {
          evaluate(now);
        }
        stopped = listener.stopRequested();
        boolean due =
            options.checkpointEvery() > 0 ? now.step() % options.checkpointEvery() == 0 : epochEnds;
        if (due || last || stopped) {
          save(now);
          saved = now.step();
        }
      }
      if (saved != trainer.progress().step()) {
        save(trainer.progress());
      }
      double seconds = trainedNanos / 1e9;
      double waited = loader.waited().toNanos() / 1e9;
      return new Outcome(
          trainer.progress(),
          lastTest,
          stopped,
          seconds > 0 ? trainedImages / seconds : 0,
          seconds > 0 ? waited / seconds : 0);
    }

    private void step(BatchLoader loader) throws IOException {
      long start = System.nanoTime();
      Progress before = trainer.progress();
      float rate = trainer.rate();
      long waitedBefore = loader.waited().toNanos();
      Batch batch = loader.next();
      StepResult result = trainer.step(batch);
      long nanos = System.nanoTime() - start;
      trainedNanos += nanos;
      trainedImages += result.images();
      double speed = result.images() * 1e9 / nanos;
      double waited = (loader.waited().toNanos() - waitedBefore) / (double) nanos;
      metrics.train(before, result, rate, speed, waited);
      listener.step(before.step(), before.epoch(), result, rate, speed, waited);
    }

    private void evaluate(Progress now) throws IOException {
      if (test.size() == 0) {
        return;
      }
      Evaluator evaluator = new Evaluator(towers, Views.CENTRE);
      StepResult sum = StepResult.NONE;
      try (BatchLoader loader =
          BatchLoader.sequential(test, towers.plan().batch())
              .threads(options.loaderThreads())
              .augmentation(Augmentation.centre(towers.plan().spec().inputSize()))) {
        for (Batch batch : loader) {
          sum = sum.plus(evaluator.evaluate(batch));
        }
      }
      lastTest = sum;
      Progress last = new Progress(now.step() - 1, now.epoch(), now.stepInEpoch());
      metrics.test(last, sum);
      listener.evaluated(now.step(), now.epoch(), sum);
    }

    private void save(Progress now) throws IOException {
      Path file = folder.checkpoint(now.step());
      Checkpoint.Content snapshot =
          new Checkpoint.Content(
              now, content.seed(), content.configuration(), content.classes(), content.mean());
      Checkpoint.write(file, store, snapshot, true);
      folder.keepNewest(KEPT_CHECKPOINTS);
      listener.saved(file);
    }
  }
}
