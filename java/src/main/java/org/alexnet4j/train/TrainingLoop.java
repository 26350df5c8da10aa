package org.alexnet4j.train;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.ReusedBuffers;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.eval.Evaluator;
import org.alexnet4j.eval.Views;
import org.alexnet4j.io.Reason;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.DivergedException;
import org.alexnet4j.run.Progress;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.tower.TowerException;
import org.alexnet4j.tower.Towers;

/** The steps of one call, from where the run stands to its end. */
final class TrainingLoop {
  private final RunOptions options;
  private final RunListener listener;
  private final RunFolder folder;
  private final Configuration configuration;
  private final Towers towers;
  private final Schedule schedule;
  private final Trainer trainer;
  private final Checkpoint.Content content;
  private final MetricsLog metrics;
  private final CheckpointWriter writer;
  private final Dataset test;
  private final Loaders loaders;
  private final Runnable stepped;
  private final LossWatch watch;
  private final TimingLog timing;
  private final ReusedBuffers testBuffers = new ReusedBuffers();
  private StepResult lastTest = StepResult.NONE;
  private OptionalDouble heldOutError = OptionalDouble.empty();
  private boolean evaluationDue; // the held-out images were not looked at to the end
  private double lowestError;
  private long trainedImages;
  private long trainedNanos;

  /** Makes a loader of the run's batches. */
  interface Loaders {
    /** Returns one that begins at a place of the run. */
    BatchLoader at(Progress progress) throws IOException;
  }

  TrainingLoop(
      RunOptions options,
      RunListener listener,
      RunFolder folder,
      Configuration configuration,
      Towers towers,
      Schedule schedule,
      Trainer trainer,
      Checkpoint.Content content,
      MetricsLog metrics,
      CheckpointWriter writer,
      Dataset test,
      Loaders loaders,
      Runnable stepped) {
    this.options = options;
    this.listener = listener;
    this.folder = folder;
    this.configuration = configuration;
    this.towers = towers;
    this.schedule = schedule;
    this.trainer = trainer;
    this.content = content;
    this.metrics = metrics;
    this.writer = writer;
    this.test = test;
    this.loaders = loaders;
    this.stepped = stepped;
    this.watch = new LossWatch(configuration);
    this.timing = new TimingLog(folder, options.trace(), towers);
    this.lowestError = writer.lowestError();
  }

  TrainingRun.Outcome run(BatchLoader loader, long total) throws IOException {
    boolean stopped = false;
    if (content.evaluationDue()) {
      stopped = finish(trainer.progress(), true, true);
    }
    while (trainer.progress().step() < total && !stopped) {
      awaitIfFarAhead();
      step(loader);
      stepped.run();
      Progress now = trainer.progress();
      boolean last = now.step() == total;
      stopped = finish(now, now.stepInEpoch() == 0 || last, last);
    }
    metrics.await();
    report(trainer.progress(), writer::await);
    timing.end(before(trainer.progress()));
    double seconds = trainedNanos / 1e9;
    double waited = loader.waited().toNanos() / 1e9;
    return new TrainingRun.Outcome(
        trainer.progress(),
        lastTest,
        stopped,
        seconds > 0 ? trainedImages / seconds : 0,
        seconds > 0 ? waited / seconds : 0);
  }

  /**
   * Does what follows a step: evaluation, checkpoint.
   *
   * @return whether the run was asked to stop
   */
  private boolean finish(Progress now, boolean evaluation, boolean last) throws IOException {
    boolean better = evaluation && evaluate(now);
    report(now, writer::poll);
    boolean stopped = listener.stopRequested();
    boolean asked = listener.saveRequested();
    if (isDue(now) || last || stopped || asked || better) {
      save(now);
    }
    return stopped;
  }

  /** A step that lay more than an interval beyond the newest whole checkpoint could be lost. */
  private void awaitIfFarAhead() throws IOException {
    long interval = options.checkpoints().interval(trainer.stepsPerEpoch());
    if (trainer.progress().step() - writer.whole() >= interval) {
      report(trainer.progress(), writer::await);
    }
  }

  private boolean isDue(Progress now) {
    CheckpointPolicy policy = options.checkpoints();
    return policy.due(now) || policy.halfway(now, trainer.stepsPerEpoch());
  }

  private void step(BatchLoader loader) throws IOException {
    long start = System.nanoTime();
    Progress before = trainer.progress();
    float rate = trainer.rate();
    long waitedBefore = loader.waited().toNanos();
    Batch batch = loader.next();
    if (options.explain().contains(before.step())) {
      explain(before, batch);
    }
    StepResult result;
    try {
      result = trainer.step(batch);
    } catch (DivergedException e) {
      throw origin(before, batch).map(e::began).orElse(e);
    }
    long nanos = System.nanoTime() - start;
    timing.stepped(before);
    heldOutError = OptionalDouble.empty();
    evaluationDue = false;
    trainedNanos += nanos;
    trainedImages += result.images();
    double speed = result.images() * 1e9 / nanos;
    double waited = (loader.waited().toNanos() - waitedBefore) / (double) nanos;
    metrics.train(before, result, rate, speed, waited);
    listener.step(before.step(), before.epoch(), result, rate, speed, waited);
    watch.see(before.step(), result.loss()).forEach(listener::note);
  }

  private void explain(Progress at, Batch batch) throws IOException {
    try (Inspector inspector = Inspector.of(towers, configuration.mean(), content.mean())) {
      inspector.pass(batch, trainer.settings());
      inspector.rectifiers().forEach(text -> listener.note("step " + at.step() + ", " + text));
    } catch (NativeException | TowerException e) {
      listener.note("step " + at.step() + " cannot be explained: " + e.getMessage());
    }
  }

  /**
   * Finds where a loss that is no number began. The update has spread it over all weights, so the
   * steps since the last checkpoint are done again, the same to the bit, up to the one that failed.
   */
  private Optional<String> origin(Progress failed, Batch batch) throws IOException {
    try {
      awaitWhole();
      Optional<Path> checkpoint = folder.latest();
      ParameterStore store = new ParameterStore(towers);
      Progress from = Progress.START;
      if (checkpoint.isPresent()) {
        from = Checkpoint.readContent(checkpoint.get()).progress();
        Checkpoint.readParameters(checkpoint.get(), store, true);
      } else {
        Initializer.initialize(store, options.seed(), true);
      }
      listener.note(
          String.format(
              Locale.ROOT,
              "the loss is no number at step %d; steps %d to %d are done again to find where it began",
              failed.step(),
              from.step(),
              failed.step()));
      Trainer again = new Trainer(towers, schedule, trainer.stepsPerEpoch(), from);
      try (BatchLoader loader = loaders.at(from)) {
        while (again.progress().step() < failed.step()) {
          if (listener.stopRequested()) {
            return Optional.empty();
          }
          again.step(loader.next());
        }
      }
      try (Inspector inspector = Inspector.of(towers, configuration.mean(), content.mean())) {
        inspector.pass(batch, again.settings());
        return inspector.firstNonFinite();
      }
    } catch (NativeException | TowerException | DivergedException e) {
      listener.note("where it began cannot be found: " + e.getMessage());
      return Optional.empty();
    }
  }

  /** Awaits the checkpoint that is being written, unless it has the values that are no numbers. */
  private void awaitWhole() throws IOException {
    try {
      writer.await();
    } catch (DivergedException e) {
      // It is not written then; the one before it is what the search begins with.
    }
  }

  private static Progress before(Progress now) {
    return new Progress(now.step() - 1, now.epoch(), now.stepInEpoch());
  }

  /** Looks at the held-out images; returns whether the error is the lowest and must be kept. */
  private boolean evaluate(Progress now) throws IOException {
    Progress last = before(now);
    timing.write(last);
    double error = Double.NaN;
    evaluationDue = false;
    if (test.size() > 0) {
      Optional<StepResult> result = heldOut();
      if (result.isEmpty()) {
        evaluationDue = true; // by whoever resumes, so that its bits are those of one go
        return false;
      }
      lastTest = result.get();
      error = lastTest.top1Error();
      heldOutError = OptionalDouble.of(error);
      metrics.test(last, lastTest);
      metrics.await(); // whoever hears of the evaluation may read the file
      listener.evaluated(now.step(), now.epoch(), lastTest);
    }
    if (now.stepInEpoch() == 0) {
      Optional<String> because = schedule.epochEnded(now.epoch() - 1, error);
      if (because.isPresent()) {
        logRate(last, now, because.get());
      }
    }
    boolean better = options.checkpoints().keepBest() && error < lowestError;
    lowestError = better ? error : lowestError;
    return better;
  }

  /** Returns nothing if the run was asked to stop meanwhile. */
  private Optional<StepResult> heldOut() throws IOException {
    Evaluator evaluator = new Evaluator(towers, Views.CENTRE);
    StepResult sum = StepResult.NONE;
    try (BatchLoader loader =
        BatchLoader.sequential(test, towers.plan().batch())
            .threads(options.loaderThreads())
            .buffers(testBuffers.next())
            .augmentation(Augmentation.centre(towers.plan().spec().inputSize()))) {
      for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
        if (listener.stopRequested()) {
          return Optional.empty();
        }
        sum = sum.plus(evaluator.evaluate(batch));
      }
    }
    return Optional.of(sum);
  }

  /** Logs a rate under the step before it, so that a resumed run keeps the line. */
  private void logRate(Progress last, Progress now, String because) throws IOException {
    JsonObject line = new JsonObject();
    line.addProperty("kind", "rate");
    line.addProperty("step", last.step());
    line.addProperty("epoch", now.epoch());
    line.addProperty("rate", schedule.rate(now.epoch()));
    line.addProperty("biasRate", schedule.biasRate(now.epoch()));
    line.addProperty("because", because);
    metrics.other(line);
    listener.note(
        String.format(
            Locale.ROOT,
            "the rate is %s from step %d: %s",
            schedule.rate(now.epoch()),
            now.step(),
            because));
  }

  private void save(Progress now) throws IOException {
    report(now, () -> writer.save(content.at(now, schedule.state(), heldOutError, evaluationDue)));
  }

  private interface Written {
    Path get() throws IOException;
  }

  private void report(Progress now, Written written) throws IOException {
    try {
      Path file = written.get();
      if (file != null) {
        listener.saved(file);
      }
    } catch (IOException e) {
      String kept = folder.latest().map(Path::toString).orElse("none");
      throw new IOException(
          String.format(
              Locale.ROOT,
              "%s; the run ended after step %d, its last whole checkpoint is %s",
              Reason.withFile(e),
              now.step() - 1,
              kept),
          e);
    }
  }
}
