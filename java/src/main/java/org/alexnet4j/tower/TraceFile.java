package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import org.alexnet4j.io.AtomicFile;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Transfer;
import org.alexnet4j.tower.time.Timeline;

/**
 * Writes steps in the Trace Event Format, which ui.perfetto.dev and chrome://tracing open: a
 * process per tower, a thread per stream and one for moves between ranks, a slice per operation,
 * copy and move, and for each exchange an arrow from where it is sent over the copy to where it is
 * received.
 *
 * <p>Times are microseconds, whole nanoseconds, since the first step began.
 *
 * @hidden
 */
public final class TraceFile {

  /**
   * A step and what was measured of it.
   *
   * @param number of the step, from 0
   * @param timeline what it took
   * @hidden
   */
  public record Step(long number, Timeline timeline) {}

  private final Plan plan;
  private final JsonArray events = new JsonArray();

  private TraceFile(Plan plan) {
    this.plan = plan;
  }

  /**
   * Writes a file.
   *
   * @param file the trace, replaced if it is there
   * @param towers whose steps they are
   * @param steps in their order, at least one
   * @throws IOException if the file cannot be written
   */
  public static void write(Path file, Towers towers, List<Step> steps) throws IOException {
    TraceFile trace = new TraceFile(towers.plan());
    trace.names(towers);
    long first = steps.get(0).timeline().startNanos();
    steps.forEach(step -> trace.step(step, step.timeline().startNanos() - first));
    JsonObject about = new JsonObject();
    about.addProperty("network", towers.plan().spec().name());
    about.addProperty("batch", towers.plan().batch());
    about.addProperty("mode", towers.mode().name().toLowerCase(Locale.ROOT));
    about.addProperty("devices", towers.deviceIds().toString());
    JsonObject json = new JsonObject();
    json.addProperty("displayTimeUnit", "ms");
    json.add("otherData", about);
    json.add("traceEvents", trace.events);
    AtomicFile.writeText(file, json + "\n");
  }

  private static int process(int tower) {
    return tower + 1;
  }

  private static int compute(int tower) {
    return 3 * tower + 1;
  }

  private static int copy(int tower) {
    return 3 * tower + 2;
  }

  private static int moves(int tower) {
    return 3 * tower + 3;
  }

  private void names(Towers towers) {
    int steps = stepsProcess();
    name("process_name", steps, 0, "steps");
    sortIndex("process_sort_index", steps, 0, 0);
    ImmutableList<?> ids = towers.deviceIds();
    for (int t = 0; t < ids.size(); t++) {
      String tower = "tower " + NetworkSpec.towerName(t) + " on " + ids.get(t);
      name("process_name", process(t), 0, tower);
      sortIndex("process_sort_index", process(t), 0, t + 1);
      name("thread_name", process(t), compute(t), "compute stream");
      name("thread_name", process(t), copy(t), "copy stream");
      sortIndex("thread_sort_index", process(t), compute(t), 0);
      sortIndex("thread_sort_index", process(t), copy(t), 1);
      if (towers.rankTime().isPresent()) {
        name("thread_name", process(t), moves(t), "moves between ranks");
        sortIndex("thread_sort_index", process(t), moves(t), 2);
      }
    }
  }

  private int stepsProcess() {
    return process(plan.towers().size());
  }

  private void name(String kind, int process, int thread, String name) {
    JsonObject arguments = new JsonObject();
    arguments.addProperty("name", name);
    events.add(with(event("M", kind, process, thread), arguments));
  }

  private void sortIndex(String kind, int process, int thread, int index) {
    JsonObject arguments = new JsonObject();
    arguments.addProperty("sort_index", index);
    events.add(with(event("M", kind, process, thread), arguments));
  }

  private void step(Step step, long offsetNanos) {
    Timeline timeline = step.timeline();
    double end = timeline.spans().stream().mapToDouble(Timeline.Span::end).max().orElse(0);
    int steps = stepsProcess();
    events.add(slice("step " + step.number(), steps, compute(steps), offsetNanos, 0, end));
    for (Timeline.Span span : timeline.spans()) {
      events.add(slice(span, offsetNanos));
    }
    for (Timeline.Crossing crossing : timeline.crossings()) {
      crossing(crossing, timeline, step.number(), offsetNanos);
    }
    timeline.moves().forEach(move -> move(move, offsetNanos));
  }

  private void move(Timeline.Move move, long offset) {
    JsonObject arguments = new JsonObject();
    arguments.addProperty("layer", move.layer());
    arguments.addProperty("move", move.kind());
    arguments.addProperty("plane", move.plane());
    arguments.addProperty("pass", move.backward() ? "backward" : "forward");
    arguments.addProperty("bytes", move.bytes());
    int tower = move.tower();
    String name = move.kind() + " " + (move.plane().isEmpty() ? move.layer() : move.plane());
    events.add(
        with(
            slice(name, process(tower), moves(tower), offset, move.begin(), move.end()),
            arguments));
  }

  private JsonObject slice(Timeline.Span span, long offset) {
    JsonObject arguments = new JsonObject();
    arguments.addProperty("layer", span.layer());
    arguments.addProperty("operation", span.operation());
    arguments.addProperty("pass", span.backward() ? "backward" : "forward");
    String name = span.layer() + " " + span.operation();
    if (span.transfer() >= 0) {
      Transfer transfer = plan.exchange().transfers().get(span.transfer());
      arguments.addProperty("transfer", transfer.id());
      name = span.operation() + " " + what(transfer);
    }
    int tower = span.tower();
    return with(
        slice(name, process(tower), compute(tower), offset, span.begin(), span.end()), arguments);
  }

  private static String what(Transfer transfer) {
    boolean forward = transfer.direction() == Transfer.Direction.FORWARD;
    return (forward ? "" : "gradient of ")
        + String.format(
            Locale.ROOT,
            "%s %s to %s",
            transfer.plane(),
            NetworkSpec.towerName(transfer.from()),
            NetworkSpec.towerName(transfer.to()));
  }

  /** The copy, and the arrow from its source over it to the operation that waited for it. */
  private void crossing(Timeline.Crossing crossing, Timeline timeline, long step, long offset) {
    Transfer transfer = crossing.transfer();
    int from = transfer.from();
    int to = transfer.to();
    JsonObject arguments = new JsonObject();
    arguments.addProperty("transfer", transfer.id());
    arguments.addProperty("layer", transfer.layer());
    arguments.addProperty("plane", transfer.plane());
    arguments.addProperty("direction", transfer.direction().name().toLowerCase(Locale.ROOT));
    arguments.addProperty("bytes", transfer.bytes());
    String name = what(transfer);
    events.add(
        with(
            slice(name, process(to), copy(to), offset, crossing.begin(), crossing.end()),
            arguments));
    Timeline.Span receive =
        timeline.spans().stream()
            .filter(s -> s.transfer() == transfer.id() && s.operation().equals("Receive"))
            .findFirst()
            .orElseThrow();
    double received = Math.max(receive.begin(), Math.min(crossing.end(), receive.end()));
    String id = step + "." + transfer.id();
    events.add(arrow("s", id, name, process(from), compute(from), offset, crossing.sent()));
    events.add(arrow("t", id, name, process(to), copy(to), offset, crossing.begin()));
    events.add(arrow("f", id, name, process(to), compute(to), offset, received));
  }

  private static JsonObject arrow(
      String phase, String id, String name, int process, int thread, long offset, double micros) {
    JsonObject event = event(phase, name, process, thread);
    event.addProperty("cat", "exchange");
    event.addProperty("id", id);
    event.addProperty("bp", "e");
    event.addProperty("ts", time(nanos(offset, micros)));
    return event;
  }

  private static JsonObject slice(
      String name, int process, int thread, long offset, double begin, double end) {
    JsonObject event = event("X", name, process, thread);
    long start = nanos(offset, begin);
    event.addProperty("ts", time(start));
    event.addProperty("dur", time(nanos(offset, end) - start));
    return event;
  }

  private static JsonObject event(String phase, String name, int process, int thread) {
    JsonObject event = new JsonObject();
    event.addProperty("ph", phase);
    event.addProperty("name", name);
    event.addProperty("pid", process);
    event.addProperty("tid", thread);
    return event;
  }

  private static JsonObject with(JsonObject event, JsonObject arguments) {
    event.add("args", arguments);
    return event;
  }

  private static long nanos(long offset, double micros) {
    return offset + Math.round(1e3 * micros);
  }

  /** Exact: slices that touch must not overlap by a rounding error. */
  private static BigDecimal time(long nanos) {
    return BigDecimal.valueOf(nanos, 3);
  }
}
