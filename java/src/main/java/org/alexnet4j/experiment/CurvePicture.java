package org.alexnet4j.experiment;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.alexnet4j.experiment.ExperimentResult.Row;

/**
 * Curves of an experiment by epoch: for each variant the mean over its seeds, and a band from the
 * lowest to the highest of them.
 */
final class CurvePicture {
  private static final int WIDTH = 720;
  private static final int HEIGHT = 360;
  private static final int LEFT = 52;
  private static final int RIGHT = 12;
  private static final int TOP = 12;
  private static final int BOTTOM = 52;
  private static final int COLOURS = 8;

  private final double most;
  private final int epochs;

  private CurvePicture(double most, int epochs) {
    this.most = most;
    this.epochs = epochs;
  }

  /** The spread of a variant's seeds at each epoch. */
  private record Band(List<Double> low, List<Double> mean, List<Double> high) {}

  /**
   * Draws errors.
   *
   * @param curve which of a run's curves
   * @param what says what the vertical axis is
   */
  static String of(List<Row> rows, String what, Function<RunMeasures, List<Double>> curve) {
    List<Band> bands = rows.stream().map(row -> band(row, curve)).toList();
    int epochs = bands.stream().mapToInt(band -> band.mean.size()).max().orElse(0);
    double most =
        bands.stream().flatMap(band -> band.high.stream()).mapToDouble(v -> v).max().orElse(1);
    if (epochs == 0) {
      return "";
    }
    double top = Math.min(1, Math.ceil(most * 10 + 1e-9) / 10);
    return new CurvePicture(top, epochs).draw(rows, bands, what);
  }

  private static Band band(Row row, Function<RunMeasures, List<Double>> curve) {
    Band band = new Band(new ArrayList<>(), new ArrayList<>(), new ArrayList<>());
    List<List<Double>> curves = row.runs().stream().map(run -> curve.apply(run.curves())).toList();
    int epochs = curves.stream().mapToInt(List::size).min().orElse(0);
    for (int i = 0; i < epochs; i++) {
      int epoch = i;
      double[] values = curves.stream().mapToDouble(c -> c.get(epoch)).sorted().toArray();
      band.low.add(values[0]);
      band.high.add(values[values.length - 1]);
      band.mean.add(MeanInterval.of(values).mean());
    }
    return band;
  }

  private String draw(List<Row> rows, List<Band> bands, String what) {
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s by epoch\">%n",
            WIDTH,
            HEIGHT,
            what));
    axes(svg, what);
    for (int i = 0; i < rows.size(); i++) {
      Band band = bands.get(i);
      if (!band.mean.isEmpty()) {
        svg.append("<polygon class=\"band c").append(i % COLOURS).append("\" points=\"");
        append(svg, band.high, false);
        append(svg, band.low, true);
        svg.append("\"/>\n<polyline class=\"line c").append(i % COLOURS).append("\" points=\"");
        append(svg, band.mean, false);
        svg.append("\"/>\n");
      }
    }
    return svg.append("</svg>\n").toString();
  }

  private void axes(StringBuilder svg, String what) {
    for (int i = 0; i <= 5; i++) {
      double value = most * i / 5;
      svg.append(
          String.format(
              Locale.ROOT,
              "<line class=\"grid\" x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\"/>"
                  + "<text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%.0f</text>%n",
              LEFT,
              WIDTH - RIGHT,
              y(value),
              y(value),
              LEFT - 6,
              y(value) + 4,
              100 * value));
    }
    int step = Math.max(1, (int) Math.ceil(epochs / 10.0));
    for (int epoch = step; epoch <= epochs; epoch += step) {
      svg.append(
          String.format(
              Locale.ROOT,
              "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\">%d</text>%n",
              x(epoch - 1),
              HEIGHT - BOTTOM + 20,
              epoch));
    }
    svg.append(
        String.format(
            Locale.ROOT,
            "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">epoch</text>"
                + "<text x=\"%d\" y=\"%d\" text-anchor=\"start\">%s, %%</text>%n",
            WIDTH - RIGHT,
            HEIGHT - 6,
            LEFT,
            HEIGHT - 6,
            what));
  }

  private void append(StringBuilder svg, List<Double> values, boolean back) {
    for (int i = 0; i < values.size(); i++) {
      int at = back ? values.size() - 1 - i : i;
      svg.append(String.format(Locale.ROOT, "%.1f,%.1f ", x(at), y(values.get(at))));
    }
  }

  private double x(int epoch) {
    return LEFT + (WIDTH - LEFT - RIGHT) * (epoch + 1.0) / epochs;
  }

  private double y(double value) {
    return TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most);
  }
}
