package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableSet;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.ranks.LocalRanks;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.run.RunFolder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A run of several ranks, as threads, writes what a run of one process writes, to the bit. */
class RankedRunTest {
  /** Seven batches of 8 and one of 4, of which half of the slices have none. */
  private static final String DATA = "synthetic:train=60,test=20";

  private static final long STEPS = 20; // two epochs and a half

  @TempDir Path folder;

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private static Configuration sliced(String memory) {
    return TinyRun.configuration(
        "{batch: 8, epochs: 1000, rate: 0.001, momentum: 0.9, slices: 8, lastBatch: short, memory: "
            + memory
            + "}");
  }

  private RunOptions options(String name, String memory, boolean resume, String devices) {
    return new RunOptions(
        sliced(memory),
        DATA,
        Devices.choose(devices, 2),
        99,
        folder.resolve(name),
        STEPS,
        resume,
        new CheckpointPolicy(5, 2, true, 0),
        ImmutableSet.of(),
        1);
  }

  /** Asks for the end once this rank was asked so often whether it wants to. */
  private static final class Impatient implements RunListener {
    private final AtomicInteger left;

    Impatient(int asked) {
      this.left = new AtomicInteger(asked);
    }

    @Override
    public boolean stopRequested() {
      return left.decrementAndGet() < 0;
    }
  }

  /** Runs with some ranks, of which one may ask for the end. */
  private static TrainingRun.Outcome run(RunOptions options, int ranks, int impatient, int asked)
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(ranks);
    List<Future<TrainingRun.Outcome>> all = new ArrayList<>();
    try {
      for (Ranks one : LocalRanks.of(ranks)) {
        Impatient listener = new Impatient(one.rank() == impatient ? asked : Integer.MAX_VALUE);
        all.add(
            threads.submit(
                () -> {
                  try (one) {
                    if (one.rank() == 0) {
                      return TrainingRun.run(options.with(one), listener);
                    }
                    RankedRun.follow(
                        one, towers -> options.devices(), 1, () -> listener.stopRequested());
                    return null;
                  }
                }));
      }
      TrainingRun.Outcome outcome = all.get(0).get();
      for (Future<?> each : all) {
        each.get();
      }
      return outcome;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof Exception cause ? cause : e;
    } finally {
      threads.shutdown();
    }
  }

  private Path last(String name) throws IOException {
    return new RunFolder(folder.resolve(name)).latest().orElseThrow();
  }

  private void assertSame(String one, String other) throws IOException {
    assertEquals(last(one).getFileName(), last(other).getFileName());
    assertEquals(-1, Files.mismatch(last(one), last(other)), other);
  }

  @ParameterizedTest
  @CsvSource({"2, cpu:0", "4, 'cpu:0,cpu:1'", "8, cpu:0"})
  void howManyRanksDoesNotMatter(int ranks, String devices) throws Exception {
    TrainingRun.run(options("one", "keep", false, "cpu:0"), new RunListener() {});
    TrainingRun.Outcome outcome = run(options("many", "keep", false, devices), ranks, -1, 0);
    assertFalse(outcome.stopped());
    assertSame("one", "many");
  }

  /** Each rank has a quarter: of the maps of 8 images and of the 8 units of a tower. */
  @Test
  void everyMoveIsLogged() throws Exception {
    run(options("many", "keep", false, "cpu:0"), 4, -1, 0);
    List<JsonObject> lines = JsonLines.read(folder.resolve("many/exchange.jsonl"));
    assertEquals(3, lines.size());
    for (JsonObject line : lines) {
      JsonObject ranks = line.getAsJsonObject("ranks");
      Map<String, Double> bytes = new TreeMap<>();
      double sum = 0;
      double micros = 0;
      double waits = 0;
      for (JsonElement element : ranks.getAsJsonArray("moves")) {
        JsonObject move = element.getAsJsonObject();
        double own = move.get("bytes").getAsDouble();
        String key =
            String.join(
                " ",
                move.get("tower").getAsString(),
                move.get("kind").getAsString(),
                move.get("layer").getAsString());
        bytes.merge(key, own, Double::sum);
        sum += own;
        micros += move.get("micros").getAsDouble();
        waits += move.get("waitMicros").getAsDouble();
        assertTrue(move.get("micros").getAsDouble() > 0, move::toString);
        double hidden = move.get("hiddenShare").getAsDouble();
        assertTrue(hidden >= 0 && hidden <= 1, move::toString);
      }
      assertEquals(ranks.get("bytes").getAsDouble(), sum);
      assertEquals(ranks.get("micros").getAsDouble(), micros, 1e-6 * micros);
      assertEquals(ranks.get("waitMicros").getAsDouble(), waits, 1e-6 * waits);
      // To three others: 2 of 8 units, and 3 of 10 classes, of 8 images.
      assertEquals(3 * 2 * 8 * 4, bytes.get("a allgather fc3"));
      assertEquals(3 * 2 * 8 * 4, bytes.get("b allgather fc3"));
      assertEquals(3 * 3 * 8 * 4, bytes.get("a allgather fc4"));
      assertEquals(
          Set.of("a allgather", "a alltoall", "b allgather", "b alltoall"),
          bytes.keySet().stream()
              .filter(key -> key.endsWith(" conv1"))
              .map(key -> key.substring(0, key.lastIndexOf(' ')))
              .collect(Collectors.toSet()));
    }
  }

  /**
   * Each move is a bar of its own in the trace, inside of its step, also those that go on beside.
   */
  @Test
  void everyMoveIsInTheTrace() throws Exception {
    run(options("many", "keep", false, "cpu:0"), 4, -1, 0);
    RunFolder made = new RunFolder(folder.resolve("many"));
    List<JsonObject> slices =
        JsonParser.parseString(Files.readString(made.trace()))
            .getAsJsonObject()
            .getAsJsonArray("traceEvents")
            .asList()
            .stream()
            .map(JsonElement::getAsJsonObject)
            .filter(event -> event.get("ph").getAsString().equals("X"))
            .toList();
    List<JsonObject> steps = slices.stream().filter(event -> !event.has("args")).toList();
    JsonObject logged = JsonLines.read(folder.resolve("many/exchange.jsonl")).get(0);
    List<String> expected =
        logged.getAsJsonObject("ranks").getAsJsonArray("moves").asList().stream()
            .map(JsonElement::getAsJsonObject)
            .map(move -> about(move, "kind") + " " + move.get("bytes").getAsLong())
            .toList();
    assertFalse(steps.isEmpty());
    for (JsonObject step : steps) {
      double begin = step.get("ts").getAsDouble();
      double end = begin + step.get("dur").getAsDouble();
      List<String> moves = new ArrayList<>();
      for (JsonObject slice : slices) {
        double ts = slice.get("ts").getAsDouble();
        JsonObject args = slice.getAsJsonObject("args");
        if (args != null && args.has("move") && ts >= begin && ts < end) {
          moves.add(about(args, "move") + " " + args.get("bytes").getAsLong());
          assertTrue(ts + slice.get("dur").getAsDouble() <= end + 1, slice::toString);
        }
      }
      assertEquals(expected, moves, step.toString());
    }
  }

  private static String about(JsonObject move, String kind) {
    return move.get(kind).getAsString()
        + " "
        + move.get("layer").getAsString()
        + " "
        + move.get("plane").getAsString();
  }

  /** Whoever is asked to end, all do; others than before may go on, with less memory. */
  @ParameterizedTest
  @CsvSource({"0, 1", "3, 2", "1, 8"})
  void aStoppedRunGoesOnWithOtherRanks(int impatient, int later) throws Exception {
    TrainingRun.run(options("one", "recompute", false, "cpu:0"), new RunListener() {});
    TrainingRun.Outcome stopped = run(options("many", "keep", false, "cpu:0"), 4, impatient, 9);
    assertTrue(stopped.stopped());
    assertTrue(stopped.progress().step() < STEPS);
    RunOptions rest = options("many", "recompute", true, "cpu:0");
    if (later == 1) {
      TrainingRun.run(rest, new RunListener() {});
    } else {
      run(rest, later, -1, 0);
    }
    assertSame("one", "many");
  }

  /**
   * Only rank 0 knows how low the error was before: the others must not take the next one, which is
   * no lower, for the best and begin a checkpoint.
   */
  @Test
  void whatIsBestIsRankZerosToSay() throws Exception {
    Configuration still =
        TinyRun.configuration(
            "{batch: 8, epochs: 1000, rate: 1e-12, momentum: 0.9, slices: 8, lastBatch: short}");
    RunOptions begun = TinyRun.with(options("many", "keep", false, "cpu:0"), still);
    TrainingRun.Outcome stopped = run(begun, 2, 0, 16);
    long step = stopped.progress().step();
    assertTrue(step > 8 && step < 16, "stopped between two evaluations, at " + step);
    RunOptions rest = TinyRun.with(options("many", "keep", true, "cpu:0"), still);
    assertEquals(STEPS, run(rest, 2, -1, 0).progress().step());
  }

  @Test
  void nothingIsLeftToDo() throws Exception {
    run(options("many", "keep", false, "cpu:0"), 2, -1, 0);
    TrainingRun.Outcome again = run(options("many", "keep", true, "cpu:0"), 2, -1, 0);
    assertEquals(STEPS, again.progress().step());
  }

  @Test
  void explainingIsRefusedBeforeAnybodyWaits() {
    RunOptions plain = options("many", "keep", false, "cpu:0");
    RunOptions explaining =
        new RunOptions(
            plain.configuration(),
            DATA,
            plain.devices(),
            99,
            plain.run(),
            STEPS,
            false,
            plain.checkpoints(),
            ImmutableSet.of(3L),
            1);
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> run(explaining, 2, -1, 0));
    assertTrue(e.getMessage().startsWith("steps are to be explained"), e.getMessage());
    assertFalse(Files.exists(plain.run()));
  }

  /** A rank that fails lets nobody wait. */
  @Test
  void aFailureEndsAll() {
    RunOptions options = options("many", "keep", false, "cpu:0");
    Exception e =
        assertThrows(
            IllegalArgumentException.class,
            () -> {
              TrainingRun.run(options, new RunListener() {});
              run(options, 2, -1, 0);
            });
    assertTrue(e.getMessage().contains("has a run in it"), e.getMessage());
  }
}
