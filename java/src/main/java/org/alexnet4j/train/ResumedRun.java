package org.alexnet4j.train;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.alexnet4j.config.ConfigDifference;
import org.alexnet4j.config.ConfigException;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.RateCurve;
import org.alexnet4j.config.TrainingSpec;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Printable;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.NewestCheckpoint;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.tower.ParameterStore;

/** What a run goes on from, and whether it is the same run. */
final class ResumedRun {
  private final RunOptions options;
  private final RunFolder folder;
  private final RunListener listener;

  ResumedRun(RunOptions options, RunFolder folder, RunListener listener) {
    this.options = options;
    this.folder = folder;
    this.listener = listener;
  }

  /**
   * Returns the newest checkpoint that is whole and fits; those above it are set aside and named.
   *
   * @param images of the training part
   * @throws IOException why the newest one cannot be used, if none can
   */
  NewestCheckpoint newest(Plan plan, int images) throws IOException {
    List<TensorSpec> tensors = TensorSpec.of(plan);
    long meanValues = plan.towers().get(0).buffer("mean").bytes() / Float.BYTES;
    NewestCheckpoint found =
        NewestCheckpoint.find(
                folder,
                (file, content) -> {
                  if (content.mean().length != meanValues) {
                    throw new FormatException(
                        file,
                        "tensor mean",
                        "has " + content.mean().length + " values, needed are " + meanValues);
                  }
                  requirePlace(file, content, images);
                  Checkpoint.require(file, tensors, true);
                },
                listener::note)
            .orElseThrow();
    for (Path other : found.unusable()) {
      listener.note(other + " is set aside as " + RunFolder.setAside(other).getFileName());
    }
    return found;
  }

  /**
   * Checks that the data have as many classes as the run trains; which they are, {@link
   * #requireSame} asks.
   *
   * @throws DataException if they have more or fewer
   */
  void requireClasses(Dataset images) throws DataException {
    int own = ConfigReader.written(folder.config()).network().classes();
    if (images.classes().size() != own) {
      throw new DataException(
          options.data(),
          "has " + images.classes().size() + " classes (" + Printable.names(images.classes()) + ")",
          "the " + own + " that the run began with");
    }
  }

  /** An epoch has so many steps; which one a checkpoint lies before must be one of them. */
  private static void requirePlace(Path file, Checkpoint.Content content, int images)
      throws FormatException {
    TrainingSpec spec = configuration(file, content).training();
    int steps = Math.max(1, spec.stepsPerEpoch(taken(spec, content, images)));
    if (content.progress().stepInEpoch() > steps) {
      throw new FormatException(
          file,
          "metadata",
          String.format(
              Locale.ROOT,
              "stepInEpoch is %d; allowed: 0 to %d, the steps of an epoch",
              content.progress().stepInEpoch(),
              steps));
    }
  }

  private static Configuration configuration(Path file, Checkpoint.Content content)
      throws FormatException {
    try {
      return ConfigReader.text("configuration", content.configuration());
    } catch (ConfigException e) {
      throw new FormatException(file, "metadata", e.getMessage());
    }
  }

  /**
   * Refuses to go on with another seed, other images, or in mid-epoch another batch, share of them
   * or end of the epoch.
   *
   * @throws IllegalArgumentException if seed, batch, share or end differ
   * @throws DataException if the images do
   */
  void requireSame(Checkpoint.Content content, Configuration configuration, Dataset train)
      throws IOException {
    if (content.seed() != options.seed()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "the run has seed %d, asked is %d; a run keeps its seed",
              content.seed(),
              options.seed()));
    }
    if (!content.classes().equals(train.classes())) {
      throw new DataException(
          options.data(), "has other classes than the run's data", "the data the run began with");
    }
    if (!DataFingerprint.matches(content.data(), train)) {
      throw new DataException(
          options.data(), "has other images than the run's data", "the data the run began with");
    }
    if (content.progress().stepInEpoch() != 0) {
      TrainingSpec began = ConfigReader.text("checkpoint", content.configuration()).training();
      requireSameEpoch(content, began, configuration.training(), train.size());
    }
  }

  private static void requireSameEpoch(
      Checkpoint.Content content, TrainingSpec began, TrainingSpec now, int images) {
    if (now.batch() != began.batch()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "batch is %d, the checkpoint lies inside an epoch of batch %d; the batch may change"
                  + " between epochs only",
              now.batch(),
              began.batch()));
    }
    int taken = taken(began, content, images);
    if (taken(now, content, images) != taken) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "training.stages: the stage of epoch %d takes %d images, the checkpoint lies inside"
                  + " that epoch with %d; images may change between epochs only",
              content.progress().epoch(),
              taken(now, content, images),
              taken));
    }
    boolean dropped = began.shortBatches() && !now.shortBatches();
    if (dropped && content.progress().stepInEpoch() >= now.stepsPerEpoch(taken)) {
      throw new IllegalArgumentException(
          "training.lastBatch is drop, the checkpoint lies before the short batch of an epoch;"
              + " lastBatch may change between epochs only");
    }
  }

  /** Returns how many images the epoch of a checkpoint takes, of so many. */
  private static int taken(TrainingSpec spec, Checkpoint.Content content, int images) {
    Schedule schedule = new Schedule(spec, content.schedule());
    return schedule.stage(content.progress().epoch()).map(s -> s.imagesOf(images)).orElse(images);
  }

  /** Brings weights, velocities and logs to where the checkpoint is. */
  Checkpoint.Content restore(
      NewestCheckpoint from, Configuration configuration, ParameterStore store, Dataset train)
      throws IOException {
    Checkpoint.readParameters(from.file(), store, true);
    if (!options.leads()) {
      Files.delete(
          from.file()); // another rank's copy, which nobody needs if this process is killed
    }
    for (Path log : List.of(folder.metrics(), folder.exchange())) {
      ResumedLog.trim(log, from.content().progress().step(), listener::note);
    }
    return from.content().resumedWith(ConfigWriter.write(configuration), DataFingerprint.of(train));
  }

  /** Lists what another configuration changes, for the person and in the metrics. */
  void logChanges(Checkpoint.Content before, Checkpoint.Content now, MetricsLog metrics)
      throws IOException {
    JsonObject line = new JsonObject();
    line.addProperty("kind", "change");
    line.addProperty("step", now.progress().step());
    line.addProperty("epoch", now.progress().epoch());
    boolean matters = false;
    Configuration after = ConfigReader.text("the configuration", now.configuration());
    boolean curved = after.training().curve().shape() != RateCurve.Shape.STEPS;
    for (ConfigDifference difference :
        ConfigDifference.between(
            ConfigReader.text("the checkpoint's configuration", before.configuration()), after)) {
      String change = difference.first() + " to " + difference.second();
      listener.note("from step " + now.progress().step() + ": " + difference.key() + " " + change);
      // Neither more epochs, unless the rate has its way over them, nor planes that are computed
      // again change a step, so that such runs compare as equal.
      if ((curved || !difference.key().equals("training.epochs"))
          && !difference.key().equals("training.memory")) {
        line.addProperty(difference.key(), change);
        matters = true;
      }
    }
    if (matters) {
      metrics.other(line);
    }
  }
}
