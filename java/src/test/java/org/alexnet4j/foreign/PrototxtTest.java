package org.alexnet4j.foreign;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.alexnet4j.cli.Cli;
import org.alexnet4j.eval.Network;
import org.alexnet4j.eval.Predictor;
import org.alexnet4j.foreign.ForeignWriter.Array;
import org.alexnet4j.foreign.file.CaffeLayer;
import org.alexnet4j.foreign.file.ForeignFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * {@code import MODEL.caffemodel --prototxt FILE}: what it supplies, and what it may not change.
 */
class PrototxtTest {
  /** As in ForeignPredictionTest. */
  private static final double TOLERANCE = 1e-5;

  @TempDir Path folder;

  private final Map<String, Array> all = SmallNetworks.caffeNet(41);

  private Cli take(Path model, String text, String... more) throws Exception {
    Path file = Files.writeString(folder.resolve("net.prototxt"), text);
    List<String> words = new ArrayList<>(List.of("import", model + "", "--prototxt", file + ""));
    words.addAll(List.of("--out", folder.resolve("run") + ""));
    words.addAll(List.of(more));
    return Cli.run(words.toArray(String[]::new));
  }

  private Path model(boolean v1) throws Exception {
    return SmallNetworks.caffeNetFile(folder.resolve("m.caffemodel"), v1, all, 1e-4);
  }

  private Path stripped(boolean v1) throws Exception {
    return Files.write(folder.resolve("s.caffemodel"), CaffeTexts.stripped(v1, all));
  }

  private void assertSays(double scale) throws Exception {
    BufferedImage image = SmallNetworks.picture(41);
    double[] ones = {1 / scale, 1 / scale, 1 / scale};
    double[] x = SmallNetworks.middle(image, 227, true, 1, new double[] {104, 117, 123}, ones);
    double[] expected = SmallNetworks.caffeNetSays(all, x);
    try (Network network = Network.open(folder.resolve("run"))) {
      for (Predictor.Guess guess :
          network
              .predict(List.of(SmallNetworks.save(image, folder.resolve("i.png"))))
              .get(0)
              .guesses()) {
        int label = Integer.parseInt(guess.name().replace("class ", ""));
        assertEquals(expected[label], guess.probability(), TOLERANCE, guess.name());
      }
    }
  }

  /** A model without a word on its layers, of both generations, by both kinds of both. */
  @ParameterizedTest
  @CsvSource({
    "false, deploy",
    "true, deployV1",
    "true, deploy",
    "false, trainVal",
    "true, trainValV1"
  })
  void suppliesWhatAModelLeavesOut(boolean v1, String kind) throws Exception {
    String means = "mean_value: 104 mean_value: 117 mean_value: 123";
    String text =
        switch (kind) {
          case "deploy" -> CaffeTexts.deploy(all);
          case "deployV1" -> CaffeTexts.deployV1(all);
          case "trainVal" -> CaffeTexts.trainVal(all);
          default -> CaffeTexts.trainValV1(all, means);
        };
    String[] mean =
        kind.startsWith("deploy") ? new String[] {"--mean", "104,117,123"} : new String[0];
    Cli alone = Cli.run("import", stripped(v1) + "", "--out", folder.resolve("run") + "");
    assertEquals(5, alone.code(), alone.out());
    Cli cli = take(stripped(v1), text, mean);
    assertEquals(0, cli.code(), cli.err());
    assertTrue(cli.out().contains("Caffe model as caffenet"), cli.out());
    assertSays(1);
  }

  /** (pixel - mean) * scale; one mean is for all channels. */
  @Test
  void scaleAndOneMean() throws Exception {
    String one = CaffeTexts.trainValV1(all, "mean_value: 110 scale: 0.5");
    Cli cli = take(stripped(true), one);
    assertEquals(0, cli.code(), cli.err());
    assertTrue(
        cli.out().contains("pixels divided by 1 and 2, 2, 2; mean 110, 110, 110"), cli.out());
    Files.move(folder.resolve("run"), folder.resolve("other"));
    String three = one.replace("mean_value: 110", "mean_value: [104, 117, 123]");
    Cli again = take(stripped(true), three);
    assertEquals(0, again.code(), again.err());
    assertSays(0.5);
  }

  /** As our own exports have it: an Input that states its mean. */
  @Test
  void anInputWithAMean() throws Exception {
    String means = " transform_param { mean_value: 104 mean_value: 117 mean_value: 123 }";
    String text = CaffeTexts.deploy(all).replace("top: 'data'\n", "top: 'data'" + means + "\n");
    Cli cli = take(stripped(false), text);
    assertEquals(0, cli.code(), cli.err());
    assertSays(1);
  }

  @Test
  void aMeanImageIsAskedForByItsName() throws Exception {
    String text = CaffeTexts.trainValV1(all, "mean_file: 'imagenet_mean.binaryproto'");
    Cli cli = take(stripped(true), text);
    assertEquals(2, cli.code(), cli.out());
    assertTrue(
        cli.err().contains("takes its mean from imagenet_mean.binaryproto; add --mean"), cli.err());
    Cli both = take(stripped(true), text.replace("mean_file", "mean_value: 1 mean_file"));
    assertEquals(5, both.code(), both.out());
    assertTrue(both.err().contains("mean_value and mean_file; allowed: one"), both.err());
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aWholeModelThatAgrees(boolean v1) throws Exception {
    String[] mean = v1 ? new String[] {"--mean", "104,117,123"} : new String[0];
    Cli cli = take(model(v1), CaffeTexts.deploy(all), mean);
    assertEquals(0, cli.code(), cli.err());
    assertSays(1);
  }

  private static int line(String text, String part) {
    return (int) text.substring(0, text.indexOf(part)).lines().count();
  }

  private void assertRefused(Path model, String from, String to, String layer, String why)
      throws Exception {
    String text = CaffeTexts.deploy(all);
    int at = text.indexOf("'" + layer + "'");
    int from0 = text.indexOf(from, at);
    assertTrue(at >= 0 && from0 >= 0, from);
    String changed = text.substring(0, from0) + to + text.substring(from0 + from.length());
    Cli cli = take(model, changed, "--mean", "104,117,123");
    assertEquals(5, cli.code(), cli.out() + from + to);
    assertEquals(1, cli.err().lines().count(), cli.err());
    assertTrue(cli.err().contains(why), cli.err());
    int line = line(text, "'" + layer + "'");
    assertTrue(cli.err().contains("line " + line), line + ": " + cli.err());
    assertTrue(cli.err().contains("net.prototxt"), cli.err());
    assertTrue(Files.notExists(folder.resolve("run")));
  }

  /** Each value that both state: layer, field, both values. */
  @Test
  void whereBothSaySomethingTheyAgree() throws Exception {
    Path model = model(false);
    assertRefused(
        model,
        "alpha: 1e-4",
        "alpha: 2e-4",
        "norm1",
        "layer norm1: alpha is 2.0E-4, the model has 1.0E-4; allowed: the same in both");
    assertRefused(model, "alpha: 1e-4", "", "norm2", "layer norm2: alpha is 1, the model has");
    assertRefused(model, "beta: .75", "k: 2", "norm1", "layer norm1: k is 2, the model has 1");
    assertRefused(model, "stride: 4", "", "conv1", "stride_h is 1, the model has 4");
    assertRefused(model, "pad: 2", "pad: 2 pad: 1", "conv2", "layer conv2: pad");
    assertRefused(model, "group: 2", "", "conv4", "layer conv4: group is 1, the model has 2");
    assertRefused(
        model, "pool: MAX", "pool: AVE", "pool2", "layer pool2: pool is 1, the model has 0");
    assertRefused(
        model, "'InnerProduct'", "'Convolution'", "fc6", "inner_product_param is not known");
    assertRefused(
        model, "'ReLU'", "'TanH'", "relu3", "layer relu3: type is TanH, the model has ReLU");
    assertRefused(
        model,
        "bottom: \"conv1\"",
        "bottom: 'conv2'",
        "relu1",
        "layer relu1: bottom is [conv2], the model has [conv1]");
    assertRefused(model, "top: \"relu1\"", "top: 'conv1'", "relu1", "layer relu1: top is [conv1]");
    assertRefused(
        model, "num_output: 24", "num_output: 25", "conv3", "num_output is 25, the model has");
    assertRefused(model, "'norm1'", "'lrn1'", "norm1", "layer lrn1: (LRN) is not in the");
  }

  /** What is done to images is stated by both, in layers of other names and types. */
  @Test
  void meansAndScalesAgree() throws Exception {
    String same = CaffeTexts.trainVal(all);
    Cli cli = take(model(false), same);
    assertEquals(0, cli.code(), cli.err());
    Files.move(folder.resolve("run"), folder.resolve("other"));
    Cli mean = take(model(false), same.replace("mean_value: 123", "mean_value: 124"));
    assertEquals(5, mean.code(), mean.out());
    String why = "line 5, layer data: mean is [104.0, 117.0, 124.0], the model has [104.0, 117.0,";
    assertTrue(mean.err().contains(why), mean.err());
    Cli scale = take(model(false), same.replace("mean_value: 123", "mean_value: 123 scale: 0.5"));
    assertEquals(5, scale.code(), scale.out());
    assertTrue(scale.err().contains("layer data: scale is 0.5, the model has 1.0"), scale.err());
    Cli file = take(model(false), same.replaceFirst("mean_value: 104[^}]*", "mean_file: 'm' "));
    assertEquals(5, file.code(), file.out());
    assertTrue(file.err().contains("layer data: mean is m, the model has [104.0"), file.err());
  }

  /** Two words for one window agree. */
  @Test
  void rowsAndColumnsAgreeWithBoth() throws Exception {
    String text = CaffeTexts.deploy(all).replace("kernel_size: 11", "kernel_h: 11 kernel_w: 11");
    Cli cli = take(model(false), text.replace("stride: 4", "stride: [4, 4]"));
    assertEquals(0, cli.code(), cli.err());
  }

  /** Of a model that says nothing, the blobs and the network still say what does not fit. */
  @Test
  void whatDoesNotFitTheBlobsOrTheNetwork() throws Exception {
    Path model = stripped(true);
    assertRefused(
        model,
        "num_output: 24",
        "num_output: 25",
        "fc7",
        "layer fc7: num_output is 25, the model has 24");
    assertRefused(
        model,
        "alpha: 1e-4",
        "alpha: 2e-4",
        "norm1",
        "layer norm1 (net.prototxt, line 7): alpha is");
    assertRefused(model, "group: 2", "group: 1", "conv4", "group is 1.0, needed is 2.0");
    assertRefused(model, "stride: 2", "stride: 3", "pool5", "stride is 3 x 3, needed is 2");
    assertRefused(
        model, "dim: 3", "dim: 1", "data", "layer data (net.prototxt, line 2): has 1 channels");
    assertRefused(
        model,
        "dim: 227 dim: 227",
        "dim: 224 dim: 224",
        "data",
        "the image's side is 224, needed is 227; allowed: --set network.input=224");
    assertRefused(model, "bottom: \"pool1\"", "bottom: 'relu1'", "norm1", "reads [relu1], not the");
  }

  /** What is not known may change a result: it is named, with what is allowed. */
  @Test
  void whatIsNotKnownIsRefused() throws Exception {
    Path model = model(false);
    assertRefused(
        model,
        "group: 2",
        "groups: 2",
        "conv2",
        "groups is not known of convolution_param; allowed: num_output, bias_term, pad,");
    assertRefused(model, "alpha: 1e-4", "alhpa: 1", "norm1", "alhpa is not known of lrn_param");
    assertRefused(
        model, " bottom", " relu_param { slope: 1 } bottom", "relu1", "slope is not known");
    assertRefused(
        model, " bottom", " scale_param { } bottom", "pool1", "scale_param is not known of");
    assertRefused(model, " bottom", " blobs { } bottom", "fc8", "blobs is not known of layer fc8");
    assertRefused(
        model, "'ReLU'", "'PReLU' prelu_param { }", "relu5", "prelu_param is not known of");
    assertRefused(
        model, "pool: MAX", "pool: MIN", "pool1", "pool is MIN; allowed: MAX, AVE, STOCHASTIC");
    assertRefused(
        model, "stride: 2", "stride: 2 stride: 2", "pool1", "stride stands there a second");
    assertRefused(
        model, "kernel_size: 5", "kernel_size: 5.5", "conv2", "kernel_size is 5.5; allowed");
    assertRefused(model, "'ReLU'", "RELU", "relu1", "type is a word; allowed: a text in quotes");
    assertRefused(
        model, "'ReLU'", "'ReLU' type: 'ReLU'", "relu1", "type stands there a second time");
    assertRefused(
        model,
        " bottom",
        " include { phase: TEST } exclude { phase: TRAIN } bottom",
        "relu1",
        "exclude stands beside include; allowed: one of the two");
    assertRefused(model, " bottom", " include { when: 1 } bottom", "relu1", "when is not known");
  }

  /** Levels and stages: a rule is met if all of it is; one that is met is enough. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "include { phase: TRAIN } | false",
        "include { stage: 'a' } | false",
        "include { phase: TEST stage: 'a' } | false",
        "include { min_level: 1 } | false",
        "include { max_level: -1 } | false",
        "include { not_stage: 'deploy' } | false",
        "include { phase: 0 } | false",
        "exclude { phase: TEST } | false",
        "exclude { phase: TRAIN } exclude { stage: 'deploy' } | false",
        "include { phase: TEST } | true",
        "include { phase: 1 } | true",
        "include { stage: 'deploy' } | true",
        "include { min_level: 0 max_level: 0 } | true",
        "include { not_stage: 'b' } | true",
        "include { phase: TRAIN } include { stage: 'deploy' } | true",
        "exclude { phase: TRAIN } | true"
      },
      quoteCharacter = '"')
  void rulesOfPhasesLevelsAndStages(String rule, boolean there) throws Exception {
    String layer = "layer { name: 'x' type: 'Power' bottom: 'fc8' " + rule + " }\n";
    String text = "state { stage: 'deploy' }\n" + layer + CaffeTexts.deploy(all);
    Path file = Files.writeString(folder.resolve("net.prototxt"), text);
    try (ForeignFile model = ForeignFile.open(stripped(false))) {
      List<String> names = model.describedBy(file).layers().stream().map(CaffeLayer::name).toList();
      assertEquals(there, names.contains("x"), names.toString());
      assertTrue(names.contains("conv1"));
    }
  }

  @Test
  void filesThatAreNoNetworkOrOfNoCaffeModel() throws Exception {
    Cli solver = take(model(false), "net: 'a.prototxt'\nbase_lr: 0.01\n");
    assertEquals(5, solver.code(), solver.out());
    assertTrue(solver.err().contains("line 1: net is not known of a network"), solver.err());
    Cli empty = take(model(false), "name: 'n'\n");
    assertTrue(empty.err().contains("has no layer or layers that compute"), empty.err());
    Cli two = take(model(false), "layer { type: 'ReLU' }\nlayers { type: RELU }");
    assertTrue(two.err().contains("line 2: layers stands beside layer"), two.err());
    Path torch = ForeignWriter.torch(folder.resolve("t.pth"), SmallNetworks.torchvision(1));
    Cli other = take(torch, CaffeTexts.deploy(all));
    assertEquals(5, other.code(), other.out());
    assertTrue(other.err().contains("is of a .caffemodel"), other.err());
    Cli none =
        Cli.run("import", model(false) + "", "--prototxt", folder + "/no", "--out", folder + "/r");
    assertEquals(5, none.code(), none.out());
    assertTrue(none.err().contains("there is no such file"), none.err());
  }

  /** The layers up to the last one that is taken are compared, with a prototxt and without. */
  @Test
  void upToALayer() throws Exception {
    String text = CaffeTexts.deploy(all);
    String start = text.substring(0, text.indexOf("layer { name: 'conv3'"));
    String out = folder.resolve("first.safetensors") + "";
    Path file = Files.writeString(folder.resolve("net.prototxt"), start);
    Path model = stripped(false);
    Cli cli =
        Cli.run(
            "import",
            model + "",
            "--prototxt",
            file + "",
            "--preset",
            "caffenet",
            "--up-to",
            "lrn2",
            "--out",
            out);
    assertEquals(0, cli.code(), cli.err());
    Files.writeString(file, start.replaceFirst("alpha: 1e-4", "alpha: 1e-3"));
    Cli other =
        Cli.run(
            "import",
            model + "",
            "--prototxt",
            file + "",
            "--preset",
            "caffenet",
            "--up-to",
            "lrn2",
            "--out",
            folder.resolve("b.safetensors") + "");
    assertEquals(5, other.code(), other.out());
    assertTrue(other.err().contains("layer norm1 (net.prototxt, line 7): alpha is"), other.err());
    Path whole = SmallNetworks.caffeNetFile(folder.resolve("w.caffemodel"), false, all, 1e-3);
    Cli binary =
        Cli.run(
            "import",
            whole + "",
            "--preset",
            "caffenet",
            "--up-to",
            "conv2",
            "--out",
            folder.resolve("c.safetensors") + "");
    assertEquals(5, binary.code(), binary.out());
    assertTrue(binary.err().contains("layer norm1: alpha is"), binary.err());
  }
}
