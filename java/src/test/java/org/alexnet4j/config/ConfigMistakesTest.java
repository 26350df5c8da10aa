package org.alexnet4j.config;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Slips of a person who extends a preset: each is refused, none is passed over. */
class ConfigMistakesTest {
  @TempDir Path folder;

  private Configuration read(String yaml) throws Exception {
    Path file = folder.resolve("my.yaml");
    Files.writeString(file, yaml);
    return ConfigReader.file(file);
  }

  private void assertRefused(String yaml, String begin) {
    ConfigException e = assertThrows(ConfigException.class, () -> read(yaml));
    String message = e.getMessage();
    assertEquals(begin, message.substring(0, Math.min(begin.length(), message.length())));
  }

  private static final String EXTENDS = "extends: paper-2012\n";

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        // Layers that the preset does not have.
        "network: {layers: {nrom1: off}} | network.layers.nrom1 is no layer of paper-2012; did you mean 'norm1'?",
        "network: {layers: {norm9: off}} | network.layers.norm9 is no layer of paper-2012; did you mean 'norm1'?",
        "network: {layers: {Norm1: off}} | network.layers.Norm1 is no layer of paper-2012; did you mean 'norm1'?",
        "network: {layers: {cnov3: {sigma: 0.02}}} | network.layers.cnov3 is no layer of paper-2012; did you mean 'conv3'?",
        "network: {layers: {extra: {type: relu}}} | network.layers.extra is no layer of paper-2012; allowed: conv1, relu1,",
        "network: {layers: {extra: {after: pool9, type: relu}}} | network.layers.extra.after is 'pool9', which is no layer; did you mean 'pool1'?",
        "network: {layers: {relu1: {after: pool1, type: relu}}} | network.layers.relu1.after moves a layer that paper-2012 has; allowed: in a layer that it lacks",
        "network: {layers: {extra: {after: pool1}}} | network.layers.extra lacks the key 'type'",
        "training: {biasRates: {conv1: {95: 0}}} | training.biasRates.conv1 has no effect: epoch 95,",
        "training: {biasRates: {conv1: off}} | training.biasRates.conv1 has no effect: the layer has no rates",
        "training: {biasRates: {pool1: {1: 0}}} | training.biasRates.pool1 is no layer with weights;",
        "training: {biasDrops: [3]} | training: biasDrops is [3], which needs biasRateFollows: false",
        "training: {biasRateFollows: false, biasDrops: [95]} | training.biasDrops has no effect: epoch 95,",
        "training: {biasRateFollows: false, biasDrops: [5, 4]} | training: biasDrops is [5, 4]; allowed: epochs from 0, each later",
        "augmentation: {crop: centre, flip: false} | augmentation has colourNoise: on, which needs crop: random; add colourNoise: off",
        "network: {layers: {pool1: {mode: average, ties: first}}} | network.layers.pool1.ties has no effect: an average has no ties",
        "training: {drops: [], curve: {shape: cosine}} | training.curve lacks the key 'to'",
        "training: {drops: [], curve: {shape: exponential, to: 0}} | training: curve.to is 0.0; allowed: 0 or more, above 0 if",
        "training: {curve: {shape: cosine, to: 0}} | training: a curve takes the place of drops and plateau",
        "training: {warmUp: 90} | training: warmUp is 90; allowed: less than 90",
        "training: {lastBatch: keep} | training.lastBatch is 'keep'; allowed: drop, short",
        "training: {drops: [], stages: [{epochs: 4}]} | training: epochs is 90, the stages have 4; write epochs: 4",
        "training: {stages: [{epochs: 90}]} | training: stages have rates of their own",
        "training: {drops: [], stages: []} | training.stages must be a list of stages",
        "training: {drops: [], stages: [{epochs: 90, image: 1}]} | training.stages[0].image is no known key; did you mean 'images'?",
        "training: {drops: [], stages: [{epochs: 90, images: 1.5}]} | training.stages[0].images is 1.5; allowed: above 0, at most 1",
        "training: {drops: [], stages: [{images: 1}]} | training.stages[0] lacks the key 'epochs'",
        "training: {drops: [], stages: [{epochs: 90, end: {}}]} | training.stages[0].end needs one of two: patience: EPOCHS,",
        "training: {drops: [], stages: [{epochs: 90, end: {lossOf: 1}}]} | training: stages[0].end.lossOf is no earlier stage;",
        "training: {drops: [], stages: [{epochs: 90, weightRates: {pool1: 0}}]} | training.stages[0].weightRates.pool1 is no layer",
        "start: {layers: {conv1: copy}} | start lacks the key 'from'",
        "start: {from: x, layers: {conv1: keep}} | start.layers.conv1 is 'keep'; allowed: copy, new",
        "start: {from: x, layers: {pool1: copy}} | start.layers.pool1 is no layer with weights;",
        "network: {layers: {norm2: false}} | network.layers.norm2 is 'false'; did you mean 'off'? allowed: a mapping, or off",
        "network: {layers: {norm2: }} | network.layers.norm2 is empty; allowed: a mapping, or off to take it out",
        "network: {layers: {norm2: []}} | network.layers.norm2 must be a mapping",
        // Keys and words.
        "netwrok: {} | netwrok is no known key; did you mean 'network'? allowed:",
        "training: {epoch: 3} | training.epoch is no known key; did you mean 'epochs'? allowed: batch, epochs,",
        "training: {Rate: 1} | training.Rate is no known key; did you mean 'rate'?",
        "network: {layers: {conv1: {kernal: 3}}} | network.layers.conv1.kernal is no known key; did you mean 'kernel'?",
        "network: {layers: {pool1: {mode: avrage}}} | network.layers.pool1.mode is 'avrage'; did you mean 'average'?",
        "network: {layers: {conv3: {reads: al}}} | network.layers.conv3.reads is 'al'; did you mean 'all'?",
        "network: {mean: pixel_centre} | network.mean is 'pixel_centre'; did you mean 'pixel-centre'?",
        "training: {drops: run-145-2021} | training.drops is 'run-145-2021'; did you mean 'run-145-2012'?",
        "training: {weightRates: {cnov1: {1: 0}}} | training.weightRates.cnov1 is no layer with weights; did you mean 'conv1'?",
        "training: {plateau: {patience: 3, patient: 3}} | training.plateau.patient is no known key; did you mean 'patience'?",
        "augmentation: {flop: true} | augmentation.flop is no known key; did you mean 'flip'?",
        "network: {means: pixel} | network.means is no known key; did you mean 'mean'?",
        "training: {weightRates: [1]} | training.weightRates must be a mapping",
        // The ends of ranges.
        "network: {width: 0} | network.width is 0; allowed: above 0, at most 4",
        "network: {width: 4.01} | network.width is 4.01; allowed: above 0, at most 4",
        "training: {rate: -0.01} | training.rate is -0.01; allowed: 0 or more",
        "training: {momentum: -0.1} | training.momentum is -0.1; allowed: 0 or more, below 1",
        "training: {dropFactor: 0} | training.dropFactor is 0; allowed: above 0, at most 1",
        "training: {dropFactor: 1.01} | training.dropFactor is 1.01; allowed: above 0, at most 1",
        "network: {layers: {norm1: {alpha: -1}}} | network.layers.norm1.alpha is -1; allowed: 0 or more",
        "network: {layers: {norm1: {k: 0}}} | network.layers.norm1.k is 0; allowed: above 0",
        "network: {layers: {drop6: {keep: 0}}} | network.layers.drop6.keep is 0; allowed: above 0, at most 1",
        // Booleans of other versions of YAML, and of other people.
        "augmentation: {flip: yes} | augmentation.flip is 'yes'; did you mean 'true'? allowed: false, true",
        "augmentation: {flip: off} | augmentation.flip is 'off'; did you mean 'false'? allowed: false, true",
        "augmentation: {flip: True} | augmentation.flip is 'True'; did you mean 'true'? allowed: false, true",
        "augmentation: {colourNoise: false} | augmentation.colourNoise is 'false'; did you mean 'off'? allowed: off, on",
        "training: {plateau: no} | training.plateau is 'no'; did you mean 'off'?",
        // Numbers.
        "training: {batch: 128.0} | training.batch is '128.0'; allowed: a whole number from 1 to 65,536, in plain digits",
        "training: {batch: 1_000} | training.batch is '1_000'; allowed: a whole number",
        "training: {batch: 0x80} | training.batch is '0x80'; allowed: a whole number",
        "training: {batch: 0200} | training.batch is '0200'; allowed: a whole number",
        "training: {batch: 0o200} | training.batch is '0o200'; allowed: a whole number",
        "training: {batch: +128} | training.batch is '+128'; allowed: a whole number",
        "training: {batch: 1e2} | training.batch is '1e2'; allowed: a whole number",
        "training: {batch: '128'} | training.batch is the text '128'; allowed: a whole number",
        "training: {batch: } | training.batch is empty; allowed: a whole number",
        "training: {batch: [128]} | training.batch must be a single value",
        "training: {batch: -1} | training.batch is -1; allowed: a whole number from 1 to 65,536",
        "training: {batch: 99999999999999999999} | training.batch is 99999999999999999999; allowed: a whole",
        "training: {batch: 4294967297} | training.batch is 4294967297; allowed: a whole number from 1",
        "training: {rate: '0.1'} | training.rate is the text '0.1'; allowed: a finite number",
        "training: {rate: .nan} | training.rate is '.nan'; allowed: a finite number",
        "training: {rate: NaN} | training.rate is 'NaN'; allowed: a finite number",
        "training: {rate: -.inf} | training.rate is '-.inf'; allowed: a finite number",
        "training: {rate: Infinity} | training.rate is 'Infinity'; allowed: a finite number",
        "training: {rate: 1e999} | training.rate is 1e999; allowed: a number that 32 bits can hold",
        "training: {rate: 1e-999} | training.rate is 1e-999; allowed: a number that 32 bits can hold",
        "training: {rate: -0.1} | training.rate is -0.1; allowed: 0 or more",
        "training: {rate: 0x1p3} | training.rate is '0x1p3'; allowed: a finite number",
        "training: {rate: 0.1f} | training.rate is '0.1f'; allowed: a finite number",
        "training: {rate: 1_0.5} | training.rate is '1_0.5'; allowed: a finite number",
        "training: {drops: [-1]} | training.drops[0] is -1; allowed: a whole number, 0 or more",
        "training: {drops: [8, 8]} | training: drops is [8, 8]; allowed: epochs from 0, each later",
        "training: {epochs: 1000000000000} | training.epochs is 1000000000000; allowed: a whole number, 1 or more, below 2^31",
        "training: {drops: [1.5]} | training.drops[0] is '1.5'; allowed: a whole number",
        "network: {layers: {conv1: {stride: 0}}} | network.layers.conv1.stride is 0; allowed: a whole number from 1 to 16,384",
        "network: {layers: {conv2: {pad: 2147483647}}} | network.layers.conv2.pad is 2147483647; allowed: a whole number from 0",
        "network: {layers: {conv2: {sigma: -1}}} | network.layers.conv2.sigma is -1; allowed: 0 or more",
        "network: {layers: {norm1: {size: -3}}} | network.layers.norm1.size is -3; allowed: a whole number from 1",
        "network: {layers: {norm1: {k: 0}}} | network.layers.norm1.k is 0; allowed: above 0",
        "network: {layers: {pool1: {stride: 0}}} | network.layers.pool1.stride is 0; allowed: a whole number from 1",
        "network: {layers: {drop6: {keep: 1.5}}} | network.layers.drop6.keep is 1.5; allowed: above 0, at most 1",
        "network: {layers: {drop6: {keep: 0}}} | network.layers.drop6.keep is 0; allowed: above 0, at most 1",
        "network: {input: 46341} | network.input is 46341; allowed: a whole number from 1 to 16,384",
        // Twice, and by reference.
        "training: {batch: 1, batch: 1} | key 'training.batch' comes twice",
        "training: &a {batch: 1} | '&a' is an anchor; allowed: the value itself",
        "training: {<<: {batch: 1}} | 'training.<<' is a merge key; allowed: the keys themselves, or 'extends'",
        "training: !x {batch: 1} | '!x' is a tag; allowed: the value without it",
        // Names that would end up in a path or in another YAML text.
        "name: ../up | name is '../up'; allowed: up to 100 letters",
        "name: 'a: b' | name is 'a: b'; allowed: up to 100 letters",
        // Nothing comes of it.
        "augmentation: {colourNoise: off, noiseDivisor: 2} | augmentation.noiseDivisor has no effect: colourNoise is off",
        "augmentation: {colourNoise: off, noiseEpochs: 2} | augmentation.noiseEpochs has no effect: colourNoise is off",
        "augmentation: {crop: centre, flip: false, colourNoise: off, chunk: 2} | augmentation.chunk has no effect: crop is centre",
        "augmentation: {crop: centre, flip: false, colourNoise: off, lastOffset: true} | augmentation.lastOffset has no effect: crop is centre",
        "training: {drops: [], dropFactor: 0.5} | training.dropFactor has no effect: there are neither drops",
        "training: {drops: [90]} | training.drops has no effect: epoch 90, counted from 0, never comes, as epochs is 90",
        "training: {weightRates: {conv1: off}} | training.weightRates.conv1 has no effect: the layer has no rates",
        "training: {weightRates: {cnov1: off}} | training.weightRates.cnov1 is no layer with weights; did you mean 'conv1'?",
        "training: {weightRates: {conv1: {95: 0}}} | training.weightRates.conv1 has no effect: epoch 95,",
      })
  void areRefusedWithFileLineAndWhatIsAllowed(String line, String message) {
    assertRefused(EXTENDS + line + "\n", "my.yaml:2: " + message);
  }

  @Test
  void linesAreThoseOfTheKeys() {
    assertRefused(
        EXTENDS + "network:\n  layers:\n    conv1:\n      maps: 48\n      maps2: 3\n",
        "my.yaml:6: network.layers.conv1.maps2 is no known key; did you mean 'maps'?");
    assertRefused(
        EXTENDS + "network:\n  layers:\n    pool9:\n      size: 3\n",
        "my.yaml:4: network.layers.pool9 is no layer of paper-2012; did you mean 'pool1'?");
  }

  @Test
  void layerThatIsAlreadyOffCannotBeTakenOut() {
    String alone = ConfigWriter.write(ConfigReader.preset("cifar10-80sec"));
    assertRefused(
        alone.replace("  layers:\n", "  layers:\n    norm1: off\n"),
        "my.yaml:8: network.layers.norm1 has no effect: without 'extends' there is no such layer");
  }

  @Test
  void presetsAreNamedNearly() {
    assertRefused(
        "extends: paper-2021\n", "my.yaml:1: extends is 'paper-2021'; did you mean 'paper-2012'?");
    ConfigException e = assertThrows(ConfigException.class, () -> ConfigReader.preset("dmeo"));
    assertEquals(
        "there is no preset 'dmeo'; did you mean 'demo'? allowed: paper-2012",
        e.getMessage().substring(0, 67));
  }

  @Test
  void anotherTypeReplacesTheWholeLayer() throws Exception {
    String yaml = EXTENDS + "network: {layers: {norm1: {type: tanh}}}\n";
    assertEquals("norm1", read(yaml).network().layers().get(2).name());
    assertRefused(
        EXTENDS + "network: {layers: {norm1: {type: pool, stride: 2}}}\n",
        "my.yaml:2: network.layers.norm1 lacks the key 'size'");
  }

  /** What a preset states and a file does not touch is none of the file's business. */
  @Test
  void inheritedSettingsMayLoseTheirEffect() {
    assertDoesNotThrow(() -> read("extends: code-2012\naugmentation: {colourNoise: off}\n"));
    assertDoesNotThrow(() -> read(EXTENDS + "training: {epochs: 5}\n"));
    assertDoesNotThrow(() -> read(EXTENDS + "training: {rate: 1e-3, momentum: .5}\n"));
  }

  /** What the program wrote in such a case it must also read: a run goes on. */
  @Test
  void textsOfTheProgramAreReadWhateverTheirEffect() throws Exception {
    Configuration read = read("extends: code-2012\naugmentation: {colourNoise: off}\n");
    assertEquals(read, ConfigReader.text("run", ConfigWriter.write(read)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"a: b", "#1", "true", "12", "a \"b\" \\ c", "Käse", "- x", "*a", "a\nb"})
  void anyNameSurvivesWritingAndReading(String name) {
    Configuration demo = ConfigReader.preset("demo");
    org.alexnet4j.net.NetworkSpec n = demo.network();
    Configuration named =
        demo.withNetwork(
            new org.alexnet4j.net.NetworkSpec(
                name, n.towers(), n.inputSize(), n.sourceSize(), n.layers()));
    String yaml = ConfigWriter.write(named);
    Configuration again = ConfigReader.text(name, yaml.substring(yaml.indexOf("network:")));
    assertEquals(named, again);
    assertEquals(1, yaml.lines().takeWhile(line -> !line.equals("network:")).count(), yaml);
  }
}
