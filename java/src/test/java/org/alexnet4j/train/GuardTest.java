package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableSet;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.device.Devices;
import org.alexnet4j.run.DivergedException;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.tower.StepResult;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class GuardTest {
  @TempDir Path folder;
  private final List<String> notes = new ArrayList<>();
  private final RunListener listener =
      new RunListener() {
        @Override
        public void note(String line) {
          notes.add(line);
        }
      };

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private static Configuration changed(String from, String to) {
    String text = ConfigWriter.write(TinyRun.configuration());
    assertTrue(text.contains(from), text);
    return ConfigReader.text("changed", text.replace(from, to));
  }

  @ParameterizedTest
  @CsvSource({"conv2", "fc3", "fc4"})
  void theLayerWhereALossStopsBeingANumberIsNamed(String layer) {
    // One layer starts so wide that its outputs are out of range.
    String text = ConfigWriter.write(TinyRun.configuration());
    int at = text.indexOf(" " + layer + ": ");
    String after = text.substring(at).replaceFirst("sigma: [0-9.]+", "sigma: 3.0E38");
    Configuration wild = ConfigReader.text("wild", text.substring(0, at) + after);
    RunOptions options = TinyRun.with(TinyRun.options(folder.resolve("r"), 9, false), wild);
    DivergedException e =
        assertThrows(DivergedException.class, () -> TrainingRun.run(options, listener));
    assertTrue(e.getMessage().contains("; it began in " + layer + ": "), e.getMessage() + notes);
    assertTrue(e.getMessage().contains("try a tenth of the learning rate"), e.getMessage());
  }

  @Test
  void theStepsSinceTheCheckpointAreDoneAgainToFindTheLayer() {
    Configuration sudden = changed("rate: 0.001", "rate: 3.0E38");
    RunOptions options = TinyRun.with(TinyRun.options(folder.resolve("r"), 9, false), sudden);
    DivergedException e =
        assertThrows(DivergedException.class, () -> TrainingRun.run(options, listener));
    assertTrue(e.getMessage().contains("at step 1; it began in conv1: "), e.getMessage());
    assertTrue(
        notes.stream().anyMatch(note -> note.contains("steps 0 to 1 are done again")),
        notes.toString());
  }

  @Test
  void aClassOfProbabilityZeroIsFoundInTheLossItself() {
    // Large steps, far from overflow: one score beats all others by more than exp() can hold.
    Configuration hasty = changed("rate: 0.001", "rate: 1000.0");
    RunOptions options = TinyRun.with(TinyRun.options(folder.resolve("r"), 9, false), hasty);
    DivergedException e =
        assertThrows(DivergedException.class, () -> TrainingRun.run(options, listener));
    assertTrue(e.getMessage().contains("the loss became Infinity"), e.getMessage());
    assertTrue(e.getMessage().contains("; it began in softmax: "), e.getMessage());
  }

  @Test
  void aCheckpointWithAValueThatIsNoNumberIsNotWritten() {
    // The last update before a checkpoint leaves infinite weights; no loss has seen them.
    Configuration wild = changed("rate: 0.001", "rate: 3.0E38");
    CheckpointPolicy every = new CheckpointPolicy(1, 2, false, 0);
    RunOptions options =
        TinyRun.with(TinyRun.options(folder.resolve("r"), 1, false, every, 1, "cpu:0"), wild);
    DivergedException e =
        assertThrows(DivergedException.class, () -> TrainingRun.run(options, listener));
    assertTrue(e.getMessage().contains("before step 1"), e.getMessage());
    assertEquals(List.of(), checkpoints());
  }

  /**
   * The loss of a step is looked at when the next one is under way, and before anything is saved.
   */
  @ParameterizedTest
  @ValueSource(longs = {4, 9}) // one is due behind step 1, or step 2 is under way
  void aLossThatIsNoNumberEndsTheRunBeforeItIsSaved(long every) {
    Configuration sudden = changed("rate: 0.001", "rate: 3.0E38");
    CheckpointPolicy policy = new CheckpointPolicy(every, 2, false, 0);
    List<Long> heard = new ArrayList<>();
    RunOptions options =
        TinyRun.with(
            TinyRun.options(folder.resolve("r"), 9, false, policy, 1, "cpu:0,cpu:1"), sudden);
    DivergedException e =
        assertThrows(
            DivergedException.class,
            () ->
                TrainingRun.run(
                    options,
                    new RunListener() {
                      @Override
                      public void step(
                          long step, int epoch, StepResult r, float rate, double speed, double w) {
                        heard.add(step);
                      }
                    }));
    // Step 0 is the last with a loss; its update leaves infinite weights.
    assertTrue(e.getMessage().contains("at step 1; it began in conv1"), e.getMessage());
    assertEquals(List.of(0L), heard);
    assertEquals(List.of(), checkpoints());
  }

  private List<Path> checkpoints() {
    try {
      return new RunFolder(folder.resolve("r")).checkpoints();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void explainShowsEveryRectifierAndChangesNothing() throws IOException {
    RunOptions plain = TinyRun.options(folder.resolve("plain"), 3, false);
    TrainingRun.run(plain, new RunListener() {});
    RunOptions o = TinyRun.options(folder.resolve("explained"), 3, false);
    RunOptions explained =
        new RunOptions(
            o.configuration(),
            o.data(),
            o.devices(),
            o.seed(),
            o.run(),
            o.steps(),
            o.resume(),
            o.checkpoints(),
            ImmutableSet.of(0L, 2L),
            1);
    TrainingRun.run(explained, listener);
    List<String> lines = notes.stream().filter(n -> n.contains(" units dead")).toList();
    assertEquals(6, lines.size(), notes.toString());
    assertTrue(lines.get(0).startsWith("step 0, relu1: mean "), lines.get(0));
    assertTrue(lines.get(0).contains(" of 8 units dead"), lines.get(0));
    assertEquals(
        -1,
        java.nio.file.Files.mismatch(
            new RunFolder(plain.run()).checkpoint(3), new RunFolder(o.run()).checkpoint(3)));
  }

  @Test
  void deadLayersAreCalledDead() throws IOException {
    Configuration dead = changed("bias: 0.1", "bias: -100.0");
    RunOptions o = TinyRun.with(TinyRun.options(folder.resolve("r"), 1, false), dead);
    RunOptions explained =
        new RunOptions(
            o.configuration(),
            o.data(),
            o.devices(),
            o.seed(),
            o.run(),
            1,
            false,
            o.checkpoints(),
            ImmutableSet.of(0L),
            1);
    TrainingRun.run(explained, listener);
    assertTrue(
        notes.stream()
            .anyMatch(
                n ->
                    n.contains("relu3: ")
                        && n.contains("16 of 16 units dead")
                        && n.contains("learns nothing")),
        notes.toString());
  }

  private static List<String> see(LossWatch watch, int first, int steps, double loss) {
    List<String> said = new ArrayList<>();
    for (int step = first; step < first + steps; step++) {
      said.addAll(watch.see(step, loss));
    }
    return said;
  }

  @Test
  void aLossFarAboveChanceAtTheStartIsSaidOnce() {
    List<String> said = see(new LossWatch(TinyRun.configuration()), 0, 100, 9);
    assertEquals(1, said.stream().filter(s -> s.contains("ln(10) = 2.303")).count());
    assertEquals(List.of(), see(new LossWatch(TinyRun.configuration()), 300, 10, 9));
    assertEquals(List.of(), see(new LossWatch(TinyRun.configuration()), 0, 100, 2.4));
  }

  @Test
  void aLossThatStaysAtChanceNamesItsCauses() {
    List<String> said = see(new LossWatch(TinyRun.configuration()), 0, 600, 2.3026);
    assertEquals(1, said.size(), said.toString());
    assertTrue(said.get(0).contains("a rate of 0.001"), said.get(0));
    assertTrue(!said.get(0).contains("Few classes"), said.get(0));
    Configuration ones =
        ConfigReader.preset("paper-2012")
            .withNetwork(ConfigReader.preset("paper-2012").network().withClasses(10));
    List<String> few = see(new LossWatch(ones), 0, 600, 2.3026);
    assertTrue(few.get(0).contains("conv2, conv4, conv5, fc6, fc7"), few.get(0));
  }

  @Test
  void aLossThatRisesAgainIsSaid() {
    LossWatch watch = new LossWatch(TinyRun.configuration());
    assertEquals(List.of(), see(watch, 0, 300, 1.5));
    List<String> said = see(watch, 300, 200, 6);
    assertEquals(1, said.stream().filter(s -> s.startsWith("the loss rises")).count());
  }
}
