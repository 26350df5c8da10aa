package org.alexnet4j.cli.run;

import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.Failures;
import org.alexnet4j.cli.option.NetworkOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.report.HtmlReport;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.train.RunListener;
import org.alexnet4j.train.RunOptions;

/**
 * Keeps the page of a run up to date: after every evaluation, by a thread of its own so that no
 * step waits, and at the end, however the run ends. What goes wrong with the page is a message and
 * never the end of a run.
 */
final class RunReport implements RunListener, AutoCloseable {
  private final Console console;
  private final RunOptions options;
  private final RunListener next;
  private final boolean alone;
  private final ExecutorService writer =
      Executors.newSingleThreadExecutor(task -> new Thread(task, "report"));
  private Future<?> writing;
  private final List<String> notes = new CopyOnWriteArrayList<>();
  private final Set<String> said = ConcurrentHashMap.newKeySet();
  private boolean began;

  /**
   * Makes the keeper of a page.
   *
   * @param next hears everything as well
   */
  RunReport(Console console, RunOptions options, RunListener next) {
    this(console, options, next, true);
  }

  /** Makes one; {@code alone} is whether all messages are of this run and go into its log. */
  RunReport(Console console, RunOptions options, RunListener next, boolean alone) {
    this.console = console;
    this.options = options;
    this.next = next;
    this.alone = alone;
  }

  /** Returns whether the run came so far that there is something to show. */
  boolean hasBegun() {
    return began;
  }

  /**
   * Looks into the trained network, for the page's pictures.
   *
   * @throws DataException if the images are damaged, of which a person must hear
   */
  void inspect(int images) throws DataException {
    Path run = options.run();
    try {
      Path weights = new RunFolder(run).latest().orElseThrow();
      LookInside.Request request =
          new LookInside.Request(
              run, weights, options.data(), options.devices(), images, options.loaderThreads());
      if (!LookInside.write(console, request, new NetworkOptions())) {
        console.message("no images are held out, so the report goes without pictures of them");
      }
    } catch (DataException e) {
      throw e;
    } catch (Throwable e) { // Training is done and saved; whatever it is, it is said.
      console.message("the report goes without pictures: " + Failures.line(e));
    }
  }

  private void sayOnce(String line) {
    if (said.add(line)) {
      console.message(line);
    }
  }

  private void write() {
    try {
      HtmlReport.write(
          new RunFolder(options.run()).report(), List.of(options.run()), this::sayOnce);
    } catch (Throwable e) { // In a thread of its own nobody else would hear of it.
      console.message("the report cannot be written: " + Failures.line(e));
    }
  }

  @Override
  public void opened(Path folder) {
    if (alone) {
      console.logInto(folder);
    }
    next.opened(folder);
  }

  @Override
  public void discarded(Path folder) {
    began = false;
    console.endLog();
    next.discarded(folder);
  }

  @Override
  public void started(Plan plan, int trainImages, int testImages, long done, long steps) {
    began = true;
    next.started(plan, trainImages, testImages, done, steps);
  }

  @Override
  public void step(
      long step, int epoch, StepResult result, float rate, double speed, double loaderShare) {
    next.step(step, epoch, result, rate, speed, loaderShare);
  }

  @Override
  public void evaluated(long step, int epoch, StepResult result) {
    next.evaluated(step, epoch, result);
    if (writing == null || writing.isDone()) {
      writing = writer.submit(this::write);
    }
  }

  @Override
  public void saved(Path checkpoint) {
    next.saved(checkpoint);
  }

  /** Returns the notes that the run made. */
  List<String> notes() {
    return notes;
  }

  @Override
  public void note(String line) {
    notes.add(line);
    next.note(line);
  }

  @Override
  public Dataset watched(Dataset images, String what, int total) {
    return next.watched(images, what, total);
  }

  @Override
  public boolean saveRequested() {
    return next.saveRequested();
  }

  @Override
  public boolean stopRequested() {
    return next.stopRequested();
  }

  /** Writes the page for the last time, if there is a run to show. */
  @Override
  public void close() {
    writer.shutdown();
    try {
      writer.awaitTermination(1, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    if (began) {
      write();
    }
  }
}
