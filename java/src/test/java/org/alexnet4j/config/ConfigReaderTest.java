package org.alexnet4j.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.net.AlexNet;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.plan.LayerSummary;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.Transfer.Direction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Presets, extension by one line, and the message of every mistake. */
class ConfigReaderTest {
  static final List<String> PRESETS = ConfigReader.PRESETS;

  @TempDir Path folder;

  private Configuration read(String yaml) throws Exception {
    Path file = folder.resolve("my.yaml");
    Files.writeString(file, yaml);
    return ConfigReader.file(file);
  }

  @Test
  void paperPresetIsTheNetworkOfThePaper() {
    assertEquals(AlexNet.paper2012(), ConfigReader.preset("paper-2012").network());
  }

  @Test
  void oneGpuPresetHasTheParametersOfItsRun() {
    Configuration one = ConfigReader.preset("one-gpu-2012");
    Plan plan = Planner.plan(one.network(), 1, Purpose.INFER, one.mean(), 0);
    assertEquals(59_798_312, plan.layers().stream().mapToLong(l -> l.parameters()).sum());
    assertEquals(391_514_384, plan.layers().stream().mapToLong(l -> l.macs()).sum());
  }

  private static Plan plan(String preset) {
    Configuration configuration = ConfigReader.preset(preset);
    return Planner.plan(configuration.network(), 128, Purpose.TRAIN, configuration.mean(), 0);
  }

  @Test
  void columnsMeetAtTheLastLayerOnly() {
    Plan plan = plan("columns-2012");
    // Each column: conv1 17,472; conv2 160 of 5x5x48; conv3 192 of 3x3x160; conv4, conv5 as in the
    // paper; fc6 4096 of 4608 inputs; fc7 2048 of 4096; each with a bias. fc8 as in the paper.
    long column =
        17_472
            + 160 * (25 * 48 + 1)
            + 192 * (9 * 160 + 1)
            + 331_968
            + 221_312
            + 4096 * (4608 + 1)
            + 2048 * (4096 + 1);
    assertEquals(2 * column + 4_097_000, plan.parameterCount());
    assertEquals(60_714_408, plan.parameterCount());
    assertEquals(
        List.of("drop7 1->0", "drop7 0->1"),
        plan.exchange().transfers().stream()
            .map(t -> t.plane() + " " + t.from() + "->" + t.to())
            .toList());
  }

  @Test
  void fourTowersMeetInPairsAndThenAll() {
    Plan plan = plan("four-towers-2012");
    assertEquals(4, plan.towers().size());
    List<String> conv3 =
        plan.exchange().transfers().stream()
            .filter(t -> t.layer().equals("conv3") && t.direction() == Direction.FORWARD)
            .map(t -> t.from() + "->" + t.to())
            .toList();
    assertEquals(List.of("0->1", "1->0", "2->3", "3->2"), conv3);
    assertEquals(
        12,
        plan.exchange().transfers().stream()
            .filter(t -> t.layer().equals("fc6") && t.direction() == Direction.FORWARD)
            .count());
    // conv3: 192 filters of 3x3 on 2 x 64 maps on each tower; fc6: 1024 units of 4 x 4608 inputs.
    assertEquals(4 * 192 * (9 * 128 + 1), parameters(plan, "conv3"));
    assertEquals(4 * 1024 * (4 * 4608 + 1), parameters(plan, "fc6"));
  }

  private static long parameters(Plan plan, String layer) {
    return plan.layers().stream()
        .filter(l -> l.name().equals(layer))
        .mapToLong(LayerSummary::parameters)
        .sum();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "conv3: {reads: pair} | towers: 3 | conv3: reads is pair with 3 towers; allowed: an even",
        "fc8: {reads: tower} | towers: 2 | fc8: the layer before softmax must read all towers",
        "fc6: {reads: none} | towers: 2 | allowed: all, pair, tower"
      })
  void whoReadsWhomIsChecked(String layer, String towers, String message) {
    String yaml =
        "extends: paper-2012\nname: x\nnetwork:\n  " + towers + "\n  layers:\n    " + layer + "\n";
    ConfigException e =
        assertThrows(ConfigException.class, () -> ConfigReader.text("x.yaml", yaml));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void differencesBetweenPaperAndSourceAreTheNumberedOnes() {
    Configuration paper = ConfigReader.preset("paper-2012");
    List<String> keys =
        ConfigDifference.between(paper, ConfigReader.preset("code-2012")).stream()
            .map(ConfigDifference::key)
            .toList();
    assertEquals(
        List.of(
            "name",
            "network.mean", // D14
            "network.layers.norm1.alpha", // D5
            "network.layers.norm2.alpha",
            "network.layers.conv3.sigma", // D7
            "network.layers.conv4.sigma",
            "network.layers.conv5.sigma",
            "training.epochs",
            "training.biasRate", // D8
            "training.biasRateFollows",
            "training.drops", // D9
            "augmentation.lastOffset", // D10
            "augmentation.chunk", // D11
            "augmentation.noiseDivisor", // D13
            "network.layers.cnorm2.type", // D4
            "network.layers.cnorm2.over",
            "network.layers.cnorm2.size",
            "network.layers.cnorm2.k",
            "network.layers.cnorm2.alpha",
            "network.layers.cnorm2.beta",
            "training.weightRates.conv1.66", // D9
            "training.weightRates.conv1.71",
            "training.biasRates.conv1.71",
            "augmentation.noiseEpochs", // D9
            "network.layers in order"), // D3
        keys);
    assertEquals(List.of(), ConfigDifference.between(paper, paper));
  }

  @Test
  void factorsOfLayersComeIntoForceByEpoch() throws Exception {
    LayerRates rates = ConfigReader.preset("code-2012").training().weightRates();
    assertEquals(Map.of(), rates.at(65));
    assertEquals(Map.of("conv1", 0.1f), rates.at(66));
    assertEquals(Map.of("conv1", 0f), rates.at(90));
    String some = "extends: code-2012\ntraining: {weightRates: {conv1: {80: 1}, fc8: {0: 2}}}\n";
    assertEquals(Map.of("fc8", 2f), read(some).training().weightRates().at(80));
    String off = "extends: code-2012\ntraining: {weightRates: {conv1: off, fc8: {0: 2}}}\n";
    assertEquals(Map.of("fc8", 2f), read(off).training().weightRates().at(80));
    String none = "extends: code-2012\ntraining: {weightRates: off}\n";
    assertEquals(LayerRates.NONE, read(none).training().weightRates());
  }

  /** Behind which layer they stand, the file's own ones too; the written file has their order. */
  @Test
  void layersArePutInWhereAFileSays() throws Exception {
    Configuration configuration =
        read(
            """
            extends: paper-2012
            network:
              layers:
                conv6: {after: pool5, type: conv, maps: 8, kernel: 3, sigma: 0.01, bias: 1, decay: 0}
                relu6c: {after: conv6, type: relu}
                pool5: off
                norm0: {after: conv1, type: lrn, size: 5, k: 2, alpha: 1e-4, beta: 0.75}
            """);
    List<String> names = configuration.network().layers().stream().map(LayerSpec::name).toList();
    assertEquals(List.of("conv1", "norm0", "relu1", "norm1"), names.subList(0, 4));
    int relu5 = names.indexOf("relu5");
    assertEquals(
        List.of("relu5", "conv6", "relu6c", "fc6", "relu6"), names.subList(relu5, relu5 + 5));
    assertEquals(configuration, read(ConfigWriter.write(configuration)));
  }

  @Test
  void biasesHaveDropsAndFactorsOfTheirOwn() throws Exception {
    String text =
        """
        extends: paper-2012
        training:
          biasRate: 0.02
          biasRateFollows: false
          biasDrops: [30]
          biasRates: {conv1: {71: 0}}
        """;
    TrainingSpec training = read(text).training();
    assertEquals(0.02f, training.biasRateAt(29));
    assertEquals(0.02f * 0.1f, training.biasRateAt(89));
    assertEquals(Map.of("conv1", 0f), training.biasRates().at(71));
    assertEquals(Map.of(), training.weightRates().at(71));
    assertEquals(training, read(ConfigWriter.write(read(text))).training());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{conv9: {1: 0}} | weightRates.conv9 is no layer with weights; did you mean 'conv1'? allowed: conv1, conv2,",
        "{pool1: {1: 0}} | weightRates.pool1 is no layer with weights; allowed: conv1, conv2,",
        "{conv1: {-1: 0}} | weightRates.conv1.-1 is no epoch; allowed: whole numbers from 0",
        "{conv1: {1: 0, 01: 1}} | weightRates.conv1.01 is no epoch; allowed: whole numbers from 0",
        "{conv1: {1: x}} | weightRates.conv1.1 is 'x'; allowed: a finite number",
        "{conv1: {1: -2}} | weightRates.conv1.1 is -2; allowed: 0 or more",
        "{conv1: 0} | weightRates.conv1 is '0'; allowed: a mapping, or off to take it out",
        "[1, 2] | weightRates must be a mapping"
      })
  void impossibleFactorsOfLayersAreNamed(String rates, String message) {
    String yaml = "extends: paper-2012\ntraining: {weightRates: " + rates + "}\n";
    ConfigException e =
        assertThrows(ConfigException.class, () -> ConfigReader.text("x.yaml", yaml));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @ParameterizedTest
  @FieldSource("PRESETS")
  void presetsSurviveWritingAndReading(String name) throws Exception {
    Configuration preset = ConfigReader.preset(name);
    assertEquals(preset, read(ConfigWriter.write(preset)));
  }

  @Test
  void oneLineChangesOneLayer() throws Exception {
    Configuration changed =
        read("extends: paper-2012\nnetwork: {layers: {conv3: {sigma: 0.03}}}\n");
    LayerSpec.Conv conv3 =
        (LayerSpec.Conv)
            changed.network().layers().stream()
                .filter(l -> l.name().equals("conv3"))
                .findFirst()
                .orElseThrow();
    assertEquals(0.03f, conv3.parameters().sigma());
    assertEquals(192, conv3.maps());
  }

  @Test
  void aConvolutionBecomesLocallyConnectedByItsType() throws Exception {
    Configuration changed =
        read(
            "extends: paper-2012\n"
                + "network: {layers: {conv4: {type: local, maps: 7, kernel: 3, reads: pair,"
                + " sigma: 0.1, bias: 1, decay: 0}}}\n");
    LayerSpec conv4 =
        changed.network().layers().stream()
            .filter(l -> l.name().equals("conv4"))
            .findFirst()
            .orElseThrow();
    LayerSpec.Parameters start = new LayerSpec.Parameters(0.1f, 1, 1, 1, 0);
    assertEquals(new LayerSpec.Local("conv4", 7, 3, 1, 0, LayerSpec.Reads.PAIR, start), conv4);
    assertEquals(changed, read(ConfigWriter.write(changed)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "network: {width: 4}",
        "network: {layers: {norm1: {alpha: 0}}}",
        "network: {layers: {drop6: {keep: 1}}}",
        "training: {rate: 0, biasRate: 1}",
        "training: {momentum: 0}",
        "training: {dropFactor: 1}",
      })
  void theEndsOfRangesAreAllowed(String line) throws Exception {
    assertNotNull(read("extends: paper-2012\n" + line + "\n"));
  }

  @Test
  void aPresetAndAFileAreNamedAlike() throws Exception {
    assertEquals(ConfigReader.preset("paper-2012"), ConfigReader.named("paper-2012"));
    Path file = folder.resolve("paper-2012.yaml");
    Files.writeString(file, "extends: paper-2012\ntraining: {batch: 7}\n");
    assertEquals(7, ConfigReader.named(file.toString()).training().batch());
    assertEquals(7, ConfigReader.written(file).training().batch());
    assertThrows(ConfigException.class, () -> ConfigReader.named("paper-2013"));
  }

  @Test
  void offTakesALayerOut() throws Exception {
    Configuration changed = read("extends: paper-2012\nnetwork: {layers: {norm1: off}}\n");
    assertFalse(changed.network().layers().stream().anyMatch(l -> l.name().equals("norm1")));
    assertTrue(changed.network().layers().stream().anyMatch(l -> l.name().equals("norm2")));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "extends: nothing | my.yaml:1: extends is 'nothing'; allowed: caffe-alexnet, caffenet, cifar10-11pct",
        "speed: 1 | my.yaml:2: speed is no known key; allowed: extends, name, network",
        "training: {rate: quick} | my.yaml:2: training.rate is 'quick'; allowed: a finite number",
        "training: {batch: 0} | my.yaml:2: training.batch is 0; allowed: a whole number from 1 to 65,536",
        "training: {momentum: 1} | momentum is 1; allowed: 0 or more, below 1",
        "network: {towers: 0} | network.towers is 0; allowed: a whole number from 1 to 26",
        "network: {mean: median} | network.mean is 'median'; allowed: channel, pixel",
        "network: {layers: {conv1: {type: cnv}}} | type is 'cnv'; did you mean 'conv'? allowed: conv, dropout, fc",
        "network: {layers: {conv1: {colour: red}}} | network.layers.conv1.colour is no known key",
        "network: {layers: {conv1: {maps: 0}}} | conv1.maps is 0; allowed: a whole number from 1 to 16,777,216",
        "network: {layers: {softmax: off}} | the last layer must be softmax",
        "network: {layers: {norm1: {over: everything}}} | over is 'everything'; allowed: all-maps, maps, pixels",
        "network: {layers: {conv1: {rounding: nearest}}} | rounding is 'nearest'; allowed: down, up",
        "augmentation: {noiseDivisor: 0} | noiseDivisor is 0; allowed: above 0",
        "augmentation: {noiseEpochs: -1} | noiseEpochs is -1; allowed: a whole number, 0 or more",
        "augmentation: {crop: centre} | has flip: true, which needs crop: random; add flip: false",
        "training: {slices: 3} | slices are 3; allowed: a power of two from 1 to 1024, such as 2",
        "training: {batch: 100, slices: 8} | batch is 100, which 8 slices do not divide; allowed: 96 or 104",
        "training: {memory: recompute} | an undivided step computes nothing again; allowed: with 2 slices or more",
        "training: {slices: 2, memory: less} | memory is 'less'; allowed: keep, recompute",
        "training: [1] | training must be a mapping",
        "training: {batch: 1, batch: 2} | 'training.batch' comes twice",
      })
  void mistakesAreNamedWithPlaceAndWhatIsAllowed(String line, String message) {
    String start = line.startsWith("extends") ? "" : "extends: paper-2012\n";
    ConfigException e = assertThrows(ConfigException.class, () -> read(start + line + "\n"));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }

  @Test
  void missingFileAndBrokenYamlAreNamed() {
    ConfigException missing =
        assertThrows(
            ConfigException.class, () -> ConfigReader.file(folder.resolve("nowhere.yaml")));
    assertTrue(missing.getMessage().endsWith("nowhere.yaml: no such file"));
    ConfigException broken = assertThrows(ConfigException.class, () -> read("a: [1, 2"));
    assertTrue(
        broken.getMessage().matches("my.yaml:[0-9]+: not YAML at column [0-9]+.*"),
        broken.getMessage());
  }

  @Test
  void textsThatNestWithoutEndAreRefused() {
    List<String> texts =
        List.of(
            "a: &a [*a, *a]",
            "a: &a {b: *a}",
            "[".repeat(60_000),
            "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                + "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                + "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: [*e,*e,*e,*e,*e,*e,*e,*e,*e]");
    for (String text : texts) {
      ConfigException e =
          assertThrows(ConfigException.class, () -> ConfigReader.text("deep", text));
      assertTrue(e.getMessage().matches("(?s).*(nested deeper|is an anchor).*"), e.getMessage());
    }
  }

  /** The top of all folders has no name, and is named as any other folder. */
  @Test
  void aFolderIsNoFile() {
    for (Executable read :
        List.<Executable>of(
            () -> ConfigReader.file(Path.of("/")),
            () -> ConfigReader.written(Path.of("/")),
            () -> ConfigReader.named("/"),
            () -> ExperimentReader.named("/", Optional.empty()))) {
      String message = assertThrows(ConfigException.class, read).getMessage();
      assertTrue(message.startsWith("/: cannot be read: "), message);
    }
  }
}
