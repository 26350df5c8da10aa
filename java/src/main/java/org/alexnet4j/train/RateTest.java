package org.alexnet4j.train;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.TrainingSpec;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.eval.Feeding;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.RateFactors;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;

/**
 * Trains from the start values with a rate that rises from step to step, to see which rates a
 * network can learn by (L. Smith, "Cyclical learning rates", 2015, section 3.3). Nothing of it is
 * kept but the losses. Threads: one caller.
 *
 * @hidden
 */
public final class RateTest {
  /** A running loss this many times its lowest ends the test: nothing more is to be seen. */
  private static final double BURST = 4;

  /** Share of the newest loss in the running mean that tells. */
  private static final double SHARE = 0.05;

  /**
   * Which rates are tried: each is the one before it times the same factor.
   *
   * @param from rate of the first step, above 0
   * @param to rate of the last step, above {@code from}
   * @param steps 10 or more
   * @hidden
   */
  public record Range(double from, double to, int steps) {
    /**
     * Checks the values.
     *
     * @param from rate of the first step, above 0
     * @param to rate of the last step, above {@code from}
     * @param steps 10 or more
     */
    public Range {
      if (!(from > 0 && to > from && to <= Float.MAX_VALUE)) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT, "rates from %s to %s; allowed: above 0, the second larger", from, to));
      }
      if (steps < 10) {
        throw new IllegalArgumentException(steps + " steps; allowed: 10 or more");
      }
    }

    /**
     * {@return the rate of a step, from 0}
     *
     * @param step from 0
     */
    public float rate(int step) {
      return (float) (from * Math.pow(to / from, step / (steps - 1.0)));
    }
  }

  private final RunOptions options;
  private final Range range;
  private final RunListener listener;

  private RateTest(RunOptions options, Range range, RunListener listener) {
    this.options = options;
    this.range = range;
    this.listener = listener;
  }

  /**
   * Runs the test; the listener may end it early.
   *
   * @param options configuration, data, devices, seed and loader threads; no folder is written
   * @param range of rates
   * @param listener hears of steps
   * @return loss by rate
   * @throws DataException if data are missing or damaged
   */
  public static TestedRates run(RunOptions options, Range range, RunListener listener)
      throws IOException {
    return new RateTest(options, range, listener).run();
  }

  private TestedRates run() throws IOException {
    Configuration asked = options.configuration();
    DataOptions data = DataOptions.train().withSource(asked.network().sourceSize());
    try (Dataset train = Datasets.open(options.data(), data)) {
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
      Plan plan =
          Planner.plan(
                  configuration.network(),
                  batch,
                  Purpose.TRAIN,
                  configuration.mean(),
                  options.seed(),
                  configuration.training().slicing())
              .in(configuration.training().arithmetic());
      try (Towers towers = Towers.create(plan, options.devices())) {
        towers.notes().forEach(listener::note);
        ParameterStore store = new ParameterStore(towers);
        Initializer.initialize(store, options.seed(), true);
        if (configuration.start().isPresent()) {
          StartFrom.of(configuration.start().get(), store.tensors(), listener::note).write(store);
        }
        towers.mean(TrainingRun.mean(configuration, train, options.loaderThreads(), listener));
        listener.started(plan, train.size(), 0, 0, range.steps());
        return steps(configuration, towers, train);
      }
    }
  }

  private TestedRates steps(Configuration configuration, Towers towers, Dataset train)
      throws IOException {
    List<Double> losses = new ArrayList<>();
    double running = 0;
    double weight = 0;
    double lowest = Double.POSITIVE_INFINITY;
    try (BatchLoader loader =
        Feeding.feed(
            BatchLoader.of(train, configuration.training().batch())
                .seed(options.seed())
                .threads(options.loaderThreads())
                .augmentation(TrainingWindows.of(configuration, train))
                .epochs(Integer.MAX_VALUE),
            towers)) {
      for (int step = 0; step < range.steps(); step++) {
        if (listener.stopRequested()) {
          return curve(losses, "stopped before step " + step);
        }
        long began = System.nanoTime();
        long waited = loader.waited().toNanos();
        Batch batch = loader.next();
        towers.load(batch.count(), batch.images(), batch.crops(), batch.noise(), batch.labels());
        StepResult result = towers.step(settings(configuration.training(), step));
        if (!Double.isFinite(result.lossSum())) {
          return curve(losses, "the loss became " + result.loss() + " at step " + step);
        }
        losses.add(result.loss());
        long nanos = System.nanoTime() - began;
        listener.step(
            step,
            step / loader.stepsPerEpoch(),
            result,
            range.rate(step),
            result.images() * 1e9 / nanos,
            (loader.waited().toNanos() - waited) / (double) nanos);
        weight += SHARE * (1 - weight);
        running += SHARE * (result.loss() - running);
        lowest = Math.min(lowest, running / weight);
        if (running / weight > BURST * lowest) {
          return curve(losses, "the loss was four times its lowest after step " + step);
        }
      }
    }
    return curve(losses, "");
  }

  private TestedRates curve(List<Double> losses, String ended) {
    return TestedRates.of(range, losses, ended.isEmpty() ? Optional.empty() : Optional.of(ended));
  }

  /** The rate of the biases rises in the same proportion as in training. */
  private StepSettings settings(TrainingSpec spec, int step) {
    float rate = range.rate(step);
    float biasRate = spec.rate() > 0 ? rate * (spec.biasRate() / spec.rate()) : rate;
    return new StepSettings(
        step,
        rate,
        biasRate,
        spec.momentum(),
        new RateFactors(spec.weightRates().at(0), spec.biasRates().at(0)));
  }
}
