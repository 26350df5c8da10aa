package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.JsonLines;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.tower.StepResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A run that ends and goes on after every single step, on changing devices and loader threads.
 * {@code -Dalexnet.stops=100} takes more steps than the suite.
 */
class ResumeEverywhereTest {
  private static final int STOPS = Integer.getInteger("alexnet.stops", 20);
  private static final CheckpointPolicy ALL = new CheckpointPolicy(1, 1000, false, 0);

  /** Three steps are an epoch: conv1 slows at step 6 and stands still from step 12 on. */
  private static final String RATES = "{conv1: {2: 0.1, 4: 0}, fc3: {3: 0}, fc4: {1: 0, 5: 1}}";

  @TempDir Path folder;

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  /** Ends a run after one step. */
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

  @Test
  void weightsAndVelocitiesAreTheSameAfterEveryStep() throws IOException {
    Path whole = folder.resolve("whole");
    TrainingRun.run(
        noisy(TinyRun.options(whole, STOPS, false, ALL, 1, "cpu:0"), "3", RATES),
        new RunListener() {});
    Path parts = folder.resolve("parts");
    for (int step = 0; step < STOPS; step++) {
      String devices = step % 2 == 0 ? "cpu:0,cpu:1" : "cpu:0";
      TrainingRun.run(
          noisy(TinyRun.options(parts, STOPS, step > 0, ALL, 1 + step % 3, devices), "3", RATES),
          new OneStep());
      // Stopped before the evaluation that an epoch ends with, a checkpoint says that it is due.
      boolean due = (step + 1) % 3 == 0 || step + 1 == STOPS;
      assertEquals(due, Checkpoint.readContent(at(parts, step + 1)).evaluationDue());
      if (!due) {
        assertSame(whole, parts, step + 1);
      }
    }
    TrainingRun.run(
        noisy(TinyRun.options(parts, STOPS, true, ALL, 1, "cpu:0"), "3", RATES),
        new RunListener() {});
    for (int step = 1; step <= STOPS; step++) {
      assertSame(whole, parts, step);
    }
    assertEquals(losses(whole), losses(parts));
    assertTrue(losses(whole).size() == STOPS);
    assertArrayEquals(conv1(whole, 12), conv1(whole, 15));
    assertFalse(Arrays.equals(conv1(whole, 6), conv1(whole, 9)));
  }

  /** A loss that is looked at one step late is written as one that is looked at at once. */
  @Test
  void metricsAreTheSameHoweverLateTheyAreRead() throws IOException {
    Path late = folder.resolve("late");
    Path atOnce = folder.resolve("atOnce");
    CheckpointPolicy seldom = new CheckpointPolicy(100, 2, false, 0);
    TrainingRun.run(
        TinyRun.options(late, STOPS, false, seldom, 1, "cpu:0,cpu:1"), new RunListener() {});
    TrainingRun.run(
        TinyRun.options(atOnce, STOPS, false, ALL, 1, "cpu:0,cpu:1"), new RunListener() {});
    assertEquals(withoutTimes(atOnce), withoutTimes(late));
  }

  private static List<String> withoutTimes(Path run) throws IOException {
    return JsonLines.read(new RunFolder(run).metrics()).stream()
        .map(
            line -> {
              for (String field : List.of("time", "imagesPerSecond", "loaderShare")) {
                line.remove(field);
              }
              return line.toString();
            })
        .toList();
  }

  private static Path at(Path run, int step) {
    return new RunFolder(run).checkpoint(step);
  }

  private static void assertSame(Path whole, Path parts, int step) throws IOException {
    assertEquals(-1, Files.mismatch(at(whole, step), at(parts, step)), "after step " + step);
  }

  private static float[] conv1(Path run, int step) throws IOException {
    try (Safetensors file = Safetensors.open(new RunFolder(run).checkpoint(step))) {
      FloatBuffer values = file.floats("conv1.weight");
      float[] copy = new float[values.remaining()];
      values.get(copy);
      return copy;
    }
  }

  /** Noise as in the 2012 source, but for its last epoch: three steps are an epoch here. */
  private static RunOptions noisy(RunOptions options, String epochs) {
    return noisy(options, epochs, "off");
  }

  private static RunOptions noisy(RunOptions options, String epochs, String rates) {
    String text = ConfigWriter.write(TinyRun.configuration());
    String noisy =
        text.replace("colourNoise: off", "colourNoise: on\n  noiseEpochs: " + epochs)
            .replace("noiseDivisor: 1.0", "noiseDivisor: 1.1")
            .replace("dropFactor", "weightRates: " + rates + "\n  dropFactor");
    return TinyRun.with(options, ConfigReader.text("noisy", noisy));
  }

  @Test
  void colourNoiseEndsAfterItsEpochs() throws IOException {
    List<List<String>> losses = new ArrayList<>();
    for (String epochs : new String[] {"9", "2", "0"}) {
      Path run = folder.resolve(epochs);
      TrainingRun.run(
          noisy(TinyRun.options(run, 9, false, ALL, 1, "cpu:0"), epochs), new RunListener() {});
      losses.add(losses(run));
    }
    assertEquals(losses.get(0).subList(0, 6), losses.get(1).subList(0, 6));
    assertNotEquals(losses.get(0).get(6), losses.get(1).get(6));
    assertNotEquals(losses.get(0).get(0), losses.get(2).get(0));
    Path plain = folder.resolve("plain");
    TrainingRun.run(TinyRun.options(plain, 9, false, ALL, 1, "cpu:0"), new RunListener() {});
    assertEquals(losses(plain), losses.get(2)); // no noise, no division
  }

  private static List<String> losses(Path run) throws IOException {
    return JsonLines.read(new RunFolder(run).metrics()).stream()
        .filter(line -> line.get("kind").getAsString().equals("train"))
        .map(line -> line.get("step") + " " + line.get("loss"))
        .toList();
  }
}
