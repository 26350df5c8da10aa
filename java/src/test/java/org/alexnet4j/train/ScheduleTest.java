package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.config.ConfigException;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.LayerRates;
import org.alexnet4j.config.RateCurve;
import org.alexnet4j.config.TrainingSpec;
import org.alexnet4j.config.TrainingSpec.Plateau;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.run.Progress;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.run.ScheduleState;
import org.alexnet4j.shape.Arithmetic;
import org.alexnet4j.shape.Slicing;
import org.alexnet4j.tower.StepResult;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScheduleTest {
  @TempDir Path folder;

  private static TrainingSpec spec(int patience, int drops) {
    return new TrainingSpec(
        4,
        90,
        0.01f,
        0.02f,
        true,
        0.9f,
        ImmutableList.of(),
        0.1f,
        Optional.of(new Plateau(patience, drops)),
        ImmutableList.of(),
        LayerRates.NONE,
        LayerRates.NONE,
        RateCurve.NONE,
        false,
        ImmutableList.of(),
        Optional.empty(),
        Slicing.NONE,
        Arithmetic.DEFAULT);
  }

  @Test
  void theRateFallsWhenTheErrorStopsImproving() {
    Schedule schedule = new Schedule(spec(2, 2), ScheduleState.START);
    double[] errors = {0.9, 0.8, 0.8, 0.7, 0.75, Double.NaN, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6, 0.6};
    for (int epoch = 0; epoch < errors.length; epoch++) {
      Optional<String> because = ended(schedule, epoch, errors[epoch]);
      // Epochs 4 and 5 bring no new lowest error, nor do 7 and 8; then the drops are used up.
      assertEquals(epoch == 5 || epoch == 8, because.isPresent(), "epoch " + epoch);
    }
    assertEquals(ImmutableList.of(6, 9), schedule.state().drops());
    assertEquals(0.01f, rate(schedule, 5));
    assertEquals(0.01f * 0.1f, rate(schedule, 6));
    assertEquals(0.02f * 0.1f, biasRate(schedule, 8));
    assertEquals(0.01f * (0.1f * 0.1f), rate(schedule, 9));
  }

  @Test
  void aStatedDropIsSaidAtTheEndOfTheEpochBefore() {
    Schedule schedule =
        new Schedule(
            new TrainingSpec(
                4,
                90,
                0.01f,
                0.02f,
                true,
                0.9f,
                ImmutableList.of(3),
                0.1f,
                Optional.empty(),
                ImmutableList.of(),
                LayerRates.NONE,
                LayerRates.NONE,
                RateCurve.NONE,
                false,
                ImmutableList.of(),
                Optional.empty(),
                Slicing.NONE,
                Arithmetic.DEFAULT),
            ScheduleState.START);
    assertEquals(Optional.empty(), ended(schedule, 1, 0.5));
    assertEquals(
        Optional.of("epoch 3 is one of the configuration's drops"), ended(schedule, 2, 0.5));
    assertEquals(Optional.empty(), ended(schedule, 3, 0.5));
  }

  /** With drops by the held-out error, too; every change is said. */
  @Test
  void layersAreSlowedAndFrozenByEpoch() {
    String text =
        ConfigWriter.write(TinyRun.configuration())
            .replace(
                "dropFactor",
                "weightRates: {conv1: {2: 0.1, 4: 0}, fc3: {4: 0.5}}\n"
                    + "  biasRates: {conv1: {2: 0}}\n  dropFactor");
    Schedule schedule = new Schedule(ConfigReader.text("t", text).training(), ScheduleState.START);
    assertEquals(Map.of(), schedule.factors(1).weights());
    assertEquals(Map.of("conv1", 0.1f), schedule.factors(3).weights());
    assertEquals(Map.of("conv1", 0f, "fc3", 0.5f), schedule.factors(1000).weights());
    assertEquals(Optional.empty(), ended(schedule, 0, 0.5));
    assertEquals(Map.of("conv1", 0f), schedule.factors(2).biases());
    assertEquals(
        Optional.of("the weights of conv1 learn by 0.1; the biases of conv1 learn by 0.0"),
        ended(schedule, 1, 0.5));
    assertEquals(Optional.empty(), ended(schedule, 2, 0.5));
    assertEquals(
        Optional.of("the weights of conv1 learn by 0.0; the weights of fc3 learn by 0.5"),
        ended(schedule, 3, 0.5));
  }

  @Test
  void aScheduleThatGoesOnIsTheSame() {
    double[] errors = {0.5, 0.6, 0.6, 0.4, 0.4, 0.4, 0.4};
    Schedule whole = new Schedule(spec(2, 3), ScheduleState.START);
    ScheduleState state = ScheduleState.START;
    for (int epoch = 0; epoch < errors.length; epoch++) {
      ended(whole, epoch, errors[epoch]);
      Schedule part = new Schedule(spec(2, 3), state);
      ended(part, epoch, errors[epoch]);
      state = part.state();
      assertEquals(whole.state(), state);
    }
  }

  @Test
  void aResumedRunDropsItsRateWhereTheWholeOneDoes() throws IOException {
    Configuration tiny = TinyRun.configuration();
    Configuration plateau =
        tiny.withTraining(
            ConfigReader.text(
                    "t",
                    ConfigWriter.write(tiny)
                        .replace("dropFactor", "plateau: {patience: 2, drops: 2}\n  dropFactor"))
                .training());
    Path whole = folder.resolve("whole");
    Path parts = folder.resolve("parts");
    RunOptions options = TinyRun.with(TinyRun.options(whole, 15, false), plateau);
    TrainingRun.run(options, new RunListener() {});
    for (int step = 0; step < 15; step += 2) {
      TrainingRun.run(
          TinyRun.with(TinyRun.options(parts, 15, step > 0), plateau),
          new RunListener() {
            private int done;

            @Override
            public void step(
                long step, int epoch, StepResult result, float rate, double speed, double waited) {
              done++;
            }

            @Override
            public boolean stopRequested() {
              return done == 2;
            }
          });
    }
    assertEquals(rates(whole), rates(parts));
    assertEquals(2, rates(whole).size(), rates(whole).toString());
    assertEquals(
        -1,
        Files.mismatch(new RunFolder(whole).checkpoint(15), new RunFolder(parts).checkpoint(15)));
  }

  private static List<String> rates(Path run) throws IOException {
    return JsonLines.read(new RunFolder(run).metrics()).stream()
        .filter(line -> line.get("kind").getAsString().equals("rate"))
        .map(Object::toString)
        .toList();
  }

  @Test
  void recordedSchedulesAreNamed() {
    String text = ConfigWriter.write(TinyRun.configuration());
    Configuration recorded =
        ConfigReader.text("t", text.replace("drops: []", "drops: run-145-2012"));
    assertEquals(ImmutableList.of(24, 50, 78), recorded.training().drops());
    ConfigException unknown =
        assertThrows(
            ConfigException.class,
            () -> ConfigReader.text("t", text.replace("drops: []", "drops: run-1")));
    assertTrue(unknown.getMessage().contains("run-145-2010"), unknown.getMessage());
    ConfigException both =
        assertThrows(
            ConfigException.class,
            () ->
                ConfigReader.text(
                    "t",
                    text.replace("drops: []", "drops: [1]")
                        .replace("dropFactor", "plateau: {patience: 1}\n  dropFactor")));
    assertTrue(both.getMessage().contains("exclude each other"), both.getMessage());
  }

  private static Optional<String> ended(Schedule schedule, int epoch, double heldOutError) {
    return schedule.epochEnded(epoch, new Schedule.HeldOut(heldOutError, Double.NaN));
  }

  private static float rate(Schedule schedule, int epoch) {
    return schedule.rate(new Progress(10L * epoch, epoch, 0), 10);
  }

  private static float biasRate(Schedule schedule, int epoch) {
    return schedule.biasRate(new Progress(10L * epoch, epoch, 0), 10);
  }
}
