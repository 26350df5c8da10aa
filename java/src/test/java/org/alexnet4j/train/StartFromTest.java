package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableMap;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.StartSpec;
import org.alexnet4j.config.StartSpec.Mode;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.Towers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs that start from another network. */
class StartFromTest {
  @TempDir Path folder;
  private Path source;

  @BeforeEach
  void trainTheSource() throws IOException {
    source = folder.resolve("source");
    TrainingRun.run(TinyRun.options(source, 3, false), new RunListener() {});
  }

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private static Configuration started(String change, String with, StartSpec start) {
    String text = ConfigWriter.write(TinyRun.configuration()).replace(change, with);
    return ConfigReader.text("started", text).withStart(Optional.of(start));
  }

  /** Does one step that moves nothing. */
  private Path run(String name, Configuration configuration, List<String> notes)
      throws IOException {
    Path run = folder.resolve(name);
    Configuration still =
        ConfigReader.text(
            "still",
            ConfigWriter.write(configuration).replaceAll("(?m)^  (rate|biasRate): .*", "  $1: 0"));
    RunOptions o = TinyRun.with(TinyRun.options(run, 1, false), still);
    RunOptions options =
        new RunOptions(
            o.configuration(),
            o.data(),
            Devices.choose("cpu:0", still.network().towers()),
            o.seed(),
            o.run(),
            o.steps(),
            o.resume(),
            o.checkpoints(),
            o.explain(),
            o.loaderThreads());
    TrainingRun.run(
        options,
        new RunListener() {
          @Override
          public void note(String text) {
            notes.add(text);
          }
        });
    return new RunFolder(run).checkpoint(1);
  }

  private static float[] values(Path file, String tensor) throws IOException {
    try (Safetensors tensors = Safetensors.open(file)) {
      FloatBuffer values = tensors.floats(tensor);
      float[] copy = new float[values.remaining()];
      values.get(copy);
      return copy;
    }
  }

  private static StartSpec from(Path path, Object... layers) {
    ImmutableMap.Builder<String, Mode> modes = ImmutableMap.builder();
    for (int i = 0; i < layers.length; i += 2) {
      modes.put((String) layers[i], (Mode) layers[i + 1]);
    }
    return new StartSpec(path.toString(), modes.buildOrThrow());
  }

  @Test
  void layersOfTheSameNameAreCopiedAndTheOthersStartAnew() throws IOException {
    List<String> notes = new ArrayList<>();
    Path there = new RunFolder(source).checkpoint(3);
    Configuration other =
        started("fc3", "other", from(source, "fc4", Mode.NEW, "conv2", Mode.COPY));
    Path here = run("here", other, notes);
    Path fresh = run("fresh", other.withStart(Optional.empty()), new ArrayList<>());
    for (String tensor : List.of("conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias")) {
      assertArrayEquals(values(there, tensor), values(here, tensor), tensor);
      assertFalse(Arrays.equals(values(fresh, tensor), values(here, tensor)), tensor);
      for (float velocity : values(here, "velocity." + tensor)) {
        assertEquals(0, velocity);
      }
    }
    for (String tensor : List.of("other.weight", "other.bias", "fc4.weight", "fc4.bias")) {
      assertArrayEquals(values(fresh, tensor), values(here, tensor), tensor);
    }
    assertTrue(
        notes.contains("starts from " + there + ": conv1, conv2; new: other, fc4"),
        notes.toString());
    assertArrayEquals(
        values(here, "conv1.weight"),
        values(run("file", other.withStart(Optional.of(from(there))), notes), "conv1.weight"));
  }

  /** Without normalisation, a network of two towers computes what it does when it is joined. */
  @Test
  void towersAreJoinedWithZerosBetweenThemAndSplitAgain() throws IOException {
    Configuration two = grouped(2, 4, 8);
    Configuration one = grouped(1, 8, 16);
    Path a = run("two", two, new ArrayList<>());
    List<String> notes = new ArrayList<>();
    Path b = run("one", one.withStart(Optional.of(from(a))), notes);
    assertTrue(notes.contains("conv2: joins 2 towers, with zeros between them"), notes.toString());
    assertArrayEquals(probabilities(two, a), probabilities(one, b), 1e-6f);
    notes.clear();
    Path c = run("again", two.withStart(Optional.of(from(b))), notes);
    assertTrue(notes.contains("conv2: splits 2 towers; what lay between them is left out"));
    assertArrayEquals(values(a, "conv2.weight"), values(c, "conv2.weight"));
    assertArrayEquals(values(a, "fc3.weight"), values(c, "fc3.weight"));
  }

  private static Configuration grouped(int towers, int maps, int units) {
    return ConfigReader.text(
        "grouped",
        ConfigWriter.write(TinyRun.configuration())
            .replace("towers: 2", "towers: " + towers)
            .replace("maps: 4", "maps: " + maps)
            .replace("units: 8", "units: " + units)
            .replace("pad: 1, rounding: up, reads: all", "pad: 1, rounding: up, reads: tower"));
  }

  private static float[] probabilities(Configuration configuration, Path file) throws IOException {
    int towers = configuration.network().towers();
    try (Towers open =
        Towers.create(
            Planner.plan(configuration.network(), 2, Purpose.INFER, configuration.mean(), 1),
            Devices.choose("cpu:0", towers))) {
      ParameterStore store = new ParameterStore(open);
      StartFrom.of(from(file), store.tensors(), note -> {}).write(store);
      open.mean(new float[] {100, 110, 120});
      ByteBuffer images = ByteBuffer.allocateDirect(2 * 32 * 32 * 3);
      for (int i = 0; i < images.capacity(); i++) {
        images.put(i, (byte) (13 * i + i / 50));
      }
      open.load(2, images, new int[6], null, null);
      open.evaluate();
      return open.probabilities();
    }
  }

  @Test
  void locallyConnectedLayersAreCopiedPositionByPosition() throws IOException {
    Configuration local =
        ConfigReader.text(
            "local",
            ConfigWriter.write(TinyRun.configuration())
                .replace("conv2: {type: conv", "conv2: {type: local"));
    Path there = run("first", local, new ArrayList<>());
    Configuration other =
        ConfigReader.text(
            "other",
            ConfigWriter.write(local).replace("fc3", "other").replace("sigma: 0.1", "sigma: 0.2"));
    Path here = run("second", other.withStart(Optional.of(from(there))), new ArrayList<>());
    assertArrayEquals(values(there, "conv2.weight"), values(here, "conv2.weight"));
    assertArrayEquals(values(there, "conv2.bias"), values(here, "conv2.bias"));
  }

  private void assertRefused(String text, Configuration configuration) {
    IOException e =
        assertThrows(FormatException.class, () -> run("no", configuration, new ArrayList<>()));
    assertTrue(e.getMessage().contains(text), e.getMessage());
    assertFalse(Files.exists(folder.resolve("no")));
  }

  @Test
  void whatDoesNotFitIsNamed() {
    assertRefused(
        "tensor fc3.weight: is [16, 72], the network needs [24, 72]; allowed: the same, or"
            + " start.layers: {fc3: new}",
        started("units: 8", "units: 12", from(source)));
    assertRefused(
        "start.layers.other: there is no tensor other.weight; there are",
        started("fc3", "other", from(source, "other", Mode.COPY)));
    assertRefused(
        "there is no such run folder or file",
        started("fc3", "fc3", from(folder.resolve("nowhere"))));
  }

  @Test
  void theConfigurationSaysWhereARunStarted() {
    String yaml = "extends: demo\nstart: {from: runs/first, layers: {conv1: copy, fc8: new}}\n";
    Configuration read = ConfigReader.text("my.yaml", yaml);
    assertEquals(
        from(Path.of("runs/first"), "conv1", Mode.COPY, "fc8", Mode.NEW), read.start().get());
    assertEquals(read, ConfigReader.text("again", ConfigWriter.write(read)));
  }
}
