package org.alexnet4j.jmh;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Images per second of each round and subject, as a table in Markdown. */
final class PeerTable {
  private final Map<Peer, List<Double>> rates = new EnumMap<>(Peer.class);

  /** Adds a subject's next round; NaN if it could not be measured. */
  void add(Peer subject, double imagesPerSecond) {
    rates.computeIfAbsent(subject, key -> new ArrayList<>()).add(imagesPerSecond);
  }

  /** Returns a line for each subject, with what it is of ours and of ONNX Runtime in a round. */
  String text() {
    Peer other = rates.containsKey(Peer.ONNX_COMPOSED) ? Peer.ONNX_COMPOSED : Peer.ONNX;
    boolean onnx = rates.containsKey(other);
    boolean direct = rates.containsKey(Peer.DIRECT);
    StringBuilder text = new StringBuilder("| | images/s, median | quartiles | best |");
    text.append(direct ? " of direct |" : "").append(onnx ? " of " + other + " |" : "");
    text.append("\n|---|---|---|---|").append(direct ? "---|" : "").append(onnx ? "---|" : "");
    rates.forEach(
        (subject, all) -> {
          double[] sorted = all.stream().mapToDouble(Double::doubleValue).sorted().toArray();
          text.append(
              String.format(
                  Locale.ROOT,
                  "%n| %s | %s | %s to %s | %s |",
                  subject,
                  rate(quantile(sorted, 0.5)),
                  rate(quantile(sorted, 0.25)),
                  rate(quantile(sorted, 0.75)),
                  rate(quantile(sorted, 1))));
          text.append(direct ? ratio(all, rates.get(Peer.DIRECT)) : "");
          text.append(onnx ? ratio(all, rates.get(other)) : "");
        });
    return text.append('\n').toString();
  }

  /** Of the same round, because a shared machine's speed drifts. */
  private static String ratio(List<Double> all, List<Double> others) {
    double[] ratios = new double[all.size()];
    Arrays.setAll(ratios, i -> all.get(i) / others.get(i));
    Arrays.sort(ratios);
    double median = quantile(ratios, 0.5);
    return Double.isNaN(median) ? " - |" : String.format(Locale.ROOT, " %.2f |", median);
  }

  private static String rate(double rate) {
    return Double.isNaN(rate) ? "-" : String.format(Locale.ROOT, "%.1f", rate);
  }

  /** Returns what a share of the values is no larger than, between two of them by a line. */
  static double quantile(double[] sorted, double share) {
    double place = share * (sorted.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, sorted.length - 1);
    return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
  }
}
