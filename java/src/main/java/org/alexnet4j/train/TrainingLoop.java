package org.alexnet4j.train;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Queue;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.io.Reason;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.DivergedException;
import org.alexnet4j.run.Progress;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.tower.TowerException;
import org.alexnet4j.tower.Towers;

/**
 * The steps of one call, from where the run stands to its end. A step is queued while the one
 * before it is under way, whose loss is looked at then; before anything is tested or saved all
 * losses have been.
 */
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
  private final StageData stages;
  private final EpochFeed.Loaders loaders;
  private final Runnable stepped;
  private final LossWatch watch;
  private final TimingLog timing;
  private final NormLog norms;
  private final HeldOutPass pass;
  private final ScheduleLines lines;
  private final int ahead; // steps that may be open while the next batch is loaded
  private StepResult lastTest = StepResult.NONE;
  private OptionalDouble heldOutError = OptionalDouble.empty();
  private boolean evaluationDue; // the held-out images were not looked at to the end
  private double lowestError;
  private EpochFeed feed;
  private long end; // steps, or 0 where the schedule ends
  private final Queue<OpenStep> open = new ArrayDeque<>();
  private long since; // when the last step ended
  private long waitedBefore;
  private long trainedImages;
  private long trainedNanos;

  /** A step whose result was not looked at yet. */
  private record OpenStep(Progress at, float rate) {}

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
      StageData stages,
      EpochFeed.Loaders loaders,
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
    this.stages = stages;
    this.loaders = loaders;
    this.stepped = stepped;
    this.watch = new LossWatch(configuration);
    this.timing = new TimingLog(folder, options.trace(), towers);
    this.norms = new NormLog(options.norms(), towers, metrics);
    this.pass = new HeldOutPass(towers, options.loaderThreads(), listener);
    this.ahead = towers.plan().imageSlots() - 1;
    this.lines = new ScheduleLines(schedule, metrics, listener);
    this.lowestError = writer.lowestError();
  }

  /**
   * Does the steps that are left.
   *
   * @param steps updates after which the run ends, or 0 where its schedule does
   */
  TrainingRun.Outcome run(EpochFeed batches, long steps) throws IOException {
    feed = batches;
    end = steps;
    boolean stopped = false;
    if (content.evaluationDue()) {
      stopped = finish(trainer.progress(), true, true);
    }
    while (!isOver(trainer.progress()) && !stopped) {
      awaitIfFarAhead();
      Progress at = trainer.progress();
      boolean measured = norms.isDue(at, isEvaluated(at.next(trainer.stepsPerEpoch())));
      if (measured) {
        awaitAllBut(0);
        norms.before(trainer.settings());
      }
      queue();
      awaitAllBut(measured ? 0 : ahead);
      if (measured) {
        norms.after(at);
      }
      Progress now = trainer.progress();
      boolean last = isLast(now);
      boolean evaluation = isEvaluated(now);
      stopped = listener.stopRequested();
      boolean save = listener.saveRequested() || stopped || last || isDue(now);
      if (evaluation || save) {
        awaitAllBut(0); // nothing is saved or tested before the last loss was looked at
        stopped |= finish(now, evaluation, save);
      } else {
        report(now, writer::poll);
      }
    }
    metrics.await();
    report(trainer.progress(), writer::await);
    timing.end(before(trainer.progress()));
    double seconds = trainedNanos / 1e9;
    double waited = feed.waited().toNanos() / 1e9;
    return new TrainingRun.Outcome(
        trainer.progress(),
        lastTest,
        stopped,
        seconds > 0 ? trainedImages / seconds : 0,
        seconds > 0 ? waited / seconds : 0);
  }

  /**
   * Does what follows a step when no other one is under way: evaluation, checkpoint.
   *
   * @return whether the run was asked to stop
   */
  private boolean finish(Progress now, boolean evaluation, boolean save) throws IOException {
    boolean better = evaluation && evaluate(now);
    report(now, writer::poll);
    boolean stopped = listener.stopRequested();
    boolean asked = listener.saveRequested();
    if (save || stopped || asked || better || isOver(now)) {
      save(now);
    }
    return stopped;
  }

  /** Returns whether the held-out images are looked at before a step. */
  private boolean isEvaluated(Progress next) {
    return next.stepInEpoch() == 0 || isLast(next);
  }

  /** Returns whether no step is left to do. */
  private boolean isOver(Progress next) {
    return end > 0
        ? next.step() >= end || schedule.stopped().isPresent()
        : schedule.isOver(next.epoch());
  }

  /** Returns whether a step, which was not looked at yet, is the last one in any case. */
  private boolean isLast(Progress next) {
    return end > 0
        ? next.step() == end
        : next.stepInEpoch() == 0 && next.epoch() >= schedule.epochs();
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

  /** Begins the next step, behind the one that may be under way. */
  private void queue() throws IOException {
    if (!feed.isReady(trainer.progress())) {
      awaitAllBut(0); // so that what is waited for images is time in which nothing computes
    }
    if (open.isEmpty()) {
      since = System.nanoTime();
      waitedBefore = feed.waited().toNanos();
    }
    Progress at = trainer.progress();
    float rate = trainer.rate();
    Batch batch = feed.next(at);
    if (options.explain().contains(at.step())) {
      Inspector.explain(
          towers, configuration.mean(), content.mean(), batch, trainer.settings(), listener);
    }
    trainer.queue(batch);
    feed.release();
    open.add(new OpenStep(at, rate));
    heldOutError = OptionalDouble.empty();
    evaluationDue = false;
  }

  /** Takes what steps gave, in their order, until so many are left open. */
  private void awaitAllBut(int left) throws IOException {
    while (open.size() > left) {
      took(open.remove());
    }
  }

  /** A step counts from the end of the one before it, or from when it was queued behind none. */
  private void took(OpenStep step) throws IOException {
    Progress at = step.at();
    StepResult result;
    try {
      result = trainer.await();
    } catch (DivergedException e) {
      throw origin(at).map(e::began).orElse(e);
    }
    long now = System.nanoTime();
    long nanos = now - since;
    since = now;
    long waitedNow = feed.waited().toNanos();
    double waited = (waitedNow - waitedBefore) / (double) nanos;
    waitedBefore = waitedNow;
    timing.stepped(at);
    trainedNanos += nanos;
    trainedImages += result.images();
    schedule.stepped(result.lossSum(), result.images());
    double speed = result.images() * 1e9 / nanos;
    metrics.train(at, result, step.rate(), speed, waited);
    listener.step(at.step(), at.epoch(), result, step.rate(), speed, waited);
    watch.see(at.step(), result.loss()).forEach(listener::note);
    stepped.run();
  }

  /**
   * Finds where a loss that is no number began. The update has spread it over all weights, so the
   * steps since the last checkpoint are done again, the same to the bit, up to the one that failed.
   */
  private Optional<String> origin(Progress failed) throws IOException {
    if (options.ranks().isPresent()) {
      listener.note("where it began is looked for by one rank: resume the run without others");
      return Optional.empty();
    }
    try {
      trainer.discard();
      awaitWhole();
      Optional<Path> checkpoint = folder.latest();
      ParameterStore store = new ParameterStore(towers);
      Progress from = Progress.START;
      if (checkpoint.isPresent()) {
        from = Checkpoint.readContent(checkpoint.get()).progress();
        Checkpoint.readParameters(checkpoint.get(), store, true);
      } else {
        Initializer.initialize(store, options.seed(), true);
        if (configuration.start().isPresent()) {
          StartFrom.of(configuration.start().get(), store.tensors(), note -> {}).write(store);
        }
      }
      listener.note(
          String.format(
              Locale.ROOT,
              "the loss is no number at step %d; steps %d to %d are done again to find where it began",
              failed.step(),
              from.step(),
              failed.step()));
      Trainer again =
          new Trainer(towers, schedule, epoch -> stages.stepsPerEpoch(schedule.stage(epoch)), from);
      try (EpochFeed replay = new EpochFeed(loaders)) {
        while (again.progress().step() < failed.step()) {
          if (listener.stopRequested()) {
            return Optional.empty();
          }
          again.step(replay.next(again.progress()));
        }
        try (Inspector inspector = Inspector.of(towers, configuration.mean(), content.mean())) {
          inspector.pass(replay.next(again.progress()), again.settings());
          return inspector.firstNonFinite();
        }
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
    evaluationDue = false;
    Schedule.HeldOut heldOut = Schedule.HeldOut.NONE;
    if (ahead == 0) {
      feed.close(); // memory has room for the held-out images or for those of the next step
    }
    if (test.size() > 0) {
      Optional<StepResult> result = pass.over(test);
      if (result.isEmpty()) {
        evaluationDue = true; // by whoever resumes, so that its bits are those of one go
        return false;
      }
      lastTest = result.get();
      heldOut = new Schedule.HeldOut(lastTest.top1Error(), lastTest.loss());
    }
    if (now.stepInEpoch() == 0) {
      Optional<StepResult> left = pass.left(schedule.stage(now.epoch() - 1), stages);
      if (left.isPresent() && left.get() == StepResult.NONE) {
        evaluationDue = true;
        return false;
      }
      if (left.isPresent()) {
        metrics.left(last, left.get());
        heldOut = new Schedule.HeldOut(heldOut.error(), left.get().loss());
      }
    }
    double error = heldOut.error();
    if (test.size() > 0) {
      heldOutError = OptionalDouble.of(error);
      metrics.test(last, lastTest);
      metrics.await(); // whoever hears of the evaluation may read the file
      listener.evaluated(now.step(), now.epoch(), lastTest);
    }
    if (now.stepInEpoch() == 0) {
      Optional<String> because = schedule.epochEnded(now.epoch() - 1, heldOut);
      if (because.isPresent()) {
        lines.rate(last, now, trainer.stepsPerEpoch(), because.get());
      }
      if (schedule.stopped().isPresent()) {
        lines.stop(last, schedule.stopped().get());
      }
    }
    boolean better = options.checkpoints().keepBest() && error < lowestError;
    lowestError = better ? error : lowestError;
    return better;
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
    } catch (DivergedException e) {
      awaitAllBut(0); // a loss that is no number says more than the weights behind it
      throw e;
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
