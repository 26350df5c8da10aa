package org.alexnet4j.foreign;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.stream.IntStream;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.ConfigWriter;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.Settings;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.io.TensorInfo;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.run.Checkpoint;
import org.alexnet4j.run.Progress;
import org.alexnet4j.run.ScheduleState;
import org.alexnet4j.shape.InputShape.Mean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Out, in, and out again: the same values in the checkpoint, the same bytes in the files. */
class RoundTripTest {
  @TempDir Path folder;

  /** A checkpoint of a preset's network with few maps, 5 classes and random weights. */
  static Path checkpoint(Path file, String preset, double width, String... settings)
      throws Exception {
    Configuration whole = ConfigReader.preset(preset, Settings.of(List.of(settings)));
    Configuration small = whole.withNetwork(whole.network().scaled(width).withClasses(5));
    List<TensorSpec> tensors =
        TensorSpec.of(Planner.plan(small.network(), 1, Purpose.INFER, small.mean(), 0));
    Random random = new Random(7);
    boolean channel = small.mean() == Mean.CHANNEL;
    int side = small.network().sourceSize();
    float[] mean = new float[channel ? 3 : 3 * side * side];
    for (int i = 0; i < mean.length; i++) {
      mean[i] = 100 + 10 * (i % 3) + random.nextFloat();
    }
    Checkpoint.writeWeights(
        file,
        tensors,
        tensor -> {
          float[] values = new float[(int) tensor.count()];
          boolean first = tensor.name().startsWith("conv1.");
          double gain = Math.sqrt(2.0 / tensor.rowCount()) * (first ? 0.1 : 1);
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * gain);
          }
          return values;
        },
        new Checkpoint.Content(
            Progress.START,
            1,
            ConfigWriter.write(small),
            IntStream.range(0, 5).mapToObj(i -> "kind, \"" + i + "\"").toList(),
            mean,
            ScheduleState.START,
            "",
            OptionalDouble.empty()));
    return file;
  }

  static void assertSameValues(Path one, Path other) throws Exception {
    try (Safetensors a = Safetensors.open(one);
        Safetensors b = Safetensors.open(other)) {
      assertEquals(a.metadata().get("configuration"), b.metadata().get("configuration"));
      assertEquals(a.metadata().get("classes"), b.metadata().get("classes"));
    }
    assertSameTensors(one, other);
  }

  static void assertSameTensors(Path one, Path other) throws Exception {
    try (Safetensors a = Safetensors.open(one);
        Safetensors b = Safetensors.open(other)) {
      List<String> names = new ArrayList<>();
      for (TensorInfo info : a.tensors().values()) {
        if (info.dtype().isFloat()) {
          names.add(info.name());
          assertEquals(info.shape(), b.tensors().get(info.name()).shape());
          assertEquals(a.floats(info.name()), b.floats(info.name()), info.name());
        }
      }
      assertTrue(names.contains("mean") && names.size() >= 15, names.toString());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "paper-2012, safetensors, safetensors",
    "paper-2012, npz, npz",
    "paper-2012, onnx, onnx",
    "torchvision, safetensors, safetensors",
    "caffenet, caffe, caffemodel",
    "caffenet, onnx, onnx",
  })
  void bits(String preset, String format, String ending) throws Exception {
    String mean = preset.equals("caffenet") ? "network.mean=channel" : "network.input=224";
    Path start = checkpoint(folder.resolve("start.safetensors"), preset, 0.1, mean);
    Path out = folder.resolve("out." + ending);
    Path again = folder.resolve("again." + ending);
    Path back = folder.resolve("back.safetensors");
    ok("export", "--weights", start.toString(), "--to", format, "--out", out.toString());
    List<String> in = new ArrayList<>(List.of("import", out.toString(), "--out", back.toString()));
    if (format.equals("caffe")) { // which keeps no names
      Path names = folder.resolve("names.txt");
      Files.write(names, IntStream.range(0, 5).mapToObj(i -> "kind, \"" + i + "\"").toList());
      in.addAll(List.of("--names", names.toString()));
    }
    ok(in.toArray(String[]::new));
    assertSameValues(start, back);
    ok("export", "--weights", back.toString(), "--to", format, "--out", again.toString());
    assertArrayEquals(Files.readAllBytes(out), Files.readAllBytes(again));
  }

  private static Cli ok(String... words) {
    Cli cli = Cli.run(words);
    assertEquals(0, cli.code(), cli.err());
    return cli;
  }

  /** Names and layouts are those that torchvision's own state_dict has. */
  @Test
  void namesAreTorchvisions() throws Exception {
    Path start = checkpoint(folder.resolve("start.safetensors"), "torchvision", 0.1);
    Path out = folder.resolve("out.safetensors");
    ok("export", "--weights", start.toString(), "--to", "safetensors", "--out", out.toString());
    try (Safetensors a = Safetensors.open(start);
        Safetensors b = Safetensors.open(out)) {
      assertEquals(
          "[alexnet4j.mean, features.0.weight, features.0.bias, features.3.weight, features.3.bias,"
              + " features.6.weight, features.6.bias, features.8.weight, features.8.bias,"
              + " features.10.weight, features.10.bias, classifier.1.weight, classifier.1.bias,"
              + " classifier.4.weight, classifier.4.bias, classifier.6.weight, classifier.6.bias]",
          b.tensors().keySet().toString());
      // Dropout is inverted there: half of our weights behind it, the others as they are.
      assertEquals(a.floats("fc6.weight").get(3) / 2, b.floats("classifier.1.weight").get(3));
      assertEquals(a.floats("fc8.weight").get(3), b.floats("classifier.6.weight").get(3));
      assertEquals(a.floats("fc6.bias").get(3), b.floats("classifier.1.bias").get(3));
    }
  }

  @Test
  void whatHasNoCounterpartIsRefusedByName() throws Exception {
    Path paper = checkpoint(folder.resolve("p.safetensors"), "paper-2012", 0.1);
    assertRefused(paper, "caffe", "c.caffemodel", "layer conv1: its last windows run past");
    Path pixels =
        checkpoint(folder.resolve("w.safetensors"), "code-2012", 0.1, "network.input=227");
    assertRefused(pixels, "caffe", "c.caffemodel", "layer cnorm2: normalisation over pixels");
    Path demo = checkpoint(folder.resolve("d.safetensors"), "demo", 1);
    assertRefused(demo, "npz", "d.npz", "times 0.8 (dropout's factor) is no float");
    Path columns = checkpoint(folder.resolve("l.safetensors"), "columns-2012", 0.1);
    assertRefused(columns, "onnx", "l.onnx", "layer fc6: a fully-connected layer");
  }

  @Test
  void weightsAloneAreNoNetwork() throws Exception {
    Path start = checkpoint(folder.resolve("start.safetensors"), "torchvision", 0.1);
    Path plain = folder.resolve("plain.safetensors");
    ok("export", "--weights", start.toString(), "--to", "safetensors", "--out", plain.toString());
    Path out = folder.resolve("o.npz");
    Cli cli =
        Cli.run("export", "--weights", plain.toString(), "--to", "npz", "--out", out.toString());
    assertEquals(5, cli.code(), cli.err());
    assertTrue(cli.err().contains("has weights alone; allowed: a run"), cli.err());
  }

  private void assertRefused(Path from, String format, String file, String why) {
    Path out = folder.resolve(file);
    Cli cli =
        Cli.run("export", "--weights", from.toString(), "--to", format, "--out", out.toString());
    assertEquals(2, cli.code(), cli.err());
    assertTrue(cli.err().contains(why), cli.err());
    assertTrue(Files.notExists(out), file);
  }
}
