package org.alexnet4j.train;

import com.google.common.collect.ImmutableSet;
import com.google.common.math.Quantiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.MeanImage;
import org.alexnet4j.device.Devices;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.Progress;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.run.ScheduleState;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.tower.Towers;

/**
 * Measures what logs and checkpoints cost a training run: one network in one process trains blocks
 * of steps alternately with the training loop of {@code alexnet train}, which writes metrics,
 * events, exchange table and checkpoints, and with nothing but its steps. A block is one interval
 * between checkpoints; with recording it has two of them, halfway and at its end, and waits until
 * the last one is whole, which a run does only once. A round is four blocks: with, without,
 * without, with. By hand, on a machine with nothing else to do:
 *
 * <pre>java -cp ... org.alexnet4j.train.RecordingCost FOLDER PRESET INTERVAL ROUNDS</pre>
 */
public final class RecordingCost {
  private static final long SEED = 7;
  private static final int WARM_UP = 3;

  private final TrainingLoop loop;
  private final Trainer recorded;
  private final Trainer alone;
  private final EpochFeed feed;
  private final int interval;
  private final StepTime inSteps;

  /**
   * Both trainers have the same towers; each counts its own steps, as a gap in those of the loop
   * would look to it like a disk that is far behind.
   */
  private RecordingCost(
      TrainingLoop loop,
      Trainer recorded,
      Trainer alone,
      EpochFeed feed,
      int interval,
      StepTime inSteps) {
    this.loop = loop;
    this.recorded = recorded;
    this.alone = alone;
    this.feed = feed;
    this.interval = interval;
    this.inSteps = inSteps;
  }

  /** Adds up what the steps of recorded blocks took. */
  private static final class StepTime implements RunListener {
    private double seconds;

    @Override
    public void step(
        long step, int epoch, StepResult result, float rate, double speed, double waited) {
      seconds += result.images() / speed;
    }
  }

  /** Returns the seconds of a block. */
  private double block(boolean on) throws IOException {
    long start = System.nanoTime();
    if (on) {
      loop.run(feed, recorded.progress().step() + interval);
    } else {
      for (int i = 0; i < interval; i++) {
        alone.step(feed.next(alone.progress()));
      }
    }
    return (System.nanoTime() - start) / 1e9;
  }

  private void measure(int rounds, int batch) throws IOException {
    for (int i = 0; i < WARM_UP; i++) { // until the code that runs is compiled code
      block(true);
      block(false);
    }
    inSteps.seconds = 0;
    double sumOn = 0;
    List<Double> longer = new ArrayList<>();
    for (int round = 0; round < rounds; round++) {
      double on = block(true);
      double off = block(false) + block(false);
      on += block(true);
      sumOn += on;
      longer.add(100 * (on / off - 1));
      System.out.printf(
          Locale.ROOT,
          "round %d: %.2f images/s without, %.2f with, %+.2f %% of the time%n",
          round,
          2 * batch * interval / off,
          2 * batch * interval / on,
          longer.get(round));
    }
    Map<Integer, Double> quartiles = Quantiles.quartiles().indexes(1, 2, 3).compute(longer);
    System.out.printf(
        Locale.ROOT,
        "with logs and checkpoints a step takes %+.2f %% longer (median of %d rounds; quartiles"
            + " %+.2f, %+.2f); %.2f %% of the time with them was between steps%n",
        quartiles.get(2),
        rounds,
        quartiles.get(1),
        quartiles.get(3),
        100 * (1 - inSteps.seconds / sumOn));
  }

  private static void measure(Path run, String preset, int interval, int rounds)
      throws IOException {
    Configuration configuration = ConfigReader.preset(preset);
    int batch = configuration.training().batch();
    RunOptions options =
        new RunOptions(
            configuration,
            // An epoch is an interval; an evaluation is neither step nor record, so there is none.
            "synthetic:train=" + batch * interval + ",test=0",
            Devices.choose("cpu:0", 2),
            SEED,
            run,
            0,
            false,
            new CheckpointPolicy(interval, 2, false, 0),
            ImmutableSet.of(),
            1);
    DataOptions data = DataOptions.train().withSource(configuration.network().sourceSize());
    StepTime listener = new StepTime();
    RunFolder.create(run);
    RunFolder folder = new RunFolder(run);
    try (Dataset train = Datasets.open(options.data(), data);
        Dataset none = Datasets.open(options.data(), data.withSplit(DataOptions.Split.HELD_OUT))) {
      configuration =
          configuration.withNetwork(configuration.network().withClasses(train.classes().size()));
      Plan plan =
          Planner.plan(configuration.network(), batch, Purpose.TRAIN, configuration.mean(), SEED);
      MeanImage mean = MeanImage.ofSome(train, batch, 1);
      Checkpoint.Content content =
          new Checkpoint.Content(
              Progress.START,
              SEED,
              ConfigWriter.write(configuration),
              train.classes(),
              configuration.mean() == Mean.CHANNEL ? mean.perChannel() : mean.perPixel(),
              ScheduleState.START,
              DataFingerprint.of(train),
              OptionalDouble.empty());
      try (Towers towers = Towers.create(plan, options.devices());
          EpochFeed feed = new EpochFeed(loaders(options, configuration, train));
          MetricsLog metrics = new MetricsLog(folder, 0);
          CheckpointWriter writer =
              new CheckpointWriter(
                  folder,
                  new CheckpointList(folder, options.checkpoints(), interval),
                  metrics,
                  towers,
                  0,
                  options)) {
        Initializer.initialize(new ParameterStore(towers), SEED, true);
        towers.mean(content.mean());
        Schedule schedule = new Schedule(configuration.training(), content.schedule());
        Trainer trainer = new Trainer(towers, schedule, epoch -> interval, Progress.START);
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
                none,
                new StageData(train, configuration.training(), SEED),
                null, // nothing is done again
                () -> {});
        Trainer alone = new Trainer(towers, schedule, epoch -> interval, Progress.START);
        new RecordingCost(loop, trainer, alone, feed, interval, listener).measure(rounds, batch);
      }
    }
  }

  private static EpochFeed.Loaders loaders(
      RunOptions options, Configuration configuration, Dataset train) {
    return new EpochFeed.Loaders() {
      @Override
      public int stage(int epoch) {
        return 0;
      }

      @Override
      public BatchLoader at(Progress progress) throws IOException {
        return BatchLoader.of(train, configuration.training().batch())
            .seed(SEED)
            .threads(options.loaderThreads())
            .augmentation(TrainingWindows.of(configuration, train))
            .epochs(Integer.MAX_VALUE);
      }
    };
  }

  /** Measures and reports. */
  public static void main(String[] arguments) throws IOException {
    measure(
        Path.of(arguments[0]),
        arguments[1],
        Integer.parseInt(arguments[2]),
        Integer.parseInt(arguments[3]));
  }
}
