package org.alexnet4j.tower;

import static org.alexnet4j.tower.SmallNetwork.BATCH;
import static org.alexnet4j.tower.SmallNetwork.load;
import static org.alexnet4j.tower.SmallNetwork.small;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.alexnet4j.device.Devices;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.Transfer;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.tower.time.ExchangeTime;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What the towers' streams say about a step: sums of the exchange, and every operation in a trace.
 */
class ExchangeLogTest {
  private static final StepSettings STEP = new StepSettings(0, 0.01f, 0.01f, 0.9f);

  @TempDir Path folder;

  private static Towers open(NetworkSpec spec, Purpose purpose, String devices, StepMode mode)
      throws IOException {
    Plan plan = Planner.plan(spec, BATCH, purpose, Mean.CHANNEL, 7);
    Towers towers = Towers.create(plan, Devices.choose(devices, spec.towers()).ids(), mode);
    Initializer.initialize(new ParameterStore(towers), 7, purpose == Purpose.TRAIN);
    towers.mean(new float[] {120, 110, 100});
    load(towers, 1);
    return towers;
  }

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "2; cpu:0,cpu:1; WALK",
        "2; emu:0,emu:1; WALK",
        "2; emu:0; GRAPH",
        "2; cpu:0,cpu:1; GRAPH",
        "4; cpu:0; WALK",
        "1; cpu:0; WALK"
      })
  void everyTransferIsLoggedOncePerStep(int count, String devices, StepMode mode)
      throws IOException {
    try (Towers towers = open(small(count), Purpose.TRAIN, devices, mode)) {
      assertEquals(0, passes(towers.takeExchange()));
      for (int i = 0; i < 4; i++) {
        towers.step(STEP);
        towers.evaluate();
      }
      List<ExchangeTime> times = towers.takeExchange();
      assertEquals(
          towers.plan().exchange().transfers(),
          times.stream().map(ExchangeTime::transfer).toList());
      for (ExchangeTime time : times) {
        assertEquals(4, time.passes(), "evaluations are not steps");
        assertTrue(time.micros() > 0 && time.micros() < 60e6, time::toString);
        assertTrue(time.waitMicros() > 0 && time.waitMicros() < 60e6, time::toString);
        assertTrue(time.hiddenShare() >= 0 && time.hiddenShare() <= 1, time::toString);
        assertEquals(
            time.transfer().bytes() / time.meanMicros() / 1e3, time.gigabytesPerSecond(), 1e-9);
      }
      assertEquals(0, passes(towers.takeExchange()), "taking begins anew");
    }
  }

  private static long passes(List<ExchangeTime> times) {
    return times.stream().mapToLong(ExchangeTime::passes).sum();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {"INFER; cpu:0,cpu:1", "INSPECT; emu:0"})
  void otherPlansLogTheirWholePasses(Purpose purpose, String devices) throws IOException {
    try (Towers towers = open(small(2), purpose, devices, StepMode.WALK)) {
      if (purpose == Purpose.INFER) {
        towers.evaluate();
      } else {
        towers.inspect(STEP, true);
      }
      List<ExchangeTime> times = towers.takeExchange();
      assertEquals(purpose == Purpose.INFER ? 7 : 14, times.size());
      assertTrue(times.stream().allMatch(t -> t.passes() == 1 && t.micros() > 0));
    }
  }

  @ParameterizedTest
  @CsvSource({"WALK", "GRAPH"})
  void measuringOperationsChangesNoBits(StepMode mode) throws IOException {
    List<StepResult> results = new ArrayList<>();
    for (boolean measured : new boolean[] {false, true}) {
      try (Towers towers = open(small(2), Purpose.TRAIN, "cpu:0,cpu:1", mode)) {
        assertThrows(IllegalStateException.class, towers::timeline);
        towers.time(measured);
        for (int i = 0; i < 3; i++) {
          towers.step(STEP);
        }
        results.add(towers.step(STEP));
        if (measured) {
          assertTrue(towers.times().stream().allMatch(t -> t.passes() == 4 && t.nanos() >= 0));
          assertTrue(towers.times().stream().anyMatch(t -> t.nanos() > 0));
        }
        towers.time(false);
        assertEquals(List.of(), towers.times());
        results.add(towers.step(STEP));
      }
    }
    assertEquals(results.subList(0, 2), results.subList(2, 4));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "2; cpu:0,cpu:1; WALK",
        "2; emu:0,emu:1; WALK",
        "2; cpu:0; GRAPH",
        "3; emu:0; GRAPH",
        "4; cpu:0,cpu:1,cpu:2,cpu:3; WALK",
        "1; cpu:0; WALK"
      })
  void aTraceNestsAndItsArrowsGoForward(int count, String devices, StepMode mode)
      throws IOException {
    Path file = folder.resolve("trace.json");
    try (Towers towers = open(small(count), Purpose.TRAIN, devices, mode)) {
      List<TraceFile.Step> steps = new ArrayList<>();
      towers.time(true);
      for (int i = 0; i < 3; i++) {
        towers.step(STEP);
        steps.add(new TraceFile.Step(10 + i, towers.timeline()));
      }
      TraceFile.write(file, towers, steps);
      List<JsonObject> events = events(file);
      assertSlicesFollowEachOther(events);
      assertStreamsHaveNames(events, count);
      assertOperationsAreThePlans(events, towers.plan(), steps.size());
      assertArrowsGoForward(events, towers.plan().exchange().transfers(), steps.size());
    }
  }

  private static List<JsonObject> events(Path file) throws IOException {
    JsonObject trace = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
    return trace.getAsJsonArray("traceEvents").asList().stream()
        .map(JsonElement::getAsJsonObject)
        .toList();
  }

  private static String text(JsonObject event, String key) {
    return event.get(key).getAsString();
  }

  private static long nanos(JsonObject event, String key) {
    return event.get(key).getAsBigDecimal().movePointRight(3).longValueExact();
  }

  private static List<JsonObject> some(List<JsonObject> events, Predicate<JsonObject> which) {
    return events.stream().filter(which).toList();
  }

  private static List<JsonObject> some(List<JsonObject> events, String phase) {
    return some(events, e -> text(e, "ph").equals(phase));
  }

  /** A viewer drops slices that overlap without one being inside the other. */
  private static void assertSlicesFollowEachOther(List<JsonObject> events) {
    Map<String, TreeMap<Long, Long>> ends = new HashMap<>();
    for (JsonObject slice : some(events, "X")) {
      long begin = nanos(slice, "ts");
      long end = begin + nanos(slice, "dur");
      assertTrue(begin >= 0 && end >= begin, slice::toString);
      ends.computeIfAbsent(text(slice, "tid"), tid -> new TreeMap<>()).merge(begin, end, Math::max);
    }
    ends.forEach(
        (thread, slices) -> {
          long last = 0;
          for (Map.Entry<Long, Long> slice : slices.entrySet()) {
            assertTrue(slice.getKey() >= last, "thread " + thread + " at " + slice);
            last = slice.getValue();
          }
        });
  }

  private static void assertStreamsHaveNames(List<JsonObject> events, int towers) {
    List<JsonObject> names = some(events, "M");
    assertEquals(
        towers + 1,
        some(names, e -> text(e, "name").equals("process_name")).size(),
        "and the steps");
    assertEquals(2 * towers, some(names, e -> text(e, "name").equals("thread_name")).size());
  }

  private static void assertOperationsAreThePlans(List<JsonObject> events, Plan plan, int steps) {
    for (int t = 0; t < plan.towers().size(); t++) {
      List<String> expected = new ArrayList<>();
      for (int i = 0; i < steps; i++) {
        plan.towers().get(t).forward().forEach(o -> expected.add(o.getClass().getSimpleName()));
        plan.towers().get(t).backward().forEach(o -> expected.add(o.getClass().getSimpleName()));
      }
      int compute = 3 * t + 1;
      assertEquals(
          expected,
          some(some(events, "X"), e -> e.get("tid").getAsInt() == compute).stream()
              .map(e -> text(e.getAsJsonObject("args"), "operation"))
              .toList());
    }
  }

  /** From inside the slice that sends, over the copy, to inside the slice that receives. */
  private static void assertArrowsGoForward(
      List<JsonObject> events, List<Transfer> transfers, int steps) {
    List<JsonObject> copies = some(events, e -> text(e, "ph").equals("X") && isCopy(e));
    assertEquals(steps * transfers.size(), copies.size());
    assertEquals(
        steps * transfers.stream().mapToLong(Transfer::bytes).sum(),
        copies.stream().mapToLong(e -> e.getAsJsonObject("args").get("bytes").getAsLong()).sum());
    assertEquals(steps * transfers.size(), some(events, "s").size());
    for (JsonObject start : some(events, "s")) {
      String id = text(start, "id");
      JsonObject middle = some(some(events, "t"), e -> text(e, "id").equals(id)).get(0);
      JsonObject end = some(some(events, "f"), e -> text(e, "id").equals(id)).get(0);
      assertTrue(nanos(start, "ts") <= nanos(middle, "ts"), id);
      assertTrue(nanos(middle, "ts") <= nanos(end, "ts"), id);
      assertEquals("Send", text(around(events, start), "operation"));
      assertEquals("Receive", text(around(events, end), "operation"));
      String transfer = id.substring(id.indexOf('.') + 1);
      for (JsonObject arrow : List.of(start, middle, end)) {
        assertEquals(transfer, text(around(events, arrow), "transfer"), id);
      }
    }
  }

  private static boolean isCopy(JsonObject slice) {
    return slice.has("args") && slice.getAsJsonObject("args").has("bytes");
  }

  /** Returns the arguments of the slice that an arrow is bound to. */
  private static JsonObject around(List<JsonObject> events, JsonObject arrow) {
    long at = nanos(arrow, "ts");
    return some(
            some(events, "X"),
            e ->
                text(e, "tid").equals(text(arrow, "tid"))
                    && e.has("args")
                    && e.getAsJsonObject("args").has("transfer")
                    && nanos(e, "ts") <= at
                    && at <= nanos(e, "ts") + nanos(e, "dur"))
        .get(0)
        .getAsJsonObject("args");
  }
}
