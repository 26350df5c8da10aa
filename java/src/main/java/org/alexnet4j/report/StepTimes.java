package org.alexnet4j.report;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnet4j.plan.LayerSummary;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.TowerPlan;
import org.alexnet4j.plan.cost.Work;
import org.alexnet4j.plan.cost.Work.DeviceRates;

/**
 * Where the time of a step goes: one row per operation of a layer, with the milliseconds of each
 * tower and, where the operation multiplies, the rate of the slower one.
 */
public final class StepTimes {

  /**
   * What one operation of one tower took.
   *
   * @param operation its name in the plan, such as {@code ConvFprop}
   * @param millis average of the measured steps
   */
  public record Sample(int tower, String layer, String operation, double millis) {}

  /**
   * One operation of one layer.
   *
   * @param millis of each tower; 0 if it has no such operation
   * @param share of the slower tower's whole step
   * @param gflops rate of the slower tower in 10^9 floating-point operations a second, 0 if the
   *     operation does not multiply
   * @param roofline share of what the slower tower's device allows, from 0 to 1: the longer of the
   *     times that its products and its bytes take there at least, over the time measured; 0 if the
   *     device's ceilings are unknown. Bytes that stay in a cache can make it larger than 1.
   */
  public record Row(
      String layer,
      String operation,
      ImmutableList<Double> millis,
      double share,
      double gflops,
      double roofline) {}

  private final Plan plan;
  private final ImmutableList<Row> rows;
  private final ImmutableList<DeviceRates> rates;

  /**
   * Sums the samples of every (layer, operation) and sorts them, the longest first.
   *
   * @param rates ceilings of each tower's device, or empty if they are unknown
   */
  public StepTimes(Plan plan, List<Sample> samples, List<DeviceRates> rates) {
    this.plan = plan;
    this.rates = ImmutableList.copyOf(rates);
    int towers = plan.towers().size();
    double[] whole = new double[towers];
    Map<List<String>, Double[]> millis = new LinkedHashMap<>();
    for (Sample sample : samples) {
      List<String> key = List.of(sample.layer(), sample.operation());
      Double[] cells = millis.computeIfAbsent(key, k -> zeros(towers));
      cells[sample.tower()] += sample.millis();
      whole[sample.tower()] += sample.millis();
    }
    double slowest = Math.max(1e-9, Arrays.stream(whole).max().orElse(0));
    this.rows =
        millis.entrySet().stream()
            .map(e -> row(e.getKey().get(0), e.getKey().get(1), e.getValue(), slowest))
            .sorted(Comparator.comparingDouble(Row::share).reversed())
            .collect(ImmutableList.toImmutableList());
  }

  private static Double[] zeros(int count) {
    Double[] cells = new Double[count];
    Arrays.fill(cells, 0.0);
    return cells;
  }

  private Row row(String layer, String operation, Double[] millis, double whole) {
    ImmutableList<Double> cells = ImmutableList.copyOf(millis);
    double longest = cells.stream().mapToDouble(Double::doubleValue).max().orElse(0);
    double flop = isProduct(operation) ? flop(layer) : 0;
    double gflops = longest > 0 ? flop / longest / 1e6 : 0;
    double least = leastMillis(layer, operation, cells.indexOf(longest));
    return new Row(
        layer, operation, cells, longest / whole, gflops, longest > 0 ? least / longest : 0);
  }

  /** Returns what the device of a tower needs at least for the operations of a layer. */
  private double leastMillis(String layer, String operation, int tower) {
    if (rates.isEmpty()) {
      return 0;
    }
    TowerPlan its = plan.towers().get(tower);
    return its.operations()
        .filter(o -> o.layer().equals(layer))
        .filter(o -> o.getClass().getSimpleName().equals(operation))
        .mapToDouble(o -> 1e3 * Work.of(o, its).seconds(rates.get(tower)))
        .sum();
  }

  private static boolean isProduct(String operation) {
    return operation.startsWith("Conv")
        || operation.startsWith("Local")
        || operation.startsWith("Fc");
  }

  /** Returns the operations of one pass of a layer on one tower; both halves are alike. */
  private double flop(String layer) {
    return plan.layers().stream()
        .filter(l -> l.name().equals(layer))
        .mapToDouble((LayerSummary l) -> 2.0 * l.macs() * plan.batch() / l.outputTowers())
        .findFirst()
        .orElse(0);
  }

  /** Returns the rows, the longest first. */
  public ImmutableList<Row> rows() {
    return rows;
  }

  /**
   * Returns the rows as a table.
   *
   * @param least rows below this share are summed into one
   */
  public String text(double least) {
    List<String> headings = new ArrayList<>(List.of("layer", "operation"));
    for (int t = 0; t < plan.towers().size(); t++) {
      headings.add("tower " + (char) ('a' + t) + " ms");
    }
    headings.addAll(List.of("share", "GFLOP/s"));
    if (!rates.isEmpty()) {
      headings.add("roofline");
    }
    TextTable table = new TextTable(headings.toArray(String[]::new));
    double[] rest = new double[plan.towers().size()];
    double restShare = 0;
    for (Row row : rows) {
      if (row.share >= least) {
        add(table, row);
      } else {
        for (int t = 0; t < rest.length; t++) {
          rest[t] += row.millis.get(t);
        }
        restShare += row.share;
      }
    }
    ImmutableList<Double> cells =
        Arrays.stream(rest).boxed().collect(ImmutableList.toImmutableList());
    add(table, new Row("all others", "", cells, restShare, 0, 0));
    return table.toString();
  }

  private void add(TextTable table, Row row) {
    List<Object> cells = new ArrayList<>(List.of(row.layer, row.operation));
    row.millis.forEach(m -> cells.add(Numbers.fixed(m, 2)));
    cells.add(Numbers.percent(row.share));
    cells.add(row.gflops == 0 ? "" : Numbers.fixed(row.gflops, 1));
    if (!rates.isEmpty()) {
      cells.add(row.roofline == 0 ? "" : Numbers.percent(row.roofline));
    }
    table.row(cells.toArray());
  }
}
