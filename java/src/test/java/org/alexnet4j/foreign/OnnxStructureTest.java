package org.alexnet4j.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.eval.Network;
import org.alexnet4j.eval.Predictor;
import org.alexnet4j.eval.Views;
import org.alexnet4j.foreign.ForeignWriter.Array;
import org.alexnet4j.foreign.ForeignWriter.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The graph of an ONNX file is held against the network that its weights are taken for. */
class OnnxStructureTest {
  @TempDir Path folder;

  private Path export(String preset, String... settings) throws Exception {
    Path start = RoundTripTest.checkpoint(folder.resolve("s.safetensors"), preset, 0.1, settings);
    Path model = folder.resolve("m.onnx");
    Cli cli =
        Cli.run(
            "export", "--weights", start + "", "--to", "onnx", "--with-mean", "--out", model + "");
    assertEquals(0, cli.code(), cli.err());
    return model;
  }

  private Cli take(Path model, String preset, String... settings) {
    Path out = folder.resolve("back.safetensors");
    List<String> words =
        new ArrayList<>(List.of("import", model + "", "--preset", preset, "--out", out + ""));
    for (String setting : settings) {
      words.addAll(List.of("--set", setting));
    }
    return Cli.run(words.toArray(String[]::new));
  }

  private static void assertRefused(Cli cli, String why) {
    assertEquals(5, cli.code(), cli.err() + " instead of " + why);
    assertEquals(1, cli.err().lines().count(), cli.err());
    assertTrue(cli.err().contains(why), cli.err() + " instead of " + why);
  }

  /** The weights of one network taken for another one, whose shapes mostly are the same. */
  @Test
  void everyConstantIsCompared() throws Exception {
    Path paper = export("paper-2012");
    assertEquals(0, take(paper, "paper-2012").code());
    String[][] cases = {
      {"conv1.pad=1", "node conv1 (Conv): pads are [0, 0, 3, 3], needed in front are 1"},
      {"conv1.rounding=down", "node conv1 (Conv): gives 55 rows of 224 (pads [0, 0, 3, 3]), "},
      {"conv1.stride=5", "node conv1 (Conv): strides is [4, 4], needed is [5, 5]"},
      {"conv2.reads=all", "node conv2 (Conv): group is 2.0, needed is 1.0"},
      {"norm1.alpha=2e-4", "node norm1.out.a (LRN): alpha is 4.9999997E-4, needed is "},
      {"norm1.beta=0.5", "node norm1.out.a (LRN): beta is 0.75, needed is 0.5"},
      {"norm2.k=1", "node norm2.out.a (LRN): bias is 2.0, needed is 1.0"},
      {"norm1.size=3", "node norm1.out.a (LRN): size is 5.0, needed is 3.0"},
      {"norm1.over=all-maps", "node norm1.in.a (Split): is Split, where norm1 is LRN"},
      {"norm1=off", "node norm1.in.a (Split): is Split, where pool1 is MaxPool"},
      {"pool1.size=2", "node pool1 (MaxPool): kernel_shape is [3, 3], needed is [2, 2]"},
      {"pool2.stride=3", "node pool2 (MaxPool): strides is [2, 2], needed is [3, 3]"},
      {"pool5.mode=average", "node pool5 (MaxPool): is MaxPool, where pool5 is AveragePool"},
      {"relu4.type=tanh", "node relu4 (Relu): is Relu, where relu4 is Tanh"},
      {"drop6.keep=0.25", "node drop6 (Mul): is by 0.5, needed is 0.25"},
      {"drop7=off", "node drop7 (Mul): is Mul, where fc8 is Gemm"},
    };
    for (String[] one : cases) {
      assertRefused(take(paper, "paper-2012", "network.layers." + one[0]), one[1]);
    }
  }

  @Test
  void normalisationOverPixelsAndAllMaps() throws Exception {
    Path code = export("code-2012");
    assertEquals(0, take(code, "code-2012").code());
    String[][] cases = {
      {"cnorm2.alpha=8e-5", "node cnorm2.alpha.applied (Mul): is by 9.999999E-4, needed is "},
      {"cnorm2.k=2", "node cnorm2.k.applied (Add): is by 1.0, needed is 2.0"},
      {"cnorm2.beta=0.5", "node cnorm2.beta.applied (Pow): is by -0.75, needed is -0.5"},
      {"cnorm2.size=3", "node cnorm2.means (AveragePool): kernel_shape is [5, 5]"},
      {"cnorm2=off", "node cnorm2 (Mul): reads norm2 beside node cnorm2.squares (Mul)"},
    };
    for (String[] one : cases) {
      assertRefused(take(code, "code-2012", "network.layers." + one[0]), one[1]);
    }
    Path caffe = export("caffenet", "network.mean=channel");
    assertEquals(0, take(caffe, "caffenet", "network.mean=channel").code());
    assertRefused(
        take(caffe, "caffenet", "network.mean=channel", "network.layers.lrn1.over=maps"),
        "node lrn1 (LRN): its windows cross groups, those of lrn1 stay in a tower");
  }

  /** Changes the n-th place of a text, which keeps its length. */
  private Path changed(Path model, int place, String from, String to) throws IOException {
    String text = Files.readString(model, StandardCharsets.ISO_8859_1);
    int at = -1;
    for (int i = 0; i <= place; i++) {
      at = text.indexOf(from, at + 1);
    }
    assertTrue(at >= 0 && from.length() == to.length(), from);
    String other = text.substring(0, at) + to + text.substring(at + from.length());
    return Files.writeString(folder.resolve("c.onnx"), other, StandardCharsets.ISO_8859_1);
  }

  @ParameterizedTest
  @CsvSource({
    "0, conv4.weight, conv5.weight, 'node conv4 (Conv): reads conv5.weight, needed is conv4.w'",
    "0, fc7.bias, fc6.bias, 'node fc7 (Gemm): reads fc6.bias, needed is fc7.bias'",
    "0, Relu, Selu, 'node relu1 (Selu): is Selu, where relu1 is Relu'",
    "1, norm1.in.b, norm1.in.c, 'its part norm1.in.b is read by other than one LRN'",
  })
  void otherGraphs(int place, String from, String to, String why) throws Exception {
    assertRefused(take(changed(export("paper-2012"), place, from, to), "paper-2012"), why);
  }

  /** A graph that goes round in a circle, two inputs, a way that branches. */
  @Test
  void graphsThatAreNoRow() throws Exception {
    Map<String, Array> weights = SmallNetworks.torchvision(50);
    List<Message> nodes = torchvision();
    nodes.set(1, node("Relu", "features.0", "features.0"));
    assertRefused(
        take(write(weights, nodes, "input"), "torchvision"),
        "node features.0 (Relu): makes features.0 again");
    assertRefused(
        take(write(weights, torchvision(), "input", "other"), "torchvision"),
        "the graph has 2 inputs; allowed: one, the picture");
    List<Message> branch = torchvision();
    branch.add(node("Relu", "features.0", "elsewhere"));
    assertRefused(
        take(write(weights, branch, "input"), "torchvision"),
        "reads features.0 beside node r0 (Relu); allowed: one");
    List<Message> more = torchvision();
    more.add(node("ArgMax", "probabilities", "best"));
    assertRefused(
        take(write(weights, more, "input"), "torchvision"),
        "node best (ArgMax): comes behind the last layer");
    List<Message> less = torchvision();
    less.subList(12, less.size()).clear();
    assertRefused(
        take(write(weights, less, "input"), "torchvision"),
        "layer pool5 is missing in the graph, which ends with node r10 (Relu)");
  }

  /** As PyTorch's exporter writes it: a pooling of single pixels, Flatten, Dropout, no padding. */
  @Test
  void torchvisionsGraph() throws Exception {
    Map<String, Array> weights = SmallNetworks.torchvision(50);
    Path model = write(weights, torchvision(), "input");
    Path run = folder.resolve("run");
    Cli cli = Cli.run("import", model + "", "--preset", "torchvision", "--out", run + "");
    assertEquals(0, cli.code(), cli.err());
    double[] mean = {0.485, 0.456, 0.406};
    double[] deviation = {0.229, 0.224, 0.225};
    double[] x = SmallNetworks.middle(SmallNetworks.picture(4), 224, false, 255, mean, deviation);
    double[] says = SmallNetworks.torchvisionSays(weights, x);
    try (Network network = Network.open(run)) {
      for (Predictor.Guess guess :
          network.predictor(Views.CENTRE).predict(SmallNetworks.picture(4))) {
        int label = guess.name().charAt(guess.name().length() - 1) - '0';
        assertEquals(says[label], guess.probability(), 1e-4);
      }
    }
  }

  static List<Message> torchvision() {
    List<Message> nodes = new ArrayList<>();
    nodes.add(conv("features.0", "input", 11, 4, 2));
    nodes.add(node("Relu", "features.0", "r0"));
    nodes.add(pool("r0", "p0", 3, 2));
    nodes.add(conv("features.3", "p0", 5, 1, 2));
    nodes.add(node("Relu", "features.3", "r3"));
    nodes.add(pool("r3", "p3", 3, 2));
    nodes.add(conv("features.6", "p3", 3, 1, 1));
    nodes.add(node("Relu", "features.6", "r6"));
    nodes.add(conv("features.8", "r6", 3, 1, 1));
    nodes.add(node("Relu", "features.8", "r8"));
    nodes.add(conv("features.10", "r8", 3, 1, 1));
    nodes.add(node("Relu", "features.10", "r10"));
    nodes.add(pool("r10", "p10", 3, 2));
    nodes.add(
        node("AveragePool", "p10", "same")
            .message(5, wholes("kernel_shape", 1, 1))
            .message(5, wholes("strides", 1, 1)));
    nodes.add(node("Flatten", "same", "row").message(5, whole("axis", 1)));
    nodes.add(node("Dropout", "row", "d0"));
    nodes.add(fc("classifier.1", "d0"));
    nodes.add(node("Relu", "classifier.1", "r1"));
    nodes.add(node("Dropout", "r1", "d1"));
    nodes.add(fc("classifier.4", "d1"));
    nodes.add(node("Relu", "classifier.4", "r4"));
    nodes.add(fc("classifier.6", "r4"));
    nodes.add(node("Softmax", "classifier.6", "probabilities").message(5, whole("axis", -1)));
    return nodes;
  }

  private static Message node(String type, String from, String to) {
    return new Message().text(1, from).text(2, to).text(4, type);
  }

  private static Message conv(String name, String from, int size, int stride, int pad) {
    return new Message()
        .text(1, from)
        .text(1, name + ".weight")
        .text(1, name + ".bias")
        .text(2, name)
        .text(4, "Conv")
        .message(5, wholes("dilations", 1, 1))
        .message(5, whole("group", 1))
        .message(5, wholes("kernel_shape", size, size))
        .message(5, wholes("pads", pad, pad, pad, pad))
        .message(5, wholes("strides", stride, stride));
  }

  private static Message pool(String from, String to, int size, int stride) {
    return node("MaxPool", from, to)
        .message(5, whole("ceil_mode", 0))
        .message(5, wholes("kernel_shape", size, size))
        .message(5, wholes("pads", 0, 0, 0, 0))
        .message(5, wholes("strides", stride, stride));
  }

  private static Message fc(String name, String from) {
    return new Message()
        .text(1, from)
        .text(1, name + ".weight")
        .text(1, name + ".bias")
        .text(2, name)
        .text(4, "Gemm")
        .message(5, new Message().text(1, "alpha").real(2, 1).number(20, 1))
        .message(5, new Message().text(1, "beta").real(2, 1).number(20, 1))
        .message(5, whole("transB", 1));
  }

  private static Message whole(String name, long value) {
    return new Message().text(1, name).number(3, value).number(20, 2);
  }

  private static Message wholes(String name, long... values) {
    Message attribute = new Message().text(1, name);
    for (long value : values) {
      attribute.number(8, value);
    }
    return attribute.number(20, 7);
  }

  private Path write(Map<String, Array> weights, List<Message> nodes, String... inputs)
      throws IOException {
    return Files.write(folder.resolve("t.onnx"), model(weights, nodes, inputs));
  }

  static byte[] model(Map<String, Array> weights, List<Message> nodes, String... inputs) {
    Message graph = new Message();
    nodes.forEach(node -> graph.message(1, node));
    graph.text(2, "main_graph");
    weights.forEach(
        (name, array) -> {
          Message tensor = new Message();
          for (long extent : array.shape()) {
            tensor.number(1, extent);
          }
          tensor.number(2, 1).text(8, name);
          graph.message(5, tensor.bytes(9, ForeignWriter.bytes(array.values())));
        });
    for (String input : inputs) {
      graph.message(11, new Message().text(1, input));
    }
    Message opset = new Message().number(2, 17);
    return new Message().number(1, 8).message(7, graph).message(8, opset).toBytes();
  }
}
