package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.alexnet4j.cli.console.Console;
import org.alexnet4j.cli.console.StopRequest;
import org.alexnet4j.cli.console.Terminal;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.Devices;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.NpyWriter;
import org.alexnet4j.io.Safetensors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands end to end, with a network of a few thousand parameters on 32-pixel images. */
final class CommandsTest {
  private static final String CONFIG =
      """
      name: tiny
      network:
        towers: 2
        input: 28
        source: 32
        mean: channel
        layers:
          conv1: {type: conv, maps: 8, kernel: 5, stride: 2, sigma: 0.01, bias: 0, decay: 0.0005}
          relu1: {type: relu}
          norm1: {type: lrn, size: 5, k: 2, alpha: 1e-4, beta: 0.75}
          pool1: {type: pool, size: 3, stride: 2}
          conv2: {type: conv, maps: 8, kernel: 3, pad: 1, reads: all, sigma: 0.1, bias: 0, decay: 0}
          relu2: {type: relu}
          fc3: {type: fc, units: 8, sigma: 0.1, bias: 0.1, decay: 0.0005}
          relu3: {type: relu}
          drop3: {type: dropout, keep: 0.5}
          fc4: {type: fc, units: 10, towers: first, sigma: 0.1, bias: 0, decay: 0.0005}
          softmax: {type: softmax}
      training: {batch: 4, epochs: 1, rate: 0.001, momentum: 0.9}
      augmentation: {}
      """;
  private static final String DATA = "synthetic:train=40,test=20";

  @TempDir Path folder;

  @BeforeEach
  void writeConfiguration() throws IOException {
    Files.writeString(folder.resolve("tiny.yaml"), CONFIG);
  }

  @AfterEach
  void nothingStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private Cli train(String run, String... more) {
    return Cli.run(arguments(run, more));
  }

  private String[] arguments(String run, String... more) {
    List<String> arguments = new ArrayList<>();
    arguments.addAll(List.of("train", "--data", DATA, "--config", path("tiny.yaml")));
    arguments.addAll(List.of("--run", path(run), "--devices", "cpu:0,cpu:1"));
    arguments.addAll(Arrays.asList(more));
    return arguments.toArray(String[]::new);
  }

  @Test
  void trainLeavesARunFolderAndTellsHowItWent() throws IOException {
    Cli cli = train("run", "--json");
    assertEquals(0, cli.code(), cli.err());
    JsonObject result = JsonParser.parseString(cli.out()).getAsJsonObject();
    assertEquals(10, result.get("steps").getAsInt());
    assertEquals(20, result.get("testImages").getAsInt());
    assertTrue(cli.err().matches("(?s).*step 10/10  [0-9]+ s left  loss .*"), cli.err());
    for (String file : new String[] {"config.yaml", "env.json", "metrics.jsonl", "stderr.log"}) {
      assertTrue(Files.size(folder.resolve("run").resolve(file)) > 0, file);
    }
    assertEquals(cli.err(), Files.readString(folder.resolve("run/stderr.log")));
  }

  @Test
  void aStoppedAndResumedRunIsTheSameAsOneThatNeverStopped() {
    assertEquals(0, train("whole").code());
    StopRequest stop = new StopRequest(line -> {});
    stop.request();
    Cli stopped = Cli.run(stop, false, arguments("parts"));
    assertEquals(0, stopped.code(), stopped.err());
    assertTrue(stopped.err().contains("go on with ./alexnet train --resume "));
    Cli resumed = Cli.run("train", "--resume", "--run", path("parts"), "--devices", "cpu:0,cpu:1");
    assertEquals(0, resumed.code(), resumed.err());
    assertTrue(resumed.err().contains("steps 1 to 10"), resumed.err());
    Cli same = Cli.run("compare", path("whole"), path("parts"));
    assertEquals(0, same.code(), same.out());
    train("other", "--seed", "7");
    Cli different = Cli.run("compare", path("whole"), path("other"));
    assertEquals(1, different.code());
    assertTrue(different.out().startsWith("different at train step 0, loss; "), different.out());
  }

  @Test
  void checkpointsStayAsAskedAndStepsAreExplained() throws IOException {
    Cli cli = train("run", "--explain", "0,2", "--checkpoint-every", "2", "--keep", "1");
    assertEquals(0, cli.code(), cli.err());
    assertTrue(cli.err().contains("step 0, relu1: mean "), cli.err());
    assertTrue(cli.err().contains("step 2, relu3: mean "), cli.err());
    assertEquals(List.of("list.json", "step-00000010.safetensors"), checkpoints("run"));
    Cli plain = train("plain", "--keep-every", "1", "--no-keep-best", "--epochs", "3", "--keep=1");
    assertEquals(0, plain.code(), plain.err());
    assertEquals(4, checkpoints("plain").size());
    assertFalse(Files.readString(folder.resolve("plain/checkpoints/list.json")).contains("best"));
    assertFailure(train("none", "--keep", "0"), 2, "--keep is 0; allowed: 1 or more");
  }

  private List<String> checkpoints(String run) throws IOException {
    try (Stream<Path> files = Files.list(folder.resolve(run).resolve("checkpoints"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aResultThatNobodyCanReadIsNoSuccess() {
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    OutputStream closed =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("Broken pipe");
          }
        };
    Console console =
        new Console(
            new PrintStream(closed, false, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            Terminal.of(false, 80));
    assertEquals(0, Main.run(console, new StopRequest(line -> {}), "devices"));
    assertEquals(1, console.exitCode(0));
    assertEquals(5, console.exitCode(5));
    assertTrue(
        err.toString(StandardCharsets.UTF_8).contains("the result is lost"),
        err.toString(StandardCharsets.UTF_8));
  }

  @Test
  void evalAndPredictUseTheRunsCheckpoint() throws IOException {
    train("run");
    Cli eval = Cli.run("eval", "--run", path("run"), "--data", DATA, "--views", "ten", "--json");
    assertEquals(0, eval.code(), eval.err());
    assertEquals(20, JsonParser.parseString(eval.out()).getAsJsonObject().get("images").getAsInt());
    Path image = folder.resolve("image.png");
    ImageIO.write(new BufferedImage(60, 40, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
    Cli predict = Cli.run("predict", "--run", path("run"), "--top", "3", image.toString());
    assertEquals(0, predict.code(), predict.err());
    assertEquals(4, predict.out().lines().count(), predict.out());
    Files.writeString(image, "no image");
    Cli damaged = Cli.run("predict", "--run", path("run"), image.toString());
    assertFailure(damaged, 3, image.toString());
  }

  @Test
  void activationsHaveGradientsOnlyWithLabels() throws IOException {
    train("run");
    NpyWriter.writeFloats(folder.resolve("x.npy"), new float[2 * 28 * 28 * 3], 2, 28, 28, 3);
    try (NpyWriter labels = NpyWriter.create(folder.resolve("y.npy"), DType.INT64, 2)) {
      ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
      labels.write(bytes.putLong(1).putLong(9).flip());
      labels.commit();
    }
    String[] arguments = {
      "activations", "--run", path("run"), "--input", path("x.npy"), "--out", path("a.safetensors")
    };
    String[] withLabels =
        Stream.concat(Arrays.stream(arguments), Stream.of("--labels", path("y.npy")))
            .toArray(String[]::new);
    assertEquals(0, Cli.run(arguments).code());
    try (Safetensors read = Safetensors.open(folder.resolve("a.safetensors"))) {
      read.require("conv1", DType.FLOAT32, 2, 13, 13, 16);
      read.require("softmax", DType.FLOAT32, 2, 10);
      assertFalse(read.tensors().containsKey("loss"));
    }
    Cli labelled = Cli.run(withLabels);
    assertEquals(0, labelled.code(), labelled.err());
    try (Safetensors read = Safetensors.open(folder.resolve("a.safetensors"))) {
      read.require("grad.conv2.weight", DType.FLOAT32, 16, 16, 3, 3);
      read.require("grad.conv1", DType.FLOAT32, 2, 13, 13, 16);
      read.require("loss", DType.FLOAT32, 1);
    }
    Files.delete(folder.resolve("y.npy"));
    Files.createDirectory(folder.resolve("y.npy"));
    assertFailure(Cli.run(withLabels), 3, path("y.npy") + ": the name: is a folder");
    Files.delete(folder.resolve("y.npy"));
    for (long label : new long[] {1L << 32, -5, Long.MIN_VALUE, 10}) {
      try (NpyWriter labels = NpyWriter.create(folder.resolve("y.npy"), DType.INT64, 2)) {
        ByteBuffer bytes = ByteBuffer.allocate(16).order(ByteOrder.LITTLE_ENDIAN);
        labels.write(bytes.putLong(1).putLong(label).flip());
        labels.commit();
      }
      assertFailure(Cli.run(withLabels), 3, "label 1: is " + label + "; allowed: 0 to 9");
    }
  }

  @Test
  void badInputIsOneLineWithItsCode() throws IOException {
    assertFailure(
        train("r", "--data", path("no")), 2, "--data is given more than once; allowed: once");
    assertFailure(Cli.run("train", "--data", path("no"), "--run", path("r1")), 3, path("no"));
    assertFailure(Cli.run("train", "--run", path("r2")), 2, "--data is missing");
    assertFailure(train("r3", "--batch", "0"), 2, "batch is 0; allowed: 1 to 65,536");
    assertFailure(train("r4", "--batch", "41"), 3, "at least one batch of 41");
    assertFailure(train("r5", "--steps", "0"), 2, "--steps is 0");
    assertFailure(
        train("r6", "--epochs", "1", "--steps", "1"), 2, "--epochs and --steps exclude each other");
    assertFailure(Cli.run("train", "--resume", "--run", path("r7")), 5, "no such run folder");
    assertFailure(Cli.run("train", "--resume"), 2, "--resume needs RUN");
    assertFailure(Cli.run("eval", "--run", path("r8"), "--data", DATA), 5, "no such run folder");
    assertFailure(
        Cli.run("train", "--data", DATA, "--preset", "fly"), 2, "no preset 'fly'; allowed: ");
    Files.writeString(folder.resolve("bad.yaml"), "extends: demo\ntraining:\n  speed: 3\n");
    assertFailure(
        Cli.run("describe", "--config", path("bad.yaml")), 2, "bad.yaml:3: training.speed");
  }

  @Test
  void missingDevicesAreNamed() {
    List<String> command = List.of("train", "--data", DATA, "--config", path("tiny.yaml"));
    assertFailure(run(command, "--devices", "tpu:0", "--run", path("a")), 2, "unknown device");
    assertFailure(run(command, "--devices", "cpu:0,emu:0", "--run", path("b")), 2, "mix kinds");
    assumeTrue(Device.count(DeviceKind.CUDA) == 0, "there is a GPU");
    assertFailure(
        run(command, "--devices", "cuda:0", "--run", path("c")), 4, "alexnet_device_open: cuda:0");
  }

  @Test
  void damagedAndForeignCheckpointsAreRefused() throws IOException {
    train("run", "--steps", "1");
    Path checkpoint = folder.resolve("run/checkpoints/step-00000001.safetensors");
    Cli foreign =
        Cli.run("eval", "--weights", checkpoint.toString(), "--preset", "demo", "--data", DATA);
    assertFailure(foreign, 5, "conv1.weight");
    byte[] bytes = Files.readAllBytes(checkpoint);
    Files.write(checkpoint, Arrays.copyOf(bytes, bytes.length - 1));
    assertFailure(Cli.run("eval", "--run", path("run"), "--data", DATA), 5, "it was cut off");
    assertFailure(Cli.run("train", "--resume", "--run", path("run")), 5, checkpoint.toString());
    assertFailure(train("run"), 2, "has a run in it; add --resume or name another folder");
  }

  private static Cli run(List<String> command, String... more) {
    return Cli.run(Stream.concat(command.stream(), Arrays.stream(more)).toArray(String[]::new));
  }

  private static void assertFailure(Cli cli, int code, String text) {
    assertEquals(code, cli.code(), cli.err());
    assertEquals("", cli.out());
    List<String> lines = cli.err().lines().filter(l -> l.contains(text)).toList();
    assertEquals(1, lines.size(), cli.err());
    assertFalse(cli.err().contains("\tat "), cli.err());
  }
}
