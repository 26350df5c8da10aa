package org.alexnet4j.train;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alexnet4j.io.EventFile;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.tower.StepResult;

/**
 * Writes what a run measures: a line of {@code metrics.jsonl} and an event for TensorBoard per step
 * and per evaluation. The fields are described in docs/runs.md.
 */
final class MetricsLog implements AutoCloseable {
  private final JsonLines lines;
  private final EventFile events;

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
   */
  void train(Progress at, StepResult result, float rate, double speed, double waited)
      throws IOException {
    JsonObject line = line("train", at, result);
    line.addProperty("rate", rate);
    line.addProperty("imagesPerSecond", speed);
    line.addProperty("loaderShare", waited);
    Map<String, Double> more = new LinkedHashMap<>();
    more.put("rate", (double) rate);
    more.put("images_per_second", speed);
    more.put("loader_share", waited);
    write("train", at, result, line, more);
  }

  /** Writes an evaluation after the step {@code at}. */
  void test(Progress at, StepResult result) throws IOException {
    write("test", at, result, line("test", at, result), Map.of());
  }

  /** Writes a line of another kind, which has no place among the curves. */
  void other(JsonObject line) throws IOException {
    lines.write(line);
  }

  private static JsonObject line(String kind, Progress at, StepResult result) {
    JsonObject line = new JsonObject();
    line.addProperty("kind", kind);
    line.addProperty("time", BigDecimal.valueOf(System.currentTimeMillis(), 3)); // no exponent
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
    try (lines) {
      events.close();
    }
  }
}
