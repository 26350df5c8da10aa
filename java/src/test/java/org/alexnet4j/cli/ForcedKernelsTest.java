package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.alexnet4j.device.Devices;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.device.Faults;
import org.alexnet4j.device.ForcedKernel;
import org.alexnet4j.eval.Network;
import org.alexnet4j.eval.Predictor;
import org.alexnet4j.eval.Views;
import org.alexnet4j.run.RunFolder;
import org.alexnet4j.run.RunSessions;
import org.alexnet4j.tower.TowerException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A network may say which kernels it runs, in a program and on the command line. */
final class ForcedKernelsTest {
  @TempDir static Path folder;

  private static Path run;

  @BeforeAll
  static void train() throws IOException {
    TinyRun.train(folder, "run", "--steps", "1", "--inspect", "0");
    run = folder.resolve("run");
  }

  @AfterEach
  void nothingIsLeftOnDevices() {
    Faults.clear();
    assertEquals(0, Devices.liveHandles());
  }

  /** What was launched is named by the text of a device that is lost. */
  @Test
  void twoNetworksOfOneProgramMayDiffer() throws IOException {
    Network.Options options = Network.Options.DEFAULT.withBatch(1);
    try (Network gathered =
            Network.open(
                run, options.withDevices("emu:0,emu:1").withKernel("conv.fprop=implicit_gemm"));
        Network direct =
            Network.open(run, options.withDevices("emu:2,emu:3").withKernel("conv.fprop=direct"));
        Network free = Network.open(run, options.withDevices("emu:4,emu:5"))) {
      assertEquals(guesses(gathered), guesses(direct));
      assertEquals("conv/fprop/implicit_gemm", convolutionOf(gathered, "emu:0"));
      assertEquals("conv/fprop/direct", convolutionOf(direct, "emu:2"));
      assertEquals("conv/fprop/direct", convolutionOf(free, "emu:4"));
    }
  }

  private static List<Predictor.Guess> guesses(Network network) throws IOException {
    return network
        .predictor(Views.CENTRE)
        .predict(new BufferedImage(32, 32, BufferedImage.TYPE_INT_RGB));
  }

  private static String convolutionOf(Network network, String device) {
    Faults.set("device_lost:conv/fprop@" + device + ":1");
    String text = assertThrows(TowerException.class, () -> guesses(network)).getMessage();
    Matcher launch = Pattern.compile("conv/fprop/\\w+").matcher(text);
    assertTrue(launch.find(), text);
    return launch.group();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "conf.fprop=direct | family 'conf', but there is no such family; did you mean 'conv'? allowed: add, bias, ",
        "conv.prop=direct | pass 'prop', but conv has no such pass; did you mean 'fprop'? allowed: dgrad, fprop, wgrad",
        "conv.fprop=panels | variant 'panels', but conv.fprop has no such variant on emu devices; allowed: depth_mma_bf16, direct",
        "conv.fprop | --kernel is 'conv.fprop'; allowed: FAMILY.PASS=VARIANT",
        "conv.fprop=direct=x | --kernel is 'conv.fprop=direct=x'; allowed: FAMILY.PASS=VARIANT",
        "conv.fprop=direct --kernel conv.fprop=direct | kernel conv.fprop is said twice",
      })
  void whatThereIsNotIsRefusedBeforeAnythingRuns(String kernel, String text) {
    String line = "train --data " + TinyRun.DATA + " --config CONFIG --run NEW --devices emu:0";
    Cli cli = cli(line + " --steps 1 --kernel " + kernel);
    assertEquals(2, cli.code(), cli.err());
    assertTrue(cli.err().contains(text), cli.err());
    assertFalse(Files.exists(folder.resolve("new")));
  }

  @Test
  void theEngineIsOurs() throws IOException {
    Network.Options options =
        Network.Options.DEFAULT.withDevices("cpu:0").withKernel("lrn.fprop=rows");
    assertThrows(
        IllegalArgumentException.class,
        () -> Network.open(run, options.withEngine(EngineKind.ONEDNN)));
    try (Network network = Network.open(run, options.withEngine(EngineKind.KERNELS))) {
      assertEquals(EngineKind.KERNELS, network.towers().engines().get(0));
    }
    List<ForcedKernel> kernels = List.of(ForcedKernel.parse("kernel", "lrn.fprop=rows"));
    Devices.Choice choice = Devices.choose("cpu:0", 1).withKernels(kernels);
    assertEquals(EngineKind.KERNELS, choice.engine().orElseThrow());
  }

  @Test
  void aRunSaysWhichItHad() throws IOException {
    String line = "train --data " + TinyRun.DATA + " --config CONFIG --run @said --devices emu:0";
    Cli cli =
        cli(
            line
                + " --steps 1 --inspect 0 --kernel conv.wgrad=implicit_gemm --kernel"
                + " fc.fprop=gemm --kernel tanh.fprop=direct");
    assertEquals(0, cli.code(), cli.err());
    String said = "[conv.wgrad=implicit_gemm, fc.fprop=gemm, tanh.fprop=direct]";
    assertTrue(cli.err().contains("kernels " + said + ": as asked"), cli.err());
    assertTrue(
        cli.err().contains("tanh fprop: 'direct' is forced, but no operation is of this pass"),
        cli.err());
    assertFalse(cli.err().contains("'gemm' is forced, but"), cli.err());
    JsonObject session =
        RunSessions.read(new RunFolder(folder.resolve("said")).environment()).last().orElseThrow();
    assertEquals(
        said,
        session.getAsJsonArray("kernels").asList().stream()
            .map(kernel -> kernel.getAsString())
            .toList()
            .toString());
    assertEquals("[\"kernels\",\"kernels\"]", session.get("engines").toString());
  }

  /** Softmax is tower a's alone: a kernel for it has something to do. */
  @Test
  void aMeasurementSaysWhichItHad() {
    String line = "bench --config CONFIG --batch 2 --steps 1 --devices emu:0";
    Cli json = cli(line + " --json --kernel softmax.loss=block");
    assertEquals(0, json.code(), json.err());
    JsonObject result = JsonParser.parseString(json.out()).getAsJsonObject();
    assertEquals("[\"softmax.loss=block\"]", result.get("kernels").toString());
    assertEquals("[\"kernels\",\"kernels\"]", result.get("engines").toString());
    assertFalse(json.err().contains("is forced, but"), json.err());
    assertTrue(
        cli(line + " --kernel softmax.loss=block")
            .out()
            .contains("on [emu:0, emu:0] with [softmax.loss=block], batch 2"));
  }

  @Test
  void aShapeThatItDoesNotTakeIsSaidInOneLine() {
    String line = "bench --config CONFIG --batch 2 --devices emu:0 --kernel lrn_pool.fprop=rows";
    Cli cli = cli(line + " --set network.layers.norm1.beta=0.5");
    assertEquals(2, cli.code(), cli.err());
    String last = cli.err().lines().reduce((a, b) -> b).orElse("");
    assertTrue(last.contains("'rows', which the stream forces, does not take this shape"), last);
  }

  private static Cli cli(String line) {
    return Cli.run(
        line.replace("CONFIG", folder + "/tiny.yaml")
            .replace("NEW", folder + "/new")
            .replace("@", folder + "/")
            .split(" "));
  }
}
