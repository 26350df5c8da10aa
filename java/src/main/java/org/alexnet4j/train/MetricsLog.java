package org.alexnet4j.train;

import com.google.common.util.concurrent.ThreadFactoryBuilder;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.alexnet4j.io.EventFile;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.io.Reason;
import org.alexnet4j.run.Progress;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.tower.StepResult;

/**
 * Writes what a run measures: a line of {@code metrics.jsonl} and an event for TensorBoard per step
 * and per evaluation. The fields are described in docs/runs.md.
 *
 * <p>A thread of its own writes them, in order, so that the next step begins at once; {@link
 * #await} returns when all that was handed over is in the files. After a failure nothing more is
 * written, and the next call throws it. Threads: one caller.
 */
final class MetricsLog implements AutoCloseable {
  private final JsonLines lines;
  private final EventFile events;
  private final ExecutorService thread =
      Executors.newSingleThreadExecutor(
          new ThreadFactoryBuilder().setNameFormat("metrics-writer").setDaemon(true).build());
  private volatile Future<?> last;
  private volatile Throwable failure;

  private interface Write {
    void run() throws IOException;
  }

  /**
   * Opens both files of a run folder.
   *
   * @param step the step that comes next
   */
  MetricsLog(RunFolder folder, long step) throws IOException {
    this.lines = JsonLines.append(folder.metrics());
    try {
      this.events = EventFile.create(folder.path(), step);
    } catch (IOException | RuntimeException e) {
      lines.close();
      throw e;
    }
  }

  /**
   * Writes a training step.
   *
   * @param rate learning rate of the weights
   * @param speed images per second, loading included
   * @param waited share of the step in which training waited for images
   * @throws IOException if something before it could not be written
   */
  void train(Progress at, StepResult result, float rate, double speed, double waited)
      throws IOException {
    long now = System.currentTimeMillis();
    hand(
        () -> {
          JsonObject line = line("train", now, at, result);
          line.addProperty("rate", rate);
          line.addProperty("imagesPerSecond", speed);
          line.addProperty("loaderShare", waited);
          Map<String, Double> more = new LinkedHashMap<>();
          more.put("rate", (double) rate);
          more.put("images_per_second", speed);
          more.put("loader_share", waited);
          write("train", at, result, line, more);
        });
  }

  /** Writes an evaluation after the step {@code at}. */
  void test(Progress at, StepResult result) throws IOException {
    long now = System.currentTimeMillis();
    hand(() -> write("test", at, result, line("test", now, at, result), Map.of()));
  }

  /** Writes how the training images that a stage leaves out do after the step {@code at}. */
  void left(Progress at, StepResult result) throws IOException {
    long now = System.currentTimeMillis();
    hand(() -> lines.write(line("left-out", now, at, result)));
  }

  /** Writes a line of another kind, which has no place among the curves. */
  void other(JsonObject line) throws IOException {
    hand(() -> lines.write(line));
  }

  private void hand(Write write) throws IOException {
    throwFailure();
    last =
        thread.submit(
            () -> {
              try {
                if (failure == null) {
                  write.run();
                }
              } catch (
                  Throwable e) { // Whatever it is belongs to the run, which asks at its next step.
                failure = e;
              }
            });
  }

  private void throwFailure() throws IOException {
    if (failure instanceof IOException e) {
      throw new IOException(Reason.withFile(e), e);
    }
    if (failure instanceof Error e) {
      throw e;
    }
    if (failure != null) {
      throw new IllegalStateException("metrics could not be written", failure);
    }
  }

  /**
   * Waits until all that was handed over before is in the files. Any thread may call it.
   *
   * @throws IOException if something could not be written
   */
  void await() throws IOException {
    Future<?> newest = last;
    if (newest != null) {
      try {
        newest.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException("metrics could not be written", e.getCause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while metrics were written", e);
      }
    }
    throwFailure();
  }

  private static JsonObject line(String kind, long now, Progress at, StepResult result) {
    JsonObject line = new JsonObject();
    line.addProperty("kind", kind);
    line.addProperty("time", BigDecimal.valueOf(now, 3)); // no exponent
    line.addProperty("step", at.step());
    line.addProperty("epoch", at.epoch());
    line.addProperty("images", result.images());
    line.addProperty("loss", result.loss());
    line.addProperty("top1Error", result.top1Error());
    line.addProperty("top5Error", result.top5Error());
    return line;
  }

  private void write(
      String kind, Progress at, StepResult result, JsonObject line, Map<String, Double> more)
      throws IOException {
    lines.write(line);
    Map<String, Double> values = new LinkedHashMap<>();
    values.put(kind + "/loss", result.loss());
    values.put(kind + "/top1_error", result.top1Error());
    values.put(kind + "/top5_error", result.top5Error());
    more.forEach((name, value) -> values.put(kind + "/" + name, value));
    events.write(at.step(), values);
  }

  @Override
  public void close() throws IOException {
    try (lines;
        events) {
      await();
    } finally {
      thread.shutdown();
    }
  }
}
