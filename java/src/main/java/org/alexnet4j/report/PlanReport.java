package org.alexnet4j.report;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.BufferSpec;
import org.alexnet4j.plan.LayerSummary;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.TowerPlan;
import org.alexnet4j.plan.Transfer;
import org.alexnet4j.shape.Slicing;

/**
 * A plan in tables: layers, parameters of each tower, work, memory by layer and by kind, and what
 * crosses between towers.
 *
 * @param plan what is described
 * @param workspace bytes of scratch memory of each tower, which depends on the devices; empty if
 *     not known
 */
public record PlanReport(Plan plan, ImmutableList<Long> workspace) {

  /** Describes a plan that has no devices. */
  public PlanReport(Plan plan) {
    this(plan, ImmutableList.of());
  }

  /** Returns all tables as text. */
  public String text() {
    return String.join("\n", summary(), layers().toString(), totals(), memory(), exchange());
  }

  /** Returns the same content for a program. */
  public Map<String, Object> json() {
    ImmutableMap.Builder<String, Object> json = ImmutableMap.builder();
    json.put("network", plan.spec().name());
    json.put("towers", plan.spec().towers());
    json.put("batch", plan.batch());
    json.put("purpose", plan.purpose().name().toLowerCase(Locale.ROOT));
    json.put("precision", plan.arithmetic().precision().toString());
    json.put("algorithm", plan.arithmetic().algorithm().toString());
    json.put("parameters", plan.parameterCount());
    json.put("parametersPerTower", perTower(TowerPlan::parameterCount));
    json.put("macs", plan.macs());
    json.put("neurons", plan.neurons());
    json.put("arenaBytesPerTower", perTower(tower -> tower.memory().bytes()));
    json.put("imageBytesPerDevice", plan.imageBytes());
    if (!workspace.isEmpty()) {
      json.put("workspaceBytesPerTower", workspace);
    }
    json.put("layers", plan.layers());
    json.put("exchange", plan.exchange().transfers());
    return json.build();
  }

  private List<Long> perTower(ToLongFunction<TowerPlan> value) {
    return plan.towers().stream().mapToLong(value).boxed().toList();
  }

  private String summary() {
    NetworkSpec spec = plan.spec();
    return String.format(
        Locale.ROOT,
        "%s: %d tower%s, input %d of %d pixels, %d classes, batch %d%s, to %s%n",
        spec.name(),
        spec.towers(),
        spec.towers() == 1 ? "" : "s",
        spec.inputSize(),
        spec.sourceSize(),
        spec.classes(),
        plan.batch(),
        slices() + plan.arithmetic().remark(),
        plan.purpose().name().toLowerCase(Locale.ROOT));
  }

  private TextTable layers() {
    TextTable table =
        new TextTable(
            "layer", "kind", "output per tower", "towers", "parameters", "MACs", "neurons");
    for (LayerSummary layer : plan.layers()) {
      table.row(
          layer.name(),
          layer.kind(),
          layer.output(),
          towers(layer.outputTowers()),
          grouped(layer.parameters()),
          grouped(layer.macs()),
          grouped(layer.neurons()));
    }
    return table;
  }

  private String totals() {
    String perTower =
        plan.towers().stream()
            .map(
                t ->
                    String.format(
                        Locale.ROOT, "tower %s %s", name(t), Numbers.grouped(t.parameterCount())))
            .collect(Collectors.joining(", "));
    return String.format(
        Locale.ROOT,
        "parameters %s (%s)%nMACs per image forward %s, neurons %s%n",
        Numbers.grouped(plan.parameterCount()),
        perTower,
        Numbers.grouped(plan.macs()),
        Numbers.grouped(plan.neurons()));
  }

  /** Returns the memory by layer and by kind. */
  public String memory() {
    Set<String> layers = new LinkedHashSet<>();
    plan.towers().forEach(t -> t.buffers().forEach(b -> layers.add(b.layer())));
    TextTable byLayer = new TextTable(headings("memory by layer"));
    for (String layer : layers) {
      byLayer.row(cells(layer, b -> b.layer().equals(layer)));
    }
    return byLayer + "\n" + byKind("memory by kind");
  }

  /** Returns the memory by kind of a step in slices, under what it does with their planes. */
  public String memoryByKind() {
    long bytes = plan.imageBytes();
    for (TowerPlan tower : plan.towers()) {
      bytes += tower.memory().bytes();
    }
    String how = slices();
    return byKind(how.isEmpty() ? "undivided" : how.substring(2))
        + "all towers on one device: "
        + Numbers.mebibytes(bytes)
        + "\n";
  }

  private String slices() {
    Slicing slicing = plan.slicing();
    if (slicing.count() == 1) {
      return "";
    }
    String of =
        plan.part().isWhole() ? "" : ", rank " + plan.part().rank() + " of " + plan.part().ranks();
    return ", " + slicing.count() + " slices " + (slicing.recompute() ? "recomputed" : "kept") + of;
  }

  private String byKind(String title) {
    TextTable byKind = new TextTable(headings(title));
    for (BufferSpec.Kind kind : BufferSpec.Kind.values()) {
      String name = kind.name().toLowerCase(Locale.ROOT).replace('_', ' ');
      byKind.row(cells(name, b -> b.kind() == kind));
    }
    byKind.row(cells("sum of buffers", b -> true));
    byKind.row(row("arena", t -> Numbers.mebibytes(t.memory().bytes())));
    if (!workspace.isEmpty()) {
      byKind.row(row("workspace", t -> Numbers.mebibytes(workspace.get(t.tower()))));
    }
    return byKind
        + "(the arena is smaller than the sum: images lie beside it, once for all towers of a"
        + " device, and buffers that are never needed together share"
        + (workspace.isEmpty() ? "; scratch memory depends on the devices)\n" : ")\n");
  }

  private Object[] cells(String name, Predicate<BufferSpec> which) {
    return row(
        name,
        tower ->
            Numbers.mebibytes(
                tower.buffers().stream()
                    .filter(BufferSpec::isWhole)
                    .filter(which)
                    .mapToLong(BufferSpec::bytes)
                    .sum()));
  }

  private Object[] row(String name, Function<TowerPlan, String> cell) {
    return IntStream.range(0, plan.towers().size() + 1)
        .mapToObj(i -> i == 0 ? name : cell.apply(plan.towers().get(i - 1)))
        .toArray();
  }

  private String[] headings(String first) {
    return IntStream.range(0, plan.towers().size() + 1)
        .mapToObj(i -> i == 0 ? first : "tower " + name(plan.towers().get(i - 1)))
        .toArray(String[]::new);
  }

  private String exchange() {
    if (plan.exchange().transfers().isEmpty()) {
      return "exchange: none\n";
    }
    TextTable table = new TextTable("exchange", "plane", "for", "from", "to", "bytes");
    Map<String, Long> sums = new LinkedHashMap<>();
    for (Transfer transfer : plan.exchange().transfers()) {
      String direction = transfer.direction().name().toLowerCase(Locale.ROOT);
      String from = NetworkSpec.towerName(transfer.from());
      String to = NetworkSpec.towerName(transfer.to());
      table.row(direction, transfer.plane(), transfer.layer(), from, to, grouped(transfer.bytes()));
      sums.merge(direction + " " + from + " to " + to, transfer.bytes(), Long::sum);
    }
    String total =
        sums.entrySet().stream()
            .map(e -> e.getKey() + " " + Numbers.grouped(e.getValue()))
            .collect(Collectors.joining(", "));
    return table
        + "bytes per step: "
        + total
        + "; all "
        + Numbers.grouped(plan.exchange().bytes())
        + "\n";
  }

  private static String name(TowerPlan tower) {
    return NetworkSpec.towerName(tower.tower());
  }

  /** Returns the letters of the first towers: {@code ab}. */
  private static String towers(int count) {
    return IntStream.range(0, count).mapToObj(NetworkSpec::towerName).collect(Collectors.joining());
  }

  /** Returns a number, or nothing for 0: an empty cell is quicker to read in a long table. */
  private static String grouped(long value) {
    return value == 0 ? "" : Numbers.grouped(value);
  }
}
