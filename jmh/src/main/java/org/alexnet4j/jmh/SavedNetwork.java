package org.alexnet4j.jmh;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.device.Devices;
import org.alexnet4j.plan.ParameterSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.Progress;
import org.alexnet4j.run.ScheduleState;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.tower.ParameterSnapshot;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.Towers;

/**
 * The paper's network with weights that nobody trained, in training on the CPU, and its checkpoint
 * in a folder of its own, which goes with it.
 */
final class SavedNetwork implements AutoCloseable {
  private final Path folder;
  private final Towers towers;
  private final ParameterSnapshot snapshot;
  private final Checkpoint.Content content;

  /**
   * Writes the checkpoint.
   *
   * @param width factor on the hidden widths
   * @param parent where the folder is made; empty for the system's
   */
  SavedNetwork(double width, String parent) throws IOException {
    Configuration paper = ConfigReader.preset("paper-2012");
    Configuration scaled = paper.withNetwork(paper.network().scaled(width));
    Plan plan = Planner.plan(scaled.network(), 1, Purpose.TRAIN, scaled.mean(), 1);
    towers = Towers.create(plan, Devices.choose("cpu:0", scaled.network().towers()).ids());
    initialize(new ParameterStore(towers));
    snapshot = new ParameterSnapshot(towers);
    snapshot.take();
    content =
        new Checkpoint.Content(
            Progress.START,
            1,
            ConfigWriter.write(scaled),
            IntStream.range(0, scaled.network().classes()).mapToObj(i -> "class " + i).toList(),
            mean(plan),
            ScheduleState.START,
            "none",
            OptionalDouble.empty());
    folder =
        parent.isEmpty()
            ? Files.createTempDirectory("alexnet-jmh")
            : Files.createTempDirectory(Path.of(parent), "alexnet-jmh");
    write();
  }

  /**
   * Writes uniform weights whose size goes with the length of their sums, and no biases, so that
   * the output depends on the input: with the paper's start values it hardly does. The first layer
   * sees pixels of up to 255, and the last one must not saturate the softmax.
   */
  private static void initialize(ParameterStore store) throws IOException {
    SplittableRandom random = new SplittableRandom(1);
    List<TensorSpec> tensors = store.tensors();
    for (TensorSpec tensor : tensors) {
      int row = tensor.rowCount();
      boolean bias = tensor.pieces().get(0).part() == ParameterSpec.Part.BIAS;
      int place = tensors.indexOf(tensor);
      float outer = place == 0 || place == tensors.size() - 2 ? 0.25f : 1;
      float bound = bias ? 0 : outer * (float) Math.sqrt(6.0 / row);
      store.write(
          tensor,
          Role.VALUE,
          (first, rows, to) -> {
            for (int i = 0; i < rows * row; i++) {
              to[i] = bound * (2 * random.nextFloat() - 1);
            }
          });
      store.write(tensor, Role.VELOCITY, (first, rows, to) -> Arrays.fill(to, 0, rows * row, 0));
    }
  }

  private static float[] mean(Plan plan) {
    int side = plan.spec().sourceSize();
    boolean channel = plan.mean() == Mean.CHANNEL;
    float[] mean = new float[channel ? 3 : 3 * side * side];
    Arrays.fill(mean, 117);
    return mean;
  }

  /** Writes the checkpoint again, in place of the one that is there. */
  Path write() throws IOException {
    Checkpoint.write(file(), snapshot.tensors(), snapshot::read, content);
    return file();
  }

  /** Copies weights and velocities from the towers into the memory that {@link #write} reads. */
  ParameterSnapshot take() {
    snapshot.take();
    return snapshot;
  }

  /** Returns where the checkpoint is. */
  Path file() {
    return folder.resolve("network.safetensors");
  }

  /** Returns the folder, for what belongs beside the checkpoint. */
  Path folder() {
    return folder;
  }

  /** Returns the network. */
  Towers towers() {
    return towers;
  }

  /** Closes the towers and deletes the folder. */
  @Override
  public void close() throws IOException {
    towers.close();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.toList()) {
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }
}
