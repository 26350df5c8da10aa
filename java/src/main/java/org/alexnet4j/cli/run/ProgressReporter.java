package org.alexnet4j.cli.run;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.ProgressLine;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.cli.option.WatchedDataset;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.report.Numbers;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.train.RunListener;

/**
 * Tells a person how training goes: on a terminal one line that is redrawn, else a plain line now
 * and then. Loss and error are means over about the last twenty steps.
 */
final class ProgressReporter implements RunListener {
  private static final long REDRAW_NANOS = Duration.ofMillis(200).toNanos();
  private static final long LINE_NANOS = Duration.ofSeconds(5).toNanos();

  /** Weight of the newest step in a running mean. */
  private static final double SHARE = 0.05;

  /** From this share of the time on, a person is told that the loader is the bottleneck. */
  private static final double SHOWN_SHARE = 0.01;

  private final Console console;
  private final StopRequest stop;
  private final LongSupplier clock;
  private long steps;
  private long counted;
  private double weight;
  private double loss;
  private double error;
  private double secondsPerStep;
  private double secondsWaited;
  private long shownAt;

  /**
   * Makes a reporter.
   *
   * @param stop whether the run should end, or save
   * @param clock nanoseconds, as {@link System#nanoTime}
   */
  ProgressReporter(Console console, StopRequest stop, LongSupplier clock) {
    this.console = console;
    this.stop = stop;
    this.clock = clock;
  }

  @Override
  public void started(Plan plan, int trainImages, int testImages, long done, long total) {
    stop.attend();
    steps = total;
    console.message(
        String.format(
            Locale.ROOT,
            "%s, %s parameters, batch %d%s, %s; %s images to train, %s held out",
            plan.spec().name(),
            Numbers.grouped(plan.parameterCount()),
            plan.batch(),
            plan.arithmetic().remark(),
            Numbers.mebibytes(plan.bytes()),
            Numbers.grouped(trainImages),
            Numbers.grouped(testImages)));
    console.message(String.format(Locale.ROOT, "steps %d to %d", done, total));
  }

  @Override
  public void step(
      long step,
      int epoch,
      StepResult result,
      float rate,
      double imagesPerSecond,
      double loaderShare) {
    weight += SHARE * (1 - weight);
    loss += SHARE * (result.loss() - loss);
    error += SHARE * (result.top1Error() - error);
    double seconds = result.images() / imagesPerSecond;
    secondsPerStep += SHARE * (seconds - secondsPerStep);
    secondsWaited += SHARE * (loaderShare * seconds - secondsWaited);
    counted++;
    long now = clock.getAsLong();
    boolean due =
        counted == 1 || now - shownAt >= (console.terminal().redraws() ? REDRAW_NANOS : LINE_NANOS);
    if (!due && step + 1 != steps) {
      return;
    }
    shownAt = now;
    console.progress(parts(step, epoch, result.images()));
  }

  private String[] parts(long step, int epoch, int images) {
    // Early means lean towards their start of 0; dividing by the weight so far undoes that.
    double seconds = secondsPerStep / weight;
    Duration left = Duration.ofMillis((long) (1000 * seconds * Math.max(0, steps - step - 1)));
    double share = secondsWaited / secondsPerStep;
    List<String> parts = new ArrayList<>();
    parts.add(String.format(Locale.ROOT, "step %d/%d", step + 1, steps));
    parts.add(Numbers.time(left) + " left");
    parts.add("loss " + Numbers.fixed(loss / weight, 4));
    parts.add("error " + Numbers.percent(error / weight));
    parts.add(Numbers.fixed(images / seconds, 1) + " images/s");
    parts.add("epoch " + (epoch + 1));
    if (share >= SHOWN_SHARE) {
      parts.add(Numbers.percent(share) + " waiting for images");
    }
    return parts.toArray(String[]::new);
  }

  @Override
  public void evaluated(long step, int epoch, StepResult result) {
    console.message(
        String.format(
            Locale.ROOT,
            "held out after step %d: loss %s, error %s top-1, %s top-5 of %d",
            step,
            Numbers.fixed(result.loss(), 4),
            Numbers.percent(result.top1Error()),
            Numbers.percent(result.top5Error()),
            result.images()));
  }

  @Override
  public void saved(Path checkpoint) {
    console.message("saved " + checkpoint);
  }

  @Override
  public Dataset watched(Dataset images, String what, int total) {
    return new WatchedDataset(images, what, total, new ProgressLine(console, clock));
  }

  @Override
  public boolean stopRequested() {
    return stop.isRequested();
  }

  @Override
  public boolean saveRequested() {
    return stop.takeSaveRequest();
  }

  @Override
  public void note(String line) {
    console.message(line);
  }
}
