package org.alexnet4j.experiment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.experiment.RunEvaluation.Errors;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.io.JsonRecord;
import org.alexnet4j.run.RunFolder;

/**
 * What the metrics of a run say, epoch by epoch.
 *
 * @param trainError mean top-1 error of the images of each epoch while it trained, from epoch 0
 * @param trainLoss mean loss of the same
 * @param testError top-1 error of the held-out images, each time that they were looked at: after
 *     each epoch
 * @param testTop5 top-5 error of the same
 * @param testLoss mean loss of the same
 * @param testImages how many they are; 0 if they were not looked at
 */
public record RunMeasures(
    List<Double> trainError,
    List<Double> trainLoss,
    List<Double> testError,
    List<Double> testTop5,
    List<Double> testLoss,
    long testImages) {
  private static final double QUARTER = 0.25;

  /**
   * Reads the metrics of a run.
   *
   * @throws IOException if they are missing or damaged
   */
  public static RunMeasures read(Path run) throws IOException {
    Reader reader = new Reader();
    JsonLines.forEach(new RunFolder(run).metrics(), reader::line);
    return reader.measures();
  }

  /** Adds up the lines of a file. */
  private static final class Reader {
    private final List<double[]> train = new ArrayList<>(); // images, errors, losses by epoch
    private final List<double[]> test = new ArrayList<>(); // top-1, top-5, loss, one after each
    private long testImages;

    void line(JsonRecord line) throws IOException {
      String kind = line.optionalText("kind").orElse("");
      if (kind.equals("train")) {
        double[] sums = at((int) line.number("epoch"));
        double images = line.number("images");
        sums[0] += images;
        sums[1] += images * line.number("top1Error");
        sums[2] += images * line.number("loss");
      } else if (kind.equals("test")) {
        testImages = (long) line.number("images");
        test.add(
            new double[] {line.number("top1Error"), line.number("top5Error"), line.number("loss")});
      }
    }

    private double[] at(int epoch) {
      while (train.size() <= epoch) {
        train.add(new double[3]);
      }
      return train.get(epoch);
    }

    RunMeasures measures() {
      return new RunMeasures(
          train.stream().map(row -> row[1] / row[0]).toList(),
          train.stream().map(row -> row[2] / row[0]).toList(),
          test.stream().map(row -> row[0]).toList(),
          test.stream().map(row -> row[1]).toList(),
          test.stream().map(row -> row[2]).toList(),
          testImages);
    }
  }

  /** Returns what was found of the held-out images after the last epoch, NaN for nothing. */
  public Errors errors() {
    return new Errors(testImages, last(testError), last(testTop5), last(testLoss));
  }

  /** Returns the last value of a curve, NaN if it has none. */
  public static double last(List<Double> curve) {
    return curve.isEmpty() ? Double.NaN : curve.get(curve.size() - 1);
  }

  /**
   * Returns after how many epochs a quarter of the training images are wrong: the first epoch, from
   * 1, whose mean error is no more, less the part of it that a straight line from the epoch before
   * leaves; NaN if there is none.
   */
  public double epochsToQuarter() {
    for (int i = 0; i < trainError.size(); i++) {
      double error = trainError.get(i);
      if (error <= QUARTER) {
        double before = i == 0 ? error : trainError.get(i - 1);
        return i + 1 - (before > error ? (QUARTER - error) / (before - error) : 0);
      }
    }
    return Double.NaN;
  }
}
