package org.alexnet4j.train;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a {@link RateTest} found.
 *
 * @param points one for each step that was done
 * @param suggestion where the smoothed loss falls most steeply, if it falls
 * @param ended why not all steps were done, if so
 * @hidden
 */
public record TestedRates(
    ImmutableList<Point> points, Optional<Point> suggestion, Optional<String> ended) {
  /** Weight of a loss in the smoothed one of a step beside it, of the next one its square, ... */
  private static final double NEAR = 0.9;

  /**
   * A step.
   *
   * @param step from 0
   * @param rate of the weights
   * @param loss before the update, mean of the batch
   * @param smoothed mean of all losses with weights of 0.9 to the power of their distance
   * @hidden
   */
  public record Point(int step, float rate, double loss, double smoothed) {}

  /** Smooths losses and finds the steepest descent. */
  static TestedRates of(RateTest.Range range, List<Double> losses, Optional<String> ended) {
    List<Point> points = new ArrayList<>();
    for (int i = 0; i < losses.size(); i++) {
      double sum = 0;
      double weights = 0;
      for (int j = 0; j < losses.size(); j++) {
        double weight = Math.pow(NEAR, Math.abs(i - j));
        sum += weight * losses.get(j);
        weights += weight;
      }
      points.add(new Point(i, range.rate(i), losses.get(i), sum / weights));
    }
    return new TestedRates(ImmutableList.copyOf(points), steepest(points), ended);
  }

  /** By the difference of both neighbours: steps are equally far apart in the rate's logarithm. */
  private static Optional<Point> steepest(List<Point> points) {
    int best = -1;
    double fall = 0;
    for (int i = 1; i < points.size() - 1; i++) {
      double difference = points.get(i + 1).smoothed() - points.get(i - 1).smoothed();
      if (difference < fall) {
        fall = difference;
        best = i;
      }
    }
    return best < 0 ? Optional.empty() : Optional.of(points.get(best));
  }

  /** {@return the point of the lowest smoothed loss, if there is a point} */
  public Optional<Point> lowest() {
    return points.stream().min((a, b) -> Double.compare(a.smoothed(), b.smoothed()));
  }

  /** {@return a table with a head, RFC 4180} */
  public String csv() {
    StringBuilder text = new StringBuilder("step,rate,loss,smoothedLoss\r\n");
    for (Point point : points) {
      text.append(point.step()).append(',').append(point.rate()).append(',');
      text.append(point.loss()).append(',').append(point.smoothed()).append("\r\n");
    }
    return text.toString();
  }
}
