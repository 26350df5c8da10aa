package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.Progress;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.tower.StepResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Promise 4: a run that was stopped and resumed gives the same bits as one that was not. */
class TrainingRunTest {
  private static final int STEPS = 8;

  /** Three steps an epoch, so that stops fall inside, at and after the end of an epoch. */
  private static final String DATA = "synthetic:train=13,test=6,seed=5";

  @TempDir Path folder;

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private static Configuration tiny() {
    Configuration demo = ConfigReader.preset("demo");
    return demo.withNetwork(demo.network().scaled(0.125))
        .withTraining(demo.training().withBatch(4));
  }

  private RunOptions options(String run, int loaderThreads, boolean resume) {
    return new RunOptions(
        tiny(),
        DATA,
        Devices.choose("cpu:0", 2),
        99,
        folder.resolve(run),
        STEPS,
        resume,
        CheckpointPolicy.DEFAULT,
        ImmutableSet.of(),
        loaderThreads);
  }

  /** Asks for the end after some steps of its own. */
  private static final class StopAfter implements RunListener {
    private final int steps;
    private int done;

    StopAfter(int steps) {
      this.steps = steps;
    }

    @Override
    public void step(
        long step, int epoch, StepResult result, float rate, double speed, double loaderShare) {
      done++;
    }

    @Override
    public boolean stopRequested() {
      return done == steps;
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 5, 7})
  void stoppedAndResumedGivesTheSameFile(int stop) throws IOException {
    TrainingRun.run(options("whole", 1, false), new RunListener() {});
    TrainingRun.Outcome first = TrainingRun.run(options("parts", 3, false), new StopAfter(stop));
    assertTrue(first.stopped());
    // The step behind the one that was heard of is under way, unless a checkpoint lay between.
    assertEquals(stop % 3 == 2 ? stop + 1 : stop, first.progress().step());
    TrainingRun.Outcome second = TrainingRun.run(options("parts", 2, true), new RunListener() {});
    assertFalse(second.stopped());
    Path whole = new RunFolder(folder.resolve("whole")).checkpoint(STEPS);
    Path parts = new RunFolder(folder.resolve("parts")).checkpoint(STEPS);
    assertEquals(-1, Files.mismatch(whole, parts));
    assertEquals(losses("whole"), losses("parts"));
  }

  private List<String> losses(String run) throws IOException {
    return JsonLines.read(new RunFolder(folder.resolve(run)).metrics()).stream()
        .filter(line -> line.get("kind").getAsString().equals("train"))
        .map(line -> line.get("step") + " " + line.get("loss"))
        .toList();
  }

  @Test
  void runFolderIsComplete() throws IOException {
    TrainingRun.run(options("run", 1, false), new RunListener() {});
    RunFolder run = new RunFolder(folder.resolve("run"));
    assertEquals(
        tiny().withNetwork(tiny().network().withClasses(10)), ConfigReader.file(run.config()));
    assertTrue(Files.readString(run.environment()).contains("\"seed\": 99"));
    // The first epoch's stays for its error, the others as the newest two.
    assertEquals(List.of(3L, 6L, 8L), run.checkpoints().stream().map(RunFolder::step).toList());
    String list = Files.readString(run.list());
    assertTrue(list.contains("\"best\"") && list.contains("\"newest\""), list);
    Checkpoint.Content content = Checkpoint.readContent(run.latest().orElseThrow());
    assertEquals(new Progress(STEPS, 2, 2), content.progress());
    assertEquals(10, content.classes().size());
    assertEquals(3, content.mean().length);
  }

  @Test
  void mistakesAreNamedAndLoseNothing() throws IOException {
    FormatException nothing =
        assertThrows(
            FormatException.class,
            () -> TrainingRun.run(options("new", 1, true), new RunListener() {}));
    assertTrue(nothing.getMessage().contains("there is no such run folder"), nothing.getMessage());
    TrainingRun.run(options("run", 1, false), new RunListener() {});
    byte[] before = Files.readAllBytes(new RunFolder(folder.resolve("run")).metrics());
    IllegalArgumentException occupied =
        assertThrows(
            IllegalArgumentException.class,
            () -> TrainingRun.run(options("run", 1, false), new RunListener() {}));
    assertTrue(occupied.getMessage().contains("add --resume"), occupied.getMessage());
    assertEquals(
        new String(before, StandardCharsets.UTF_8),
        Files.readString(new RunFolder(folder.resolve("run")).metrics()));
    RunOptions few = options("few", 1, false);
    RunOptions tooFew =
        new RunOptions(
            few.configuration(),
            "synthetic:train=3,test=1",
            few.devices(),
            few.seed(),
            few.run(),
            few.steps(),
            few.resume(),
            few.checkpoints(),
            few.explain(),
            1);
    DataException small =
        assertThrows(DataException.class, () -> TrainingRun.run(tooFew, new RunListener() {}));
    assertTrue(small.getMessage().contains("3 training images"), small.getMessage());
  }

  @Test
  void checkpointOfAnotherNetworkIsRefused() throws IOException {
    TrainingRun.run(options("run", 1, false), new RunListener() {});
    RunOptions asked = options("run", 1, true);
    Configuration wider =
        asked
            .configuration()
            .withNetwork(ConfigReader.preset("paper-small-sets").network().scaled(0.25));
    RunOptions other =
        new RunOptions(
            wider,
            asked.data(),
            asked.devices(),
            asked.seed(),
            asked.run(),
            9,
            true,
            asked.checkpoints(),
            asked.explain(),
            1);
    FormatException refused =
        assertThrows(FormatException.class, () -> TrainingRun.run(other, new RunListener() {}));
    assertTrue(refused.getMessage().contains("conv1.weight"), refused.getMessage());
  }

  /** A curve goes over all epochs: with more of them every later step has another rate. */
  @Test
  void moreEpochsAreAChangeOfARateWithACurve() throws IOException {
    for (String curve : List.of("", ", curve: {shape: linear, to: 0}")) {
      Path run = folder.resolve("curve" + curve.length());
      for (int epochs : List.of(2, 4)) {
        String training = "{batch: 4, epochs: " + epochs + ", rate: 0.001, momentum: 0.9" + curve;
        RunOptions options = TinyRun.options(run, epochs + 1, epochs == 4);
        TrainingRun.run(
            TinyRun.with(options, TinyRun.configuration(training + "}")), new RunListener() {});
      }
      String metrics = Files.readString(new RunFolder(run).metrics());
      assertEquals(!curve.isEmpty(), metrics.contains("\"training.epochs\":\"2 to 4\""), metrics);
    }
  }
}
