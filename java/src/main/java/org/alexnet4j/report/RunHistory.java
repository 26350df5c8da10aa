package org.alexnet4j.report;

import com.google.common.collect.Maps;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.io.JsonRecord;

/**
 * The curves of a run, from its {@code metrics.jsonl}, in a length that a page can draw.
 *
 * @param steps updates that were done
 * @param images training images that were seen
 * @param seconds time of all steps, evaluation not counted
 * @param stepsPerEpoch 0 if the run ended within its first epoch
 * @param train training steps
 * @param test evaluations
 * @param last the last evaluation, or null if there was none
 * @param norms of each layer's weights, if they were measured
 */
record RunHistory(
    long steps,
    long images,
    double seconds,
    double stepsPerEpoch,
    Curve train,
    Curve test,
    Evaluation last,
    Map<String, Norms> norms) {
  private static final int POINTS = 1500;

  /**
   * Results on held-out images.
   *
   * @param images how many
   * @param loss mean over the images
   * @param top1Error share of wrong answers
   */
  record Evaluation(long step, long images, double loss, double top1Error, double top5Error) {}

  /**
   * Columns of equal length. NaN stands for what a line did not have.
   *
   * @param stepsPerPoint how many lines each point is the mean of
   * @param seconds training time before the point
   */
  record Curve(
      int stepsPerPoint,
      float[] step,
      float[] seconds,
      float[] loss,
      float[] top1Error,
      float[] top5Error,
      float[] rate,
      float[] imagesPerSecond,
      float[] loaderShare) {

    private static Curve of(MeanColumns rows) {
      return new Curve(
          rows.perRow(),
          rows.column(0),
          rows.column(1),
          rows.column(2),
          rows.column(3),
          rows.column(4),
          rows.column(5),
          rows.column(6),
          rows.column(7));
    }
  }

  /**
   * Columns about a layer's weights. NaN stands for what a line did not have.
   *
   * @param stepsPerPoint how many lines each point is the mean of
   * @param gradient Euclidean norm of the loss gradient
   * @param ratio norm of the update over that of the weights
   */
  record Norms(int stepsPerPoint, float[] step, float[] seconds, float[] gradient, float[] ratio) {
    private static Norms of(MeanColumns rows) {
      return new Norms(
          rows.perRow(), rows.column(0), rows.column(1), rows.column(2), rows.column(3));
    }
  }

  /** Reads the lines one by one: those of a long run do not fit into memory. */
  static RunHistory read(Path metrics) throws IOException {
    Reader reader = new Reader();
    JsonLines.forEach(metrics, reader::line);
    return new RunHistory(
        reader.steps,
        reader.images,
        reader.seconds,
        reader.stepsPerEpoch,
        Curve.of(reader.train),
        Curve.of(reader.test),
        reader.last,
        Maps.transformValues(reader.norms, Norms::of));
  }

  private static final class Reader {
    private final MeanColumns train = new MeanColumns(8, POINTS);
    private final MeanColumns test = new MeanColumns(8, POINTS);
    private final Map<String, MeanColumns> norms = new LinkedHashMap<>();
    private long steps;
    private long images;
    private double seconds;
    private double stepsPerEpoch;
    private Evaluation last;

    void line(JsonRecord line) throws IOException {
      double step = line.number("step");
      double loss = line.number("loss");
      double top1 = line.number("top1Error");
      double top5 = line.number("top5Error");
      String kind = line.optionalText("kind").orElse("");
      if (kind.equals("test")) {
        test.add(step, seconds, loss, top1, top5, Double.NaN, Double.NaN, Double.NaN);
        last = new Evaluation((long) step, (long) line.number("images"), loss, top1, top5);
      } else if (kind.equals("train")) {
        step(line, step, loss, top1, top5);
      } else if (kind.equals("norms") && line.json().get("layers") instanceof JsonObject layers) {
        for (Map.Entry<String, JsonElement> layer : layers.entrySet()) {
          norms
              .computeIfAbsent(layer.getKey(), name -> new MeanColumns(4, POINTS))
              .add(step, seconds, number(layer, "gradient"), number(layer, "ratio"));
        }
      }
    }

    private static double number(Map.Entry<String, JsonElement> layer, String key) {
      boolean known =
          layer.getValue() instanceof JsonObject norms
              && norms.get(key) instanceof JsonPrimitive value
              && value.isNumber();
      return known ? layer.getValue().getAsJsonObject().get(key).getAsDouble() : Double.NaN;
    }

    private void step(JsonRecord line, double step, double loss, double top1, double top5)
        throws IOException {
      double speed = line.number("imagesPerSecond");
      double took = line.number("images") / speed;
      double epoch = line.number("epoch");
      seconds += Double.isFinite(took) ? took : 0;
      images += (long) line.number("images");
      steps = (long) step + 1;
      stepsPerEpoch = stepsPerEpoch == 0 && epoch >= 1 ? step / epoch : stepsPerEpoch;
      double rate = line.number("rate");
      train.add(step, seconds, loss, top1, top5, rate, speed, line.number("loaderShare"));
    }
  }
}
