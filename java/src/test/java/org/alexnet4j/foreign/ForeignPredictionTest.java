package org.alexnet4j.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.eval.Network;
import org.alexnet4j.eval.Predictor;
import org.alexnet4j.eval.Views;
import org.alexnet4j.foreign.ForeignWriter.Array;
import org.alexnet4j.io.NpyWriter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What an imported network says of a picture is what plain loops say, that compute with the foreign
 * file's own numbers as its framework does: order of channels, scale, mean, groups, normalisation
 * across groups, order of rows and columns in front of fc6, dropout.
 */
class ForeignPredictionTest {
  /** Sums of at most a few hundred products of floats, five layers deep; seen: 4e-7. */
  private static final double TOLERANCE = 1e-5;

  @TempDir Path folder;

  private Path imported(String... more) {
    String[] words = {"import", "--out", folder.resolve("run").toString()};
    String[] all = Arrays.copyOf(words, words.length + more.length);
    System.arraycopy(more, 0, all, words.length, more.length);
    Cli cli = Cli.run(all);
    assertEquals(0, cli.code(), cli.err());
    return folder.resolve("run");
  }

  private static void assertSays(double[] expected, Path run, BufferedImage image)
      throws IOException {
    double most = Arrays.stream(expected).max().orElseThrow();
    double least = Arrays.stream(expected).min().orElseThrow();
    assertTrue(most < 0.99 && most - least > 0.05, Arrays.toString(expected));
    try (Network network = Network.open(run)) {
      double[] actual = new double[expected.length];
      for (Predictor.Guess guess : network.predictor(Views.CENTRE).predict(image)) {
        actual[Integer.parseInt(guess.name().replace("class ", ""))] = guess.probability();
      }
      for (int i = 0; i < expected.length; i++) {
        assertEquals(expected[i], actual[i], TOLERANCE, "class " + i);
      }
    }
  }

  private static double[] torchInput(BufferedImage image) {
    double[] mean = {0.485, 0.456, 0.406};
    double[] deviation = {0.229, 0.224, 0.225};
    return SmallNetworks.middle(image, 224, false, 255, mean, deviation);
  }

  private static double[] caffeInput(BufferedImage image) {
    return SmallNetworks.middle(
        image, 227, true, 1, new double[] {104, 117, 123}, new double[] {1, 1, 1});
  }

  @Test
  void torchvision() throws Exception {
    Map<String, Array> weights = SmallNetworks.torchvision(1);
    Path file = ForeignWriter.torch(folder.resolve("a.pth"), weights);
    BufferedImage image = SmallNetworks.picture(1);
    assertSays(
        SmallNetworks.torchvisionSays(weights, torchInput(image)),
        imported(file.toString()),
        image);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void caffeNet(boolean old) throws Exception {
    Map<String, Array> weights = SmallNetworks.caffeNet(2);
    Path file = SmallNetworks.caffeNetFile(folder.resolve("c.caffemodel"), old, weights, 1e-4);
    BufferedImage image = SmallNetworks.picture(2);
    Path run = old ? imported(file.toString(), "--mean", "104,117,123") : imported(file.toString());
    assertSays(SmallNetworks.caffeNetSays(weights, caffeInput(image)), run, image);
  }

  /** The shapes of the original's convolutional part, all of its groups and borders of groups. */
  @Test
  void caffeNetWithAllItsMaps() throws Exception {
    Map<String, Array> weights = SmallNetworks.wideCaffeNet(8);
    Path file = SmallNetworks.caffeNetFile(folder.resolve("c.caffemodel"), true, weights, 1e-4);
    BufferedImage image = SmallNetworks.picture(8);
    Path run = imported(file.toString(), "--mean", "104,117,123");
    assertSays(SmallNetworks.caffeNetSays(weights, caffeInput(image)), run, image);
  }

  /** The same numbers as arrays, whose names and order of channels are stated. */
  @Test
  void arrays() throws Exception {
    Map<String, Array> weights = SmallNetworks.caffeNet(3);
    Path arrays = folder.resolve("arrays");
    Files.createDirectory(arrays);
    for (Map.Entry<String, Array> entry : weights.entrySet()) {
      NpyWriter.writeFloats(
          arrays.resolve(entry.getKey().replace(".weight", "_w").replace(".bias", "_b") + ".npy"),
          entry.getValue().values(),
          entry.getValue().shape());
    }
    BufferedImage image = SmallNetworks.picture(3);
    Path run =
        imported(
            arrays.toString(),
            "--preset",
            "caffenet",
            "--channels",
            "bgr",
            "--mean",
            "104,117,123");
    assertSays(SmallNetworks.caffeNetSays(weights, caffeInput(image)), run, image);
  }

  /** A mean image in Caffe's order of axes and channels, of which the middle counts. */
  @Test
  void meanImage() throws Exception {
    Map<String, Array> weights = SmallNetworks.caffeNet(4);
    Path file = SmallNetworks.caffeNetFile(folder.resolve("c.caffemodel"), false, weights, 1e-4);
    BufferedImage of = SmallNetworks.picture(9);
    float[] mean = new float[3 * 256 * 256];
    for (int i = 0; i < mean.length; i++) {
      int pixel = of.getRGB(i % 256, i / 256 % 256);
      mean[i] = pixel >> 8 * (i / 65536) & 255; // blue first
    }
    Path npy = folder.resolve("mean.npy");
    NpyWriter.writeFloats(npy, mean, 3, 256, 256);
    BufferedImage image = SmallNetworks.picture(4);
    double[] zero = {0, 0, 0};
    double[] ones = {1, 1, 1};
    double[] x = SmallNetworks.middle(image, 227, true, 1, zero, ones);
    double[] m = SmallNetworks.middle(of, 227, true, 1, zero, ones);
    for (int i = 0; i < x.length; i++) {
      x[i] -= m[i];
    }
    Path run = imported(file.toString(), "--mean", npy.toString());
    assertSays(SmallNetworks.caffeNetSays(weights, x), run, image);
  }

  @Test
  void filesOfParallelModelsAndOfTrainingAreTheSame() throws Exception {
    Map<String, Array> weights = SmallNetworks.torchvision(5);
    Map<String, Array> parallel = new LinkedHashMap<>();
    weights.forEach((name, array) -> parallel.put("module." + name, array));
    Path file = ForeignWriter.torch(folder.resolve("a.pt"), parallel);
    BufferedImage image = SmallNetworks.picture(5);
    assertSays(
        SmallNetworks.torchvisionSays(weights, torchInput(image)),
        imported(file.toString()),
        image);
  }

  @Test
  void whatALayerComputesOtherwiseIsRefused() throws Exception {
    Path file =
        SmallNetworks.caffeNetFile(
            folder.resolve("c.caffemodel"), false, SmallNetworks.caffeNet(6), 2e-4);
    Cli cli = Cli.run("import", file.toString(), "--out", folder.resolve("run").toString());
    assertEquals(5, cli.code());
    assertTrue(cli.err().contains("layer norm1: alpha is 2.0E-4 over a size of 5"), cli.err());
    Cli asked =
        Cli.run(
            "import",
            file.toString(),
            "--preset",
            "caffe-alexnet",
            "--out",
            folder.resolve("run").toString());
    assertEquals(5, asked.code());
    assertTrue(asked.err().contains("layer pool1: is Pooling, where norm1 is LRN"), asked.err());
  }
}
