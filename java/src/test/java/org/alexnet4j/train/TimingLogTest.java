package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.Transfer;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.shape.InputShape.Mean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a run folder says about the exchange and about single steps. */
class TimingLogTest {
  private static final RunListener SILENT = new RunListener() {};

  @TempDir Path folder;

  private static List<String> steps(Path trace) throws IOException {
    return JsonParser.parseString(Files.readString(trace))
        .getAsJsonObject()
        .getAsJsonArray("traceEvents")
        .asList()
        .stream()
        .map(e -> e.getAsJsonObject().get("name").getAsString())
        .filter(name -> name.startsWith("step "))
        .toList();
  }

  private List<JsonObject> lines(Path run) throws IOException {
    return JsonLines.read(run.resolve("exchange.jsonl"));
  }

  /** Three steps make an epoch, after which there is an evaluation. */
  @Test
  void everyEvaluationHasALineWithThePlansBytes() throws IOException {
    TrainingRun.run(TinyRun.options(folder, 7, false), SILENT);
    List<JsonObject> lines = lines(folder);
    assertEquals(List.of(2L, 5L, 6L), numbers(lines, "step"));
    assertEquals(List.of(3L, 3L, 1L), numbers(lines, "steps"));
    List<Transfer> planned =
        Planner.plan(
                TinyRun.configuration().network().withClasses(10),
                4,
                Purpose.TRAIN,
                Mean.CHANNEL,
                0)
            .exchange()
            .transfers();
    for (JsonObject line : lines) {
      List<JsonElement> transfers = line.getAsJsonArray("transfers").asList();
      assertEquals(
          planned.stream().map(Transfer::bytes).toList(),
          transfers.stream().map(t -> t.getAsJsonObject().get("bytes").getAsLong()).toList());
      for (JsonElement element : transfers) {
        JsonObject transfer = element.getAsJsonObject();
        assertTrue(transfer.get("micros").getAsDouble() > 0, transfer::toString);
        assertTrue(transfer.get("gigabytesPerSecond").getAsDouble() > 0, transfer::toString);
        assertTrue(transfer.get("waitMicros").getAsDouble() > 0, transfer::toString);
        double hidden = transfer.get("hiddenShare").getAsDouble();
        assertTrue(hidden >= 0 && hidden <= 1, transfer::toString);
      }
    }
  }

  private static List<Long> numbers(List<JsonObject> lines, String key) {
    return lines.stream().map(line -> line.get(key).getAsLong()).toList();
  }

  @Test
  void aResumedRunGoesOnFromItsCheckpoint() throws IOException {
    TrainingRun.run(TinyRun.options(folder, 6, false), SILENT);
    Files.delete(new RunFolder(folder).checkpoint(6));
    TrainingRun.run(TinyRun.options(folder, 9, true), SILENT);
    assertEquals(List.of(2L, 5L, 8L), numbers(lines(folder), "step"));
    assertEquals(List.of("step 4", "step 5", "step 6"), steps(folder.resolve("trace.json")));
  }

  @Test
  void theTraceLeavesOutTheFirstStepUnlessItIsTheOnlyOne() throws IOException {
    TrainingRun.run(TinyRun.options(folder.resolve("long"), 9, false), SILENT);
    assertEquals(List.of("step 1", "step 2", "step 3"), steps(folder.resolve("long/trace.json")));
    TrainingRun.run(TinyRun.options(folder.resolve("short"), 3, false), SILENT);
    assertEquals(List.of("step 1", "step 2"), steps(folder.resolve("short/trace.json")));
    TrainingRun.run(TinyRun.options(folder.resolve("one"), 1, false), SILENT);
    assertEquals(List.of("step 0"), steps(folder.resolve("one/trace.json")));
  }

  @Test
  void theTraceGoesWhereItWasAskedForAsWell() throws IOException {
    Path copy = folder.resolve("copy.json");
    RunOptions o = TinyRun.options(folder.resolve("run"), 5, false);
    TrainingRun.run(
        new RunOptions(
            o.configuration(),
            o.data(),
            o.devices(),
            o.seed(),
            o.run(),
            o.steps(),
            o.resume(),
            o.checkpoints(),
            o.explain(),
            o.loaderThreads(),
            Optional.of(copy)),
        SILENT);
    assertEquals(Files.readString(folder.resolve("run/trace.json")), Files.readString(copy));
    assertFalse(steps(copy).isEmpty());
  }
}
