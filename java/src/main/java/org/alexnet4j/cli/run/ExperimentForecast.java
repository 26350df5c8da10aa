package org.alexnet4j.cli.run;

import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntFunction;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.ExperimentSpec;
import org.alexnet4j.config.ExperimentSpec.Variant;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.device.Devices;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.report.TextTable;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;
import org.alexnet4j.train.Initializer;

/** What the runs of an experiment will take, from a few steps of each variant on noise. */
final class ExperimentForecast {
  private static final int STEPS = 3;

  private final ExperimentSpec spec;
  private final IntFunction<Devices.Choice> devices;
  private final Images images;

  /** Says where the images of a variant are. */
  interface Images {
    String of(Variant variant) throws IOException;
  }

  /**
   * Makes a forecast.
   *
   * @param devices where a run of so many towers would go, which is where its steps are tried
   * @param images of a variant
   */
  ExperimentForecast(ExperimentSpec spec, IntFunction<Devices.Choice> devices, Images images) {
    this.spec = spec;
    Map<Integer, Devices.Choice> chosen = new HashMap<>(); // each choice is told once
    this.devices = towers -> chosen.computeIfAbsent(towers, devices::apply);
    this.images = images;
  }

  /** Tries the steps. */
  String table(int jobs) throws IOException {
    TextTable table = new TextTable("variant", "runs", "steps", "images/s", "time each", "memory");
    double seconds = 0;
    for (Variant variant : spec.variants()) {
      Configuration configuration = variant.configuration();
      DataOptions options = DataOptions.train().withSource(configuration.network().sourceSize());
      try (Dataset train = Datasets.open(images.of(variant), options)) {
        int batch = configuration.training().batch();
        long steps =
            (long) configuration.training().epochs()
                * configuration.training().stepsPerEpoch(train.size());
        Plan plan = plan(configuration, train.classes().size());
        double speed = speed(plan, train);
        double each = steps * batch / speed;
        seconds += each * variant.seeds().size();
        table.row(
            variant.name(),
            variant.seeds().size(),
            Numbers.grouped(steps),
            Numbers.fixed(speed, 0),
            Numbers.time(Duration.ofSeconds(Math.round(each))),
            Numbers.mebibytes(
                plan.towers().stream().mapToLong(tower -> tower.memory().bytes()).sum()));
      }
    }
    return table
        + "in all "
        + Numbers.time(Duration.ofSeconds(Math.round(seconds)))
        + " of training"
        + (jobs > 1 ? ", by " + jobs + " at a time less" : "")
        + "; evaluation and the mean image come on top";
  }

  private static Plan plan(Configuration configuration, int classes) {
    return Planner.plan(
            configuration.network().withClasses(classes),
            configuration.training().batch(),
            Purpose.TRAIN,
            configuration.mean(),
            0,
            configuration.training().slicing())
        .in(configuration.training().arithmetic());
  }

  private double speed(Plan plan, Dataset train) throws IOException {
    try (RandomImages noise =
            new RandomImages(plan.batch(), train.source(), train.classes().size());
        Towers open = Towers.create(plan, devices.apply(plan.spec().towers()));
        BatchLoader loader =
            BatchLoader.of(noise, plan.batch())
                .augmentation(Augmentation.centre(plan.spec().inputSize()))) {
      Initializer.initialize(new ParameterStore(open), 1, true);
      open.mean(new float[meanValues(plan)]);
      Batch batch = loader.next();
      long start = 0;
      for (int step = -2; step < STEPS; step++) { // two until kernels and code are warm
        start = step == 0 ? System.nanoTime() : start;
        open.load(batch.count(), batch.images(), batch.crops(), batch.noise(), batch.labels());
        open.step(new StepSettings(step + 2, 0, 0, 0));
      }
      return (double) STEPS * plan.batch() / ((System.nanoTime() - start) / 1e9);
    }
  }

  private static int meanValues(Plan plan) {
    return (int) (plan.towers().get(0).buffer("mean").bytes() / Float.BYTES);
  }
}
