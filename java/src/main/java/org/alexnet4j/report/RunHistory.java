package org.alexnet4j.report;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import org.alexnet4j.io.JsonLines;

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
 */
record RunHistory(
    long steps,
    long images,
    double seconds,
    double stepsPerEpoch,
    Curve train,
    Curve test,
    Evaluation last) {
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
        reader.last);
  }

  private static final class Reader {
    private final MeanColumns train = new MeanColumns(8, POINTS);
    private final MeanColumns test = new MeanColumns(8, POINTS);
    private long steps;
    private long images;
    private double seconds;
    private double stepsPerEpoch;
    private Evaluation last;

    void line(JsonObject line) {
      double step = number(line, "step");
      double loss = number(line, "loss");
      double top1 = number(line, "top1Error");
      double top5 = number(line, "top5Error");
      String kind = line.has("kind") ? line.get("kind").getAsString() : "";
      if (kind.equals("test")) {
        test.add(step, seconds, loss, top1, top5, Double.NaN, Double.NaN, Double.NaN);
        last = new Evaluation((long) step, (long) number(line, "images"), loss, top1, top5);
      } else if (kind.equals("train")) {
        step(line, step, loss, top1, top5);
      }
    }

    private void step(JsonObject line, double step, double loss, double top1, double top5) {
      double speed = number(line, "imagesPerSecond");
      double took = number(line, "images") / speed;
      double epoch = number(line, "epoch");
      seconds += Double.isFinite(took) ? took : 0;
      images += (long) number(line, "images");
      steps = (long) step + 1;
      stepsPerEpoch = stepsPerEpoch == 0 && epoch >= 1 ? step / epoch : stepsPerEpoch;
      double rate = number(line, "rate");
      train.add(step, seconds, loss, top1, top5, rate, speed, number(line, "loaderShare"));
    }

    private static double number(JsonObject line, String key) {
      JsonElement value = line.get(key);
      return value == null ? Double.NaN : value.getAsDouble(); // "NaN" is read as NaN
    }
  }
}
