package org.alexnet4j.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.foreign.ForeignWriter.Array;
import org.alexnet4j.io.NpyWriter;
import org.alexnet4j.io.Safetensors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code import --verify}: layers beside what the other framework computed. */
class ReferenceCheckTest {
  @TempDir Path folder;

  private Cli run(String... words) {
    List<String> all = new ArrayList<>(List.of(words));
    all.addAll(
        List.of("--devices", "cpu:0", "--out", folder.resolve("out.safetensors").toString()));
    return Cli.run(all.toArray(String[]::new));
  }

  private boolean written() {
    return Files.exists(folder.resolve("out.safetensors"));
  }

  /** CaffeNet's first two layers and a picture's activations, which Caffe wrote. */
  @Test
  void caffeNet() throws Exception {
    Path archive = Path.of(System.getProperty("alexnet.data", ""), "alexnet-weights.tar.xz");
    assumeTrue(Files.isRegularFile(archive), "needs alexnet-weights.tar.xz in -Dalexnet.data=DIR");
    Process tar =
        new ProcessBuilder("tar", "-xJf", archive.toString(), "-C", folder.toString())
            .inheritIO()
            .start();
    assumeTrue(tar.waitFor() == 0, "needs tar with xz");
    String weights = folder.resolve("alexnet-weights/caffenet").toString();
    String[] words = {
      "import",
      weights,
      "--preset",
      "caffenet",
      "--up-to",
      "lrn2",
      "--verify",
      weights + "/activations",
      "--tolerance",
      "0.006" // relu1's file has few digits: 0.0049
    };
    Cli cli = run(words);
    assertEquals(0, cli.code(), cli.err());
    for (String layer : List.of("relu1", "pool1", "lrn1", "relu2", "pool2", "lrn2")) {
      assertTrue(cli.out().contains("\n" + layer), cli.out());
    }
    assertTrue(cli.out().contains("not compared: relu3, relu4, relu5, pool5"), cli.out());
    try (Safetensors out = Safetensors.open(folder.resolve("out.safetensors"))) {
      assertEquals(
          "[conv1.weight, conv1.bias, conv2.weight, conv2.bias]",
          out.tensors().keySet().toString());
    }
  }

  private Path caffeNet(Path reference, double error) throws Exception {
    Map<String, Array> w = SmallNetworks.caffeNet(21);
    double[] mean = {104, 117, 123};
    double[] x =
        SmallNetworks.middle(SmallNetworks.picture(21), 227, true, 1, mean, new double[] {1, 1, 1});
    Files.createDirectories(reference);
    write(reference.resolve("00_input.npy"), x, 3, 227, 227);
    PlainNetwork net = new PlainNetwork(x, 3, 227);
    net.conv(w.get("conv1.weight"), w.get("conv1.bias"), 4, 0, 1).relu();
    write(reference.resolve("01_relu1.npy"), net.values(), 16, 55, 55);
    double[] norm = net.pool(3, 2).lrn(5, 1e-4, 0.75, 1).values();
    norm[17] += error;
    write(reference.resolve("02_norm1.npy"), norm, 1, 16, 27, 27);
    write(reference.resolve("09_prob.npy"), SmallNetworks.caffeNetSays(w, x), 5);
    Files.move(reference.resolve("09_prob.npy"), reference.resolve("09_softmax.npy"));
    return SmallNetworks.caffeNetFile(folder.resolve("c.caffemodel"), false, w, 1e-4);
  }

  private static void write(Path file, double[] values, long... shape) throws Exception {
    float[] floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    NpyWriter.writeFloats(file, floats, shape);
  }

  @Test
  void aWholeNetworkUpToItsProbabilities() throws Exception {
    Path file = caffeNet(folder.resolve("a"), 0);
    Cli cli = run("import", file.toString(), "--verify", folder.resolve("a").toString());
    assertEquals(0, cli.code(), cli.err() + cli.out());
    assertTrue(cli.out().contains("\nsoftmax"), cli.out());
    assertTrue(written());
  }

  /** Names of Caffe and torchvision are those of our layers; one layer has one reference. */
  @Test
  void namesOfOthers() throws Exception {
    Path file = caffeNet(folder.resolve("a"), 0);
    Path reference = folder.resolve("a");
    Files.move(reference.resolve("00_input.npy"), reference.resolve("00_data.npy"));
    Files.move(reference.resolve("01_relu1.npy"), reference.resolve("features.1.npy"));
    Files.move(reference.resolve("09_softmax.npy"), reference.resolve("09_prob.npy"));
    Cli cli = run("import", file + "", "--verify", reference + "");
    assertEquals(0, cli.code(), cli.err() + cli.out());
    for (String layer : List.of("relu1", "lrn1", "softmax")) {
      assertTrue(cli.out().contains("\n" + layer), cli.out());
    }
    Files.copy(reference.resolve("features.1.npy"), reference.resolve("relu1.npy"));
    Cli twice = run("import", file + "", "--verify", reference + "");
    assertEquals(5, twice.code(), twice.err());
    assertTrue(twice.err().contains("is of relu1, as is "), twice.err());
    Cli upTo =
        Cli.run(
            "import", file + "", "--up-to", "norm2", "--out", folder.resolve("u.safetensors") + "");
    assertEquals(0, upTo.code(), upTo.err());
    Cli none = Cli.run("import", file + "", "--up-to", "norm3", "--out", folder + "/v.safetensors");
    assertEquals(2, none.code(), none.err());
    assertTrue(none.err().contains("--up-to: no layer 'norm3'; "), none.err());
  }

  @Test
  void aLayerThatDiffersLeavesNothingBehind() throws Exception {
    Path file = caffeNet(folder.resolve("a"), 0.5);
    String reference = folder.resolve("a").toString();
    Cli cli = run("import", file.toString(), "--verify", reference);
    assertEquals(1, cli.code(), cli.err());
    assertTrue(cli.out().contains("0.500  over 0.01"), cli.out());
    assertTrue(cli.out().contains("not written: a layer differs"), cli.out());
    assertTrue(!written());
    assertEquals(
        0, run("import", file.toString(), "--verify", reference, "--tolerance", "0.6").code());
  }

  @Test
  void aReferenceOfNoLayerOrAnotherShapeIsRefused() throws Exception {
    Path file = caffeNet(folder.resolve("a"), 0);
    NpyWriter.writeFloats(folder.resolve("a/extra.npy"), new float[3], 3);
    Cli extra = run("import", file.toString(), "--verify", folder.resolve("a").toString());
    assertEquals(5, extra.code(), extra.err());
    assertTrue(
        extra.err().contains("tensor extra: is of no layer; allowed: input, conv1"), extra.err());
    Files.delete(folder.resolve("a/extra.npy"));
    NpyWriter.writeFloats(folder.resolve("a/01_relu1.npy"), new float[16 * 55 * 55], 55, 55, 16);
    Cli shape = run("import", file.toString(), "--verify", folder.resolve("a").toString());
    assertEquals(5, shape.code(), shape.err());
    assertTrue(
        shape.err().contains("tensor 01_relu1: is [55, 55, 16], relu1 is [16, 55, 55]"),
        shape.err());
    assertTrue(!written());
  }
}
