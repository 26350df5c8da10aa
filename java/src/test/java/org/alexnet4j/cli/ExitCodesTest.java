package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.io.NpyWriter;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

/** Every command ends with the code that README's table promises, whatever goes wrong. */
final class ExitCodesTest {
  @TempDir static Path folder;

  /** A call of every command that may read data or open devices; the launcher runs the others. */
  static final List<String> CALLS =
      List.of(
          "demo --config CONFIG --data DATA --run NEW --steps 1 --inspect 0 --devices DEVICE",
          "train --config CONFIG --data DATA --run NEW --steps 1 --inspect 0 --devices DEVICE",
          "experiment QUESTION --data DATA --into NEW --devices DEVICE",
          "prepare DATA --out NEW",
          "data verify DATA",
          "data describe DATA",
          "data sheet DATA --config CONFIG --out PNG",
          "data feed DATA --config CONFIG --device DEVICE --batch 2 --batches 1",
          "eval RUN --data DATA --devices DEVICE",
          "predict RUN IMAGE --devices DEVICE",
          "report RUN --data DATA --devices DEVICE",
          "similar RUN --data DATA --image IMAGE --devices DEVICE",
          "features RUN --data DATA --out NPY --devices DEVICE",
          "activations RUN --input INPUT --out TENSORS --devices DEVICE",
          "describe --config CONFIG --devices DEVICE",
          "bench --width 0.02 --batch 1 --steps 1 --devices DEVICE",
          "kernels bench --devices KIND --filter nothing-of-this-name",
          "kernels check -- --help",
          "kernels list",
          "compare RUN RUN",
          "import FOREIGN --verify REFERENCE --devices DEVICE",
          "export RUN --to onnx --out ONNX",
          "devices");

  @BeforeAll
  static void train() throws IOException {
    TinyRun.train(folder, "run", "--steps", "1", "--inspect", "0");
    NpyWriter.writeFloats(folder.resolve("x.npy"), new float[28 * 28 * 3], 1, 28, 28, 3);
    Files.writeString(
        folder.resolve("question.yaml"),
        "base: cifar10-80sec\nseeds: [1]\nscale: {width: 0.1}\nchange: {training: {batch: 4}}\nvariants: {one: {}}\n");
    Files.writeString(folder.resolve("bad.npy"), "no array");
    Cli.run("export", path("run"), "--to", "onnx", "--out", path("foreign.onnx"));
    Files.createDirectory(folder.resolve("reference"));
    NpyWriter.writeFloats(
        folder.resolve("reference/input.npy"), new float[3 * 28 * 28], 1, 3, 28, 28);
    Files.writeString(folder.resolve("bad.png"), "no image");
  }

  private static Cli call(String line, String data, String device) {
    boolean synthetic = data.startsWith("synthetic");
    return Cli.run(
        Stream.of(line.split(" "))
            .map(
                word ->
                    switch (word) {
                      case "CONFIG" -> path("tiny.yaml");
                      case "QUESTION" -> path("question.yaml");
                      case "DATA" -> data;
                      case "RUN" -> path("run");
                      case "NEW" -> path("new");
                      case "PNG" -> path("sheet.png");
                      case "NPY" -> path("f.npy");
                      case "TENSORS" -> path("a.safetensors");
                      case "FOREIGN" -> path("foreign.onnx");
                      case "REFERENCE" -> path("reference");
                      case "ONNX" -> path("written.onnx");
                      case "IMAGE" -> path("bad.png");
                      case "INPUT" -> synthetic ? path("x.npy") : path("bad.npy");
                      case "KIND" -> device.replaceAll(":.*", "");
                      case "DEVICE" -> device;
                      default -> word;
                    })
            .toArray(String[]::new));
  }

  private static String path(String name) {
    return folder.resolve(name).toString();
  }

  private static void assertOneLine(int code, Cli cli) {
    assertEquals(code, cli.code(), cli.err());
    assertEquals("", cli.out());
    String last = cli.err().lines().reduce((a, b) -> b).orElse("");
    assertTrue(last.startsWith("alexnet: "), cli.err());
    assertFalse(cli.err().contains("Exception"), cli.err());
  }

  @Test
  void everyCommandIsHere() {
    Set<String> called = CALLS.stream().map(ExitCodesTest::command).collect(Collectors.toSet());
    Set<String> all =
        HelpTextTest.commands(HelpTextTest.ALL).stream()
            .filter(line -> line.getSubcommands().isEmpty())
            .map(line -> line.getCommandSpec().qualifiedName(" ").replaceFirst("alexnet ", ""))
            .collect(Collectors.toSet());
    all.removeAll(LAUNCHERS);
    assertEquals(all, called);
  }

  /** Commands that need the source tree or no run, data and device at all. */
  private static final Set<String> LAUNCHERS =
      Set.of("test", "bundle", "release", "doctor", "completion", "man", "jmh", "kernels new");

  private static String command(String call) {
    String[] words = call.split(" ");
    boolean group = words[0].equals("data") || words[0].equals("kernels");
    return group ? words[0] + " " + words[1] : words[0];
  }

  @ParameterizedTest
  @FieldSource("CALLS")
  void usage(String call) {
    String command = command(call);
    assertOneLine(2, Cli.run((command + " --no-such-option").split(" ")));
    CommandLine line = HelpTextTest.ALL;
    for (String word : command.split(" ")) {
      line = line.getSubcommands().get(word);
    }
    for (OptionSpec option : line.getCommandSpec().options()) {
      Class<?> type = option.auxiliaryTypes()[0];
      boolean word = type == String.class || type == Path.class || type == boolean.class;
      boolean leaves = option.parameterConsumer() != null; // what it does not take is an argument
      if (option.arity().max() > 0 && !word && !leaves) {
        Cli cli = call(call + " " + option.longestName() + " 1x", TinyRun.DATA, "cpu:0");
        assertEquals(2, cli.code(), option.longestName() + ": " + cli.err());
        assertTrue(
            cli.err().contains(option.longestName() + " is '1x'")
                || cli.err().contains("only once"),
            cli.err());
      }
    }
  }

  @ParameterizedTest
  @FieldSource("CALLS")
  void data(String call) {
    if (call.matches(".*(DATA|INPUT|IMAGE).*")) {
      assertOneLine(3, call(call, path("no-such-data"), "cpu:0"));
    }
  }

  @ParameterizedTest
  @FieldSource("CALLS")
  void device(String call) {
    assumeTrue(Device.count(DeviceKind.CUDA) == 0, "there is a GPU");
    if (call.matches(".*(DEVICE|KIND).*")
        && !call.startsWith("predict")
        && !call.startsWith("similar")) {
      assertOneLine(4, call(call, TinyRun.DATA, "cuda:0"));
    }
    if (call.contains("DEVICE")) {
      Cli wrong = call(call, TinyRun.DATA, "gpu:1");
      assertEquals(2, wrong.code(), wrong.err());
      assertTrue(
          wrong.err().contains("unknown device 'gpu:1'; did you mean 'cuda:1'?"), wrong.err());
    }
  }
}
