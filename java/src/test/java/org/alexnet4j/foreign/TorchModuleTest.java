package org.alexnet4j.foreign;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.eval.Network;
import org.alexnet4j.eval.Predictor;
import org.alexnet4j.eval.Views;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The Python module that {@code export --to torch} writes, run by Python with a stand-in for
 * PyTorch ({@code src/test/python}) that computes in plain loops what PyTorch documents.
 */
class TorchModuleTest {
  private static final String PYTHON = System.getProperty("alexnet.python", "python3");
  private static final Path STAND_IN = Path.of("src/test/python");

  /** Other orders of sums of up to some thousand products, and doubles there; seen: 3e-7. */
  private static final double TOLERANCE = 1e-5;

  private static final String RUN =
      """
      import importlib, json, sys
      from torch import Tensor
      module = importlib.import_module(sys.argv[1])
      pixels = sys.stdin.buffer.read()
      side = module.SOURCE
      network = module.load()
      says = network.probabilities(Tensor((1, side, side, 3), pixels))
      try:
          network.preprocess(Tensor((1, side, side - 1, 3), pixels[: side * (side - 1) * 3]))
          refused = ""
      except ValueError as e:
          refused = str(e)
      print(json.dumps({"says": says.values, "classes": module.CLASSES, "refused": refused}))
      """;

  @TempDir Path folder;

  private static boolean hasPython() throws InterruptedException {
    try {
      String old = "import sys; sys.exit(sys.version_info < (3, 10))";
      return new ProcessBuilder(PYTHON, "-c", old).start().waitFor() == 0;
    } catch (IOException e) {
      return false; // the tests are shown as skipped
    }
  }

  private JsonObject python(String module, byte[] pixels) throws Exception {
    Path errors = folder.resolve("errors.txt");
    ProcessBuilder builder = new ProcessBuilder(PYTHON, "-B", "-c", RUN, module);
    String path = STAND_IN.toAbsolutePath() + java.io.File.pathSeparator + folder;
    builder.environment().put("PYTHONPATH", path);
    builder.environment().put("PYTHONIOENCODING", "utf-8");
    Process process = builder.redirectError(errors.toFile()).start();
    process.getOutputStream().write(pixels);
    process.getOutputStream().close();
    String text =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    assertEquals(0, process.waitFor(), Files.readString(errors));
    return JsonParser.parseString(text).getAsJsonObject();
  }

  private Cli export(Path checkpoint, Path out) {
    return Cli.run(
        "export", "--weights", checkpoint.toString(), "--to", "torch", "--out", out.toString());
  }

  private static BufferedImage picture(int side) {
    return SmallNetworks.picture(11).getSubimage(20, 20, side, side);
  }

  private static byte[] pixels(BufferedImage image) {
    byte[] pixels = new byte[image.getWidth() * image.getHeight() * 3];
    for (int i = 0; i < pixels.length; i++) {
      int rgb = image.getRGB(i / 3 % image.getWidth(), i / 3 / image.getWidth());
      pixels[i] = (byte) (rgb >> 16 - 8 * (i % 3));
    }
    return pixels;
  }

  /**
   * At small sides, so that plain loops are done soon: windows past the image and normalisation in
   * each of two towers (paper-2012) and of four with pairs of them, across both and behind the
   * pooling (caffenet), inside of maps (code-2012), rounded down and with padding (torchvision),
   * dropout that keeps 0.8 (demo), windows of an average cut at the border, other neurons.
   */
  @ParameterizedTest
  @CsvSource({
    "paper-2012, 0.1, 64, network.mean=pixel, network.layers.norm1.alpha=0.01",
    "four-towers-2012, 0.1, 64, network.mean=pixel-centre, network.layers.norm2.beta=0.5",
    "caffenet, 0.1, 67, network.mean=channel, network.layers.lrn1.alpha=0.01",
    "code-2012, 0.1, 64, network.mean=pixel, network.layers.cnorm2.alpha=0.01",
    "torchvision, 0.2, 64, network.mean=channel, network.layers.drop6.keep=0.25",
    "demo, 1, 64, network.mean=pixel, network.layers.norm1.alpha=0.01",
    "paper-2012, 0.1, 60, network.mean=channel, network.layers.pool1.mode=average",
    "cifar10-18pct, 1, 24, network.mean=channel, network.layers.rnorm1.alpha=0.001",
  })
  void sameProbabilities(String preset, double width, int side, String mean, String setting)
      throws Exception {
    assumeTrue(hasPython(), "no Python 3.10");
    int source = side + 9; // an odd border
    Path start =
        RoundTripTest.checkpoint(
            folder.resolve("s.safetensors"),
            preset,
            width,
            mean,
            setting,
            "network.input=" + side,
            "network.source=" + source);
    Cli cli = export(start, folder.resolve("net_1.py"));
    assertEquals(0, cli.code(), cli.err());
    assertTrue(cli.out().contains("net_1.safetensors: torch, "), cli.out());
    BufferedImage image = picture(source);
    JsonObject answer = python("net_1", pixels(image));
    String refused = "images are (1, " + source + ", " + (source - 1) + ", 3); allowed: [N, ";
    assertTrue(answer.get("refused").getAsString().startsWith(refused), answer.toString());
    try (Network network = Network.open(start)) {
      List<Predictor.Guess> guesses = network.predictor(Views.CENTRE).predict(image);
      assertTrue(guesses.get(0).probability() < 0.999, guesses.toString());
      assertTrue(guesses.get(0).probability() > 0.25, guesses.toString());
      for (Predictor.Guess guess : guesses) {
        int label = guess.name().charAt(guess.name().length() - 2) - '0';
        double says = answer.getAsJsonArray("says").get(label).getAsDouble();
        assertEquals(guess.probability(), says, TOLERANCE, guess.name());
        assertEquals(guess.name(), answer.getAsJsonArray("classes").get(label).getAsString());
      }
    }
  }

  @Test
  void layersAreThoseOfPyTorchWhereItHasThem() throws Exception {
    Path start = RoundTripTest.checkpoint(folder.resolve("s.safetensors"), "paper-2012", 1);
    assertEquals(0, export(start, folder.resolve("alexnet.py")).code());
    List<String> lines =
        Files.readAllLines(folder.resolve("alexnet.py"), StandardCharsets.UTF_8).stream()
            .map(String::strip)
            .filter(line -> line.contains(",  # "))
            .toList();
    assertEquals(
        List.of(
            "OverhangConv2d(3, 96, 11, stride=4, before=0, after=3),  # conv1 [N, 96, 55, 55]",
            "nn.ReLU(),  # relu1 [N, 96, 55, 55]",
            "TowerNorm(2, nn.LocalResponseNorm(5, alpha=0.0005, beta=0.75, k=2.0)),"
                + "  # norm1 [N, 96, 55, 55]",
            "nn.MaxPool2d(3, stride=2, ceil_mode=True),  # pool1 [N, 96, 27, 27]",
            "nn.Conv2d(96, 256, 5, groups=2, padding=2),  # conv2 [N, 256, 27, 27]"),
        lines.subList(0, 5));
    assertEquals(
        List.of(
            "nn.Linear(9216, 4096),  # fc6 [N, 4096]",
            "nn.ReLU(),  # relu6 [N, 4096]",
            "nn.Dropout(p=0.5),  # drop6 [N, 4096]"),
        lines.subList(lines.size() - 7, lines.size() - 4));
    assertEquals("nn.Linear(4096, 5),  # fc8 [N, 5]", lines.get(lines.size() - 1));
  }

  /** Names of people's choice are texts in the module, and nothing else. */
  @Test
  void namesAreNeverCode() throws Exception {
    assumeTrue(hasPython(), "no Python 3.10");
    Path start =
        RoundTripTest.checkpoint(
            folder.resolve("s.safetensors"),
            "paper-2012",
            0.1,
            "network.input=64",
            "network.source=64",
            "network.mean=channel");
    Path plain = folder.resolve("plain.safetensors");
    Cli.run("export", "--weights", start.toString(), "--to", "safetensors", "--out", plain + "");
    Path names = folder.resolve("names.txt");
    List<String> hostile =
        List.of("\"\"\"", "\\", "<OWN>\\n$1", "', exit(8), '", "\u00e9\u2603 \u202e");
    Files.write(names, hostile, StandardCharsets.UTF_8);
    Path back = folder.resolve("back.safetensors");
    Cli in = Cli.run("import", plain + "", "--out", back + "", "--names", names + "");
    assertEquals(0, in.code(), in.err());
    assertEquals(0, export(back, folder.resolve("evil.py")).code());
    JsonObject answer = python("evil", pixels(picture(64)));
    List<String> classes = new ArrayList<>();
    for (JsonElement name : answer.getAsJsonArray("classes")) {
      classes.add(name.getAsString());
    }
    assertEquals(hostile, classes);
  }

  /** Weights stay as they are where dropout's factor is in the module. */
  @ParameterizedTest
  @CsvSource({"paper-2012, 0.1", "demo, 1"})
  void itsWeightsComeBack(String preset, double width) throws Exception {
    Path start = RoundTripTest.checkpoint(folder.resolve("s.safetensors"), preset, width);
    assertEquals(0, export(start, folder.resolve("net.py")).code());
    Path back = folder.resolve("back.safetensors");
    Cli in = Cli.run("import", folder.resolve("net.safetensors") + "", "--out", back + "");
    assertEquals(0, in.code(), in.err());
    RoundTripTest.assertSameValues(start, back);
    assertEquals(0, export(back, folder.resolve("net2.py")).code());
    for (String ending : List.of(".py", ".safetensors")) {
      assertArrayEquals(
          Files.readAllBytes(folder.resolve("net" + ending)),
          Files.readAllBytes(folder.resolve("net2" + ending)));
    }
  }

  @Test
  void whatPyTorchHasNotIsRefusedByName() throws Exception {
    Path columns = RoundTripTest.checkpoint(folder.resolve("c.safetensors"), "columns-2012", 0.1);
    Cli cli = export(columns, folder.resolve("net.py"));
    assertEquals(2, cli.code(), cli.err());
    assertTrue(cli.err().contains("layer fc6: a fully-connected layer of PyTorch"), cli.err());
    Path local = RoundTripTest.checkpoint(folder.resolve("l.safetensors"), "cifar10-11pct", 1);
    Cli own = export(local, folder.resolve("net.py"));
    assertEquals(2, own.code(), own.err());
    assertTrue(own.err().contains("filters of every position's own have no module"), own.err());
    assertTrue(Files.notExists(folder.resolve("net.py")));
    assertTrue(Files.notExists(folder.resolve("net.safetensors")));
  }

  @ParameterizedTest
  @CsvSource({
    "my-net.py, which Python cannot import",
    "torch.py, and not torch.py",
    "1.py, which Python cannot import",
    "net.txt, allowed: a file that ends in .py",
    "s.py, it is ",
  })
  void namesThatPythonCannotImport(String name, String why) throws Exception {
    Path start = RoundTripTest.checkpoint(folder.resolve("s.safetensors"), "torchvision", 0.1);
    byte[] before = Files.readAllBytes(start);
    Cli cli = export(start, folder.resolve(name)); // s.py: its weights would replace what is read
    assertEquals(2, cli.code(), cli.err());
    assertEquals(1, cli.err().lines().count(), cli.err());
    assertTrue(cli.err().contains(why), cli.err());
    assertTrue(Files.notExists(folder.resolve(name)));
    assertArrayEquals(before, Files.readAllBytes(start));
  }
}
