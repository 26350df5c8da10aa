package org.alexnet4j.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import javax.imageio.ImageIO;
import org.alexnet4j.io.NpyWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** An algorithm goes the whole way: train, stop, go on elsewhere or in another one, evaluate. */
class AlgorithmTest {
  /** Kernels of other algorithms than direct take 16 channels or more; conv2 has 32 and 16. */
  private static final String WIDER = TinyRun.CONFIG.replace("maps: 8", "maps: 16");

  @TempDir Path folder;

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  private void train(String name, String algorithm, String devices, int steps) throws IOException {
    TinyRun.train(WIDER, devices, folder, name, "--algorithm", algorithm, "--steps", "" + steps);
  }

  private static void assertSame(String one, String other) {
    Cli same = Cli.run("compare", one, other);
    assertEquals(0, same.code(), same.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"winograd2", "winograd4"})
  void bitsDependOnItAndOnNothingElse(String algorithm) throws IOException {
    train("one", algorithm, "cpu:0", 12);
    train("again", algorithm, "cpu:0", 12);
    assertSame(path("one"), path("again"));
    train("two", algorithm, "cpu:0,cpu:1", 12);
    assertSame(path("one"), path("two"));
    train("stopped", algorithm, "cpu:0", 5);
    Cli resumed =
        Cli.run("train", "--resume", path("stopped"), "--steps", "12", "--devices", "cpu:0,cpu:1");
    assertEquals(0, resumed.code(), resumed.err());
    assertTrue(resumed.err().contains(", " + algorithm + ", "), resumed.err());
    assertFalse(resumed.err().contains("training.algorithm"), resumed.err());
    assertSame(path("one"), path("stopped"));
    train("direct", "direct", "cpu:0", 12);
    assertEquals(1, Cli.run("compare", path("one"), path("direct")).code());
    String other = algorithm.equals("winograd2") ? "winograd4" : "winograd2";
    train("other", other, "cpu:0", 12);
    assertEquals(1, Cli.run("compare", path("one"), path("other")).code());
    String line = "  algorithm: " + algorithm + "\n";
    assertTrue(Files.readString(folder.resolve("one/config.yaml")).contains(line));
    assertFalse(Files.readString(folder.resolve("direct/config.yaml")).contains("algorithm"));
  }

  @ParameterizedTest
  @CsvSource({
    "winograd2, direct",
    "direct, winograd4",
    "winograd4, winograd2",
  })
  void aRunGoesOnInAnotherAndSaysSo(String first, String then) throws IOException {
    train("run", first, "cpu:0", 5);
    Cli resumed = Cli.run("train", "--resume", path("run"), "--algorithm", then, "--steps", "8");
    assertEquals(0, resumed.code(), resumed.err());
    String change = "training.algorithm " + shown(first) + " to " + shown(then);
    assertTrue(resumed.err().contains(change), resumed.err());
    String config = Files.readString(folder.resolve("run/config.yaml"));
    assertEquals(!then.equals("direct"), config.contains("algorithm: " + then), config);
  }

  private static String shown(String algorithm) {
    return algorithm.equals("direct") ? "-" : algorithm;
  }

  @Test
  void resultsSayIt() throws IOException {
    train("run", "winograd4", "cpu:0", 5);
    Cli own = Cli.run("eval", path("run"), "--data", TinyRun.DATA);
    assertEquals(0, own.code(), own.err());
    assertTrue(own.out().contains("centre view, winograd4: error"), own.out());
    assertTrue(own.err().contains("conv fprop: winograd4 does not take this shape"), own.err());
    JsonObject results = weights();
    assertEquals("fp32", results.get("precision").getAsString());
    assertEquals("winograd4", results.get("algorithm").getAsString());
    double loss = loss();
    Cli exact = Cli.run("eval", path("run"), "--data", TinyRun.DATA, "--algorithm", "direct");
    assertEquals(0, exact.code(), exact.err());
    assertTrue(exact.out().contains("centre view: error"), exact.out());
    assertFalse(exact.err().contains("does not take"), exact.err());
    assertEquals("direct", weights().get("algorithm").getAsString());
    assertNotEquals(loss, loss());
    assertEquals(loss, loss(), 1e-4);
  }

  /** Each by itself, for one image; activations takes an input as the network sees it. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "predict RUN IMAGE",
        "features RUN --data DATA --out OUT.npy",
        "similar RUN --data DATA --image IMAGE",
        "report RUN --image IMAGE",
        "activations RUN --input INPUT --out OUT.safetensors",
      })
  void whoeverInfersNamesWhatStaysDirect(String line) throws IOException {
    train("run", "winograd2", "cpu:0", 5);
    Path image = folder.resolve("image.png");
    ImageIO.write(new BufferedImage(60, 40, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
    Path input = folder.resolve("input.npy");
    NpyWriter.writeFloats(input, new float[28 * 28 * 3], 1, 28, 28, 3);
    String[] command =
        line.replace("RUN", path("run"))
            .replace("DATA", TinyRun.DATA)
            .replace("IMAGE", image.toString())
            .replace("INPUT", input.toString())
            .replace("OUT", path("out"))
            .split(" ");
    Cli done = Cli.run(command);
    assertEquals(0, done.code(), done.err());
    assertTrue(done.err().contains("conv fprop: winograd2 does not take this shape"), done.err());
  }

  private JsonObject results() throws IOException {
    return JsonParser.parseString(Files.readString(folder.resolve("run/results.json")))
        .getAsJsonObject();
  }

  private JsonObject weights() throws IOException {
    return results().getAsJsonArray("weights").get(0).getAsJsonObject();
  }

  private double loss() throws IOException {
    return results().get("loss").getAsDouble();
  }

  private static final String BENCH =
      "bench --preset cifar10-towers --batch 2 --steps 2 --devices cpu:0 --algorithm winograd2";

  @Test
  void commandsThatRunANetworkSayIt() throws IOException {
    Cli bench = Cli.run(BENCH.split(" "));
    assertEquals(0, bench.code(), bench.err());
    assertTrue(bench.out().contains("batch 2, winograd2, 2 steps"), bench.out());
    String direct =
        ": winograd2 does not take this shape; it is multiplied directly {N 2, C 3, H 32, ";
    assertTrue(bench.err().contains("conv fprop" + direct), bench.err());
    assertTrue(bench.err().contains("conv wgrad" + direct), bench.err());
    assertFalse(bench.err().contains("conv dgrad" + direct), bench.err());
    JsonObject json =
        JsonParser.parseString(Cli.run((BENCH + " --json").split(" ")).out()).getAsJsonObject();
    assertEquals("winograd2", json.get("algorithm").getAsString());
    assertEquals("fp32", json.get("precision").getAsString());
    Cli described = Cli.run("describe", "--algorithm", "winograd4");
    assertTrue(described.out().contains(", winograd4"), described.out());
    JsonObject plan =
        JsonParser.parseString(Cli.run("describe", "--algorithm", "winograd4", "--json").out())
            .getAsJsonObject();
    assertEquals("winograd4", plan.get("algorithm").getAsString());
    assertEquals("fp32", plan.get("precision").getAsString());
    assertFalse(Cli.run("describe").out().contains("direct"));
  }

  private static Cli run(String line, String... more) {
    List<String> arguments = new ArrayList<>(List.of(line.split(" ")));
    arguments.addAll(List.of(more));
    return Cli.run(arguments.toArray(String[]::new));
  }

  private static void assertRefused(Cli cli, String text) {
    assertEquals(2, cli.code(), cli.err());
    assertTrue(cli.err().contains(text), cli.err());
  }

  @Test
  void whatCannotBeIsRefused() {
    assertRefused(
        run("bench --algorithm winograd"),
        "--algorithm is 'winograd'; allowed: direct, winograd2, winograd4");
    for (String what : new String[] {"sheet", "feed"}) {
      assertRefused(
          run("data " + what + " " + TinyRun.DATA + " --algorithm winograd2"),
          "--algorithm is winograd2, which changes no image");
    }
    assertRefused(
        run("bench --preset demo --algorithm winograd2 --precision bf16"),
        "algorithm is winograd2 and precision is bf16");
    assertRefused(
        run("bench --preset demo --algorithm winograd2 --set training.algorithm=direct"),
        "training.algorithm is set twice");
    assertRefused(
        run("bench --preset demo --algorithm winograd4 --engine onednn --devices cpu:0"),
        "algorithm is winograd4, and the engine onednn has its own; allowed: the engine kernels,"
            + " or algorithm direct");
    assertRefused(
        run("bench --preset demo --algorithm winograd4 --devices emu:0"),
        "algorithm is winograd4, and emu:0 multiplies directly; allowed: devices cpu:N, or"
            + " algorithm direct");
  }

  /** Before anything begins: a run that cannot be leaves no folder. */
  @Test
  void aRunThatCannotBeLeavesNothing() {
    String train = "train --preset cifar10-80sec --data " + TinyRun.DATA + " --steps 1 --batch 4";
    for (String how :
        new String[] {
          "--devices emu:0", "--devices cpu:0 --engine onednn", "--precision tf32 --devices cpu:0"
        }) {
      Cli refused = run(train + " " + how + " --algorithm winograd4 --run", path("run"));
      assertRefused(refused, "algorithm is winograd4");
      assertFalse(Files.exists(folder.resolve("run")), how);
    }
  }
}
