package org.alexnet4j.train;

import com.google.common.collect.Lists;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import org.alexnet4j.config.ConfigDifference;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.TrainingSpec;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.DataException;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.MeanImage;
import org.alexnet4j.data.Statistics;
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
      requireHeldOut(configuration, test);
      try (RunLock lock = prepareFolder()) {
        lock.removeUnfinished();
        Optional<Resumed> resumed = newest();
        Plan plan =
            Planner.plan(
                configuration.network(),
                batch,
                Purpose.TRAIN,
                configuration.mean(),
                options.seed());
        try (Towers towers = Towers.create(plan, options.devices())) {
          towers.exchangeNotes().forEach(listener::note);
          return run(configuration, towers, train, test, resumed);
        }
      }
    }
  }

  private void requireHeldOut(Configuration configuration, Dataset test) throws DataException {
    if (configuration.training().plateau().isPresent() && test.size() == 0) {
      throw new DataException(
          options.data(), "has no held-out images", "some, because training.plateau needs them");
    }
  }

  /** Creates the folder, or finds the one to resume, and keeps others out of it. */
  private RunLock prepareFolder() throws IOException {
    if (options.resume() && folder.checkpoints().isEmpty()) {
      throw new FormatException(
          folder.path(), "--resume", "there is no checkpoint in this run folder");
    }
    boolean occupied = !folder.checkpoints().isEmpty() || Files.exists(folder.metrics());
    RunFolder.create(folder.path());
    RunLock lock = RunLock.acquire(folder, listener::note);
    if (!options.resume() && occupied) {
      lock.close();
      throw new IllegalArgumentException(
          "run folder " + folder.path() + " has a run in it; add --resume or name another folder");
    }
    return lock;
  }

  /** A checkpoint to go on from. */
  private record Resumed(Path file, Checkpoint.Content content) {}

  /** Returns the newest whole checkpoint; damaged ones above it are set aside and named. */
  private Optional<Resumed> newest() throws IOException {
    if (!options.resume()) {
      return Optional.empty();
    }
    List<Path> damaged = new ArrayList<>();
    FormatException first = null;
    for (Path file : Lists.reverse(folder.checkpoints())) {
      try {
        Resumed found = new Resumed(file, Checkpoint.readContent(file));
        for (Path other : damaged) {
          Files.move(other, other.resolveSibling(other.getFileName() + ".damaged"));
        }
        if (first != null) {
          listener.note("set aside as .damaged: " + first.getMessage());
          listener.note("going on from the checkpoint before it, " + file);
        }
        return Optional.of(found);
      } catch (FormatException e) {
        damaged.add(file);
        first = first == null ? e : first;
      }
    }
    throw first;
  }

  private Outcome run(
      Configuration configuration,
      Towers towers,
      Dataset train,
      Dataset test,
      Optional<Resumed> resumed)
      throws IOException {
    DataNotes notes = new DataNotes(train, listener);
    notes.say();
    ParameterStore store = new ParameterStore(towers);
    String data = DataFingerprint.of(train);
    Checkpoint.Content content =
        resumed.isEmpty()
            ? start(configuration, store, train, data)
            : resume(configuration, store, resumed.get(), train, data);
    towers.mean(content.mean());
    AtomicFile.writeText(folder.config(), content.configuration());
    AtomicFile.writeText(
        folder.environment(),
        Environment.describe(options, configuration, towers.links(), train, test));

    TrainingSpec spec = configuration.training();
    long begin = content.progress().step();
    try (BatchLoader loader = loader(configuration, train, content.progress());
        MetricsLog metrics = new MetricsLog(folder, begin);
        CheckpointWriter writer =
            new CheckpointWriter(
                folder,
                new CheckpointList(folder, options.checkpoints(), loader.stepsPerEpoch()),
                metrics,
                towers,
                begin)) {
      if (resumed.isPresent()) {
        logChanges(resumed.get().content(), content, metrics);
      }
      int perEpoch = loader.stepsPerEpoch();
      Schedule schedule = new Schedule(spec, content.schedule());
      Trainer trainer = new Trainer(towers, schedule, perEpoch, content.progress());
      long total = options.steps() > 0 ? options.steps() : (long) spec.epochs() * perEpoch;
      listener.started(towers.plan(), train.size(), test.size(), content.progress().step(), total);
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
              progress -> loader(configuration, train, progress));
      Outcome outcome = loop.run(loader, total);
      notes.say();
      return outcome;
    }
  }

  /** Lists what another configuration changes, for the person and in the metrics. */
  private void logChanges(Checkpoint.Content before, Checkpoint.Content now, MetricsLog metrics)
      throws IOException {
    JsonObject line = new JsonObject();
    line.addProperty("kind", "change");
    line.addProperty("step", now.progress().step());
    line.addProperty("epoch", now.progress().epoch());
    boolean matters = false;
    for (ConfigDifference difference :
        ConfigDifference.between(
            ConfigReader.text("the checkpoint's configuration", before.configuration()),
            ConfigReader.text("the configuration", now.configuration()))) {
      String change = difference.first() + " to " + difference.second();
      listener.note("from step " + now.progress().step() + ": " + difference.key() + " " + change);
      // More epochs change no step, so that runs of other lengths compare as equal.
      if (!difference.key().equals("training.epochs")) {
        line.addProperty(difference.key(), change);
        matters = true;
      }
    }
    if (matters) {
      metrics.other(line);
    }
  }

  private Checkpoint.Content start(
      Configuration configuration, ParameterStore store, Dataset train, String data)
      throws IOException {
    Initializer.initialize(store, options.seed(), true);
    return new Checkpoint.Content(
        Progress.START,
        options.seed(),
        ConfigWriter.write(configuration),
        train.classes(),
        mean(configuration, train),
        Schedule.State.START,
        data,
        OptionalDouble.empty());
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
      Configuration configuration,
      ParameterStore store,
      Resumed resumed,
      Dataset train,
      String data)
      throws IOException {
    Checkpoint.Content content = resumed.content();
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
    if (!content.data().equals(data)) {
      throw new DataException(
          options.data(), "has other images than the run's data", "the data the run began with");
    }
    int batch = configuration.training().batch();
    int began = ConfigReader.text("checkpoint", content.configuration()).training().batch();
    if (batch != began && content.progress().stepInEpoch() != 0) {
      throw new IllegalArgumentException(
          "batch is "
              + batch
              + ", the checkpoint lies inside an epoch of batch "
              + began
              + "; the batch may change between epochs only");
    }
    Checkpoint.readParameters(resumed.file(), store, true);
    for (Path log : List.of(folder.metrics(), folder.exchange())) {
      if (Files.exists(log)) {
        JsonLines.retain(log, line -> line.get("step").getAsLong() < content.progress().step());
      }
    }
    return new Checkpoint.Content(
        content.progress(),
        content.seed(),
        ConfigWriter.write(configuration),
        content.classes(),
        content.mean(),
        content.schedule(),
        data,
        content.heldOutError());
  }

  private BatchLoader loader(Configuration configuration, Dataset train, Progress progress)
      throws IOException {
    return BatchLoader.of(train, configuration.training().batch())
        .seed(options.seed())
        .threads(options.loaderThreads())
        .augmentation(TrainingWindows.of(configuration, train))
        .epochs(Integer.MAX_VALUE)
        .startAt(progress.epoch(), progress.stepInEpoch());
  }
}
