package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.StageSpec;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.run.Progress;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.run.ScheduleState;
import org.alexnet4j.tower.RateFactors;
import org.alexnet4j.tower.StepResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training in stages, and epochs whose last batch is short. */
class StagesTest {
  private static final CheckpointPolicy ALL = new CheckpointPolicy(1, 1000, false, 0);

  /** Of 13 images stage 1 takes 9: two batches of four and one of a single image. */
  private static final String STAGES =
      """
        lastBatch: short
        stages:
          - {epochs: 4, images: 0.7, end: {patience: 1}}
          - {epochs: 2, rate: 0.002, biasRate: 0.003, colourNoise: on, end: {lossOf: 1}}
          - {epochs: 1, rate: 0, weightRates: {conv1: 0, fc3: 1}, biasRates: {fc4: 2}}
      """;

  @TempDir Path folder;

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private static Configuration staged(String stages, int epochs) {
    String text =
        ConfigWriter.write(TinyRun.configuration())
            .replace("epochs: 1000", "epochs: " + epochs)
            .replace("augmentation:", stages + "augmentation:");
    return ConfigReader.text("staged", text);
  }

  private static RunOptions options(Path run, boolean resume, Configuration configuration) {
    return TinyRun.with(TinyRun.options(run, 0, resume, ALL, 2, "cpu:0,cpu:1"), configuration);
  }

  private static Optional<String> ended(Schedule schedule, int epoch, double loss, double held) {
    schedule.stepped(loss * 10, 10);
    return schedule.epochEnded(epoch, new Schedule.HeldOut(0.5, held));
  }

  private static Progress at(int epoch) {
    return new Progress(3L * epoch, epoch, 0);
  }

  /** Ends by patience in epoch 2, by the loss in epoch 3, and by the number of epochs. */
  @Test
  void eachStageHasItsRatesUntilItEnds() {
    Schedule schedule = new Schedule(staged(STAGES, 7).training(), ScheduleState.START);
    assertEquals(7, schedule.epochs());
    assertEquals(Optional.empty(), ended(schedule, 0, 3, 2));
    assertEquals(Optional.empty(), ended(schedule, 1, 2, 1.5));
    assertEquals(
        Optional.of(
            "stage 1 ended: the loss of held-out images has not improved on 1.5 for 1 epochs"),
        ended(schedule, 2, 1, 1.5));
    assertEquals(6, schedule.epochs());
    assertEquals(Optional.empty(), ended(schedule, 3, 1.25, Double.NaN));
    assertEquals(
        Optional.of("stage 2 ended: its training loss 1.0 has come to that of stage 1"),
        ended(schedule, 4, 1, Double.NaN));
    assertEquals(false, schedule.isOver(5));
    assertEquals(
        Optional.of("stage 3 ended: its 1 epochs are done"), ended(schedule, 5, 9, Double.NaN));
    assertEquals(true, schedule.isOver(6));
    assertEquals(List.of(0, 3, 5, 6), schedule.state().stages().begins());
    assertEquals(List.of(1.0, 1.0, 9.0), schedule.state().stages().losses());
    assertEquals(0.001f, schedule.rate(at(2), 3));
    assertEquals(0.001f, schedule.biasRate(at(2), 3));
    assertEquals(0.002f, schedule.rate(at(3), 3));
    assertEquals(0.003f, schedule.biasRate(at(4), 3));
    assertEquals(0f, schedule.rate(at(5), 3));
    assertEquals(0.003f, schedule.biasRate(at(5), 3)); // of the stage before
    assertEquals(RateFactors.NONE, schedule.factors(4));
    assertEquals(Map.of("conv1", 0f), schedule.factors(5).weights());
    assertEquals(Map.of("fc4", 2f), schedule.factors(5).biases());
  }

  /** The images of an epoch are decided at its start: within it their share stays. */
  @Test
  void insideAnEpochTheShareOfTheImagesStays() throws IOException {
    Path run = folder.resolve("run");
    RunOptions two = TinyRun.options(run, 2, false, ALL, 1, "cpu:0");
    TrainingRun.run(TinyRun.with(two, staged(STAGES, 7)), new RunListener() {});
    String kept = Files.readString(new RunFolder(run).config());
    RunOptions on = TinyRun.options(run, 5, true, ALL, 1, "cpu:0");
    for (String images : List.of("0.4", "1")) {
      Configuration other = staged(STAGES.replace("images: 0.7", "images: " + images), 7);
      IllegalArgumentException refused =
          assertThrows(
              IllegalArgumentException.class,
              () -> TrainingRun.run(TinyRun.with(on, other), new RunListener() {}));
      assertEquals(
          "training.stages: the stage of epoch 0 takes "
              + (images.equals("1") ? 13 : 5)
              + " images, the checkpoint lies inside that epoch with 9; images may change between"
              + " epochs only",
          refused.getMessage());
      assertEquals(kept, Files.readString(new RunFolder(run).config()));
    }
    Configuration drop = staged(STAGES.replace("lastBatch: short", "lastBatch: drop"), 7);
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> TrainingRun.run(TinyRun.with(on, drop), new RunListener() {}));
    assertTrue(
        e.getMessage().startsWith("training.lastBatch is drop, the checkpoint lies"), "" + e);
    RunOptions three = TinyRun.options(run, 3, true, ALL, 1, "cpu:0");
    TrainingRun.run(TinyRun.with(three, staged(STAGES, 7)), new RunListener() {});
    Configuration other = staged(STAGES.replace("images: 0.7", "images: 1"), 7);
    TrainingRun.run(TinyRun.with(on, other), new RunListener() {});
  }

  /** 3 steps an epoch over 9 images, then 4 over 13: the last ones have one image. */
  @Test
  void stagesTakeTheirImagesAndShortBatches() throws IOException {
    Path run = folder.resolve("run");
    TrainingRun.Outcome outcome =
        TrainingRun.run(options(run, false, staged(STAGES, 7)), new RunListener() {});
    List<JsonObject> lines = JsonLines.read(new RunFolder(run).metrics());
    Map<Integer, Integer> images = new TreeMap<>();
    Map<Integer, Integer> steps = new TreeMap<>();
    for (JsonObject line : lines) {
      if (line.get("kind").getAsString().equals("train")) {
        images.merge(line.get("epoch").getAsInt(), line.get("images").getAsInt(), Integer::sum);
        steps.merge(line.get("epoch").getAsInt(), 1, Integer::sum);
      }
    }
    List<String> changes =
        lines.stream()
            .filter(line -> line.get("kind").getAsString().equals("rate"))
            .map(line -> line.get("because").getAsString())
            .toList();
    int first = (int) images.values().stream().filter(count -> count == 9).count();
    assertTrue(first >= 1 && first <= 4, images.toString());
    images.forEach((epoch, count) -> assertEquals(epoch < first ? 9 : 13, count, "epoch " + epoch));
    steps.forEach((epoch, count) -> assertEquals(epoch < first ? 3 : 4, count, "epoch " + epoch));
    assertEquals(3, changes.size());
    assertEquals(images.size(), outcome.progress().epoch());
    long left = lines.stream().filter(l -> l.get("kind").getAsString().equals("left-out")).count();
    assertEquals(first, left);
    lines.stream()
        .filter(line -> line.get("kind").getAsString().equals("left-out"))
        .forEach(line -> assertEquals(4, line.get("images").getAsInt()));
  }

  /** Stopped after every step and gone on with, the run has the same bits at every step. */
  @Test
  void aRunInStagesIsTheSameHoweverOftenItStops() throws IOException {
    Configuration configuration = staged(STAGES, 7);
    Path whole = folder.resolve("whole");
    long steps =
        TrainingRun.run(options(whole, false, configuration), new RunListener() {})
            .progress()
            .step();
    Path parts = folder.resolve("parts");
    for (int calls = 0; calls <= steps; calls++) {
      TrainingRun.run(options(parts, calls > 0, configuration), new OneStep());
    }
    TrainingRun.run(options(parts, true, configuration), new RunListener() {});
    for (int step = 1; step <= steps; step++) {
      Path a = new RunFolder(whole).checkpoint(step);
      Path b = new RunFolder(parts).checkpoint(step);
      assertEquals(-1, Files.mismatch(a, b), "after step " + step);
    }
    assertEquals(withoutTimes(whole), withoutTimes(parts));
  }

  /** The images that decide about the end of a stage are none that it learns from. */
  @Test
  void aStageLearnsFromNoneOfTheImagesThatItLeavesOut() throws IOException {
    Configuration configuration = staged(STAGES, 7);
    DataOptions source = DataOptions.train().withSource(32);
    try (Dataset train = Datasets.open(TinyRun.DATA, source)) {
      StageData stages = new StageData(train, configuration.training(), 99);
      Optional<StageSpec> first = Optional.of(configuration.training().stages().get(0));
      Set<String> names = new TreeSet<>();
      for (Dataset part : List.of(stages.images(first), stages.left(first).orElseThrow())) {
        for (int i = 0; i < part.size(); i++) {
          assertTrue(names.add(part.name(i)), part.name(i));
        }
      }
      assertEquals(train.size(), names.size());
    }
  }

  private static final class OneStep implements RunListener {
    private boolean done;

    @Override
    public void step(
        long step, int epoch, StepResult result, float rate, double speed, double waited) {
      done = true;
    }

    @Override
    public boolean stopRequested() {
      return done;
    }
  }

  private static List<String> withoutTimes(Path run) throws IOException {
    List<String> lines = new ArrayList<>();
    for (JsonObject line : JsonLines.read(new RunFolder(run).metrics())) {
      List.of("time", "imagesPerSecond", "loaderShare").forEach(line::remove);
      lines.add(line.toString());
    }
    return lines;
  }

  @Test
  void aStageWithoutABatchOrWithoutAnythingToWaitForIsRefused() {
    Configuration small = staged("  stages: [{epochs: 2, images: 0.3}]\n", 2);
    DataException e =
        assertThrows(
            DataException.class,
            () ->
                TrainingRun.run(options(folder.resolve("a"), false, small), new RunListener() {}));
    assertTrue(e.getMessage().contains("of which stage 1 takes 3"), e.getMessage());
    Configuration blind = staged("  stages: [{epochs: 2, end: {patience: 1}}]\n", 2);
    RunOptions o = options(folder.resolve("b"), false, blind);
    RunOptions without =
        new RunOptions(
            o.configuration(),
            "synthetic:train=13,test=0,seed=5",
            o.devices(),
            o.seed(),
            o.run(),
            o.steps(),
            o.resume(),
            o.checkpoints(),
            o.explain(),
            o.loaderThreads());
    DataException none =
        assertThrows(DataException.class, () -> TrainingRun.run(without, new RunListener() {}));
    assertTrue(none.getMessage().contains("end.patience needs"), none.getMessage());
  }
}
