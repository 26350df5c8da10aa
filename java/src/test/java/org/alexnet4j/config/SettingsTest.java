package org.alexnet4j.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Single settings beside a preset or a file: what they change, and which are refused. */
class SettingsTest {
  @TempDir Path folder;

  private static Configuration preset(String... settings) {
    return ConfigReader.preset("paper-2012", Settings.of(List.of(settings)));
  }

  private Path file(String yaml) throws IOException {
    return Files.writeString(folder.resolve("my.yaml"), yaml);
  }

  private static List<String> differences(Configuration one, Configuration other) {
    return ConfigDifference.between(one, other).stream()
        .map(d -> d.key() + " " + d.first() + " " + d.second())
        .toList();
  }

  @Test
  void eachChangesItsKeyAndNothingElse() {
    Configuration read =
        preset(
            "training.rate=0.02",
            "network.layers.conv3.sigma=0.03",
            "training.drops=[3, 5]",
            "training.weightRates={conv1: {66: 0.1}}",
            "network.mean=channel",
            "name=mine");
    assertEquals(
        List.of(
            "name paper-2012 mine",
            "network.mean pixel channel",
            "network.layers.conv3.sigma 0.01 0.03",
            "training.rate 0.01 0.02",
            "training.biasRate 0.01 0.02",
            "training.drops [22, 50, 77] [3, 5]",
            "training.weightRates.conv1.66 - 0.1"),
        differences(ConfigReader.preset("paper-2012"), read));
  }

  @Test
  void aLayerMayBePutIn() {
    Configuration read = preset("network.layers.extra={after: conv5, type: relu}");
    List<String> names = read.network().layers().stream().map(l -> l.name()).toList();
    assertEquals(names.indexOf("conv5") + 1, names.indexOf("extra"));
  }

  @Test
  void aFileThatExtendsAPresetIsChangedAfterIt() throws IOException {
    Path file = file("extends: paper-2012\ntraining: {rate: 0.05, batch: 64}\n");
    Configuration read =
        ConfigReader.file(
            file, Settings.of(List.of("training.rate=0.07", "network.layers.norm2=off")));
    assertEquals(0.07f, read.training().rate());
    assertEquals(64, read.training().batch());
    assertTrue(read.network().layers().stream().noneMatch(l -> l.name().equals("norm2")));
    assertEquals(
        read, ConfigReader.text("again", ConfigWriter.write(read)), "the run's own file has it");
  }

  @Test
  void theConfigurationOfARunIsChangedToo() {
    Configuration own = ConfigReader.preset("cifar10-80sec");
    Configuration read =
        ConfigReader.changed("the run's", own, Settings.of(List.of("training.momentum=0.5")));
    assertEquals(
        List.of("training.momentum " + own.training().momentum() + " 0.5"), differences(own, read));
    assertEquals(own, ConfigReader.changed("the run's", own, Settings.NONE));
  }

  @Test
  void classesThatASettingStatesAreStatedOnPurpose() throws IOException {
    Configuration.StatedClasses stated = preset("network.layers.fc8.units=5").stated().get();
    assertEquals(new Configuration.StatedClasses("fc8", 5, true), stated);
    assertTrue(preset("training.rate=1").stated().isEmpty());
    Path file = file("extends: paper-2012\nnetwork: {layers: {fc8: {units: 7}}}\n");
    Settings rate = Settings.of(List.of("training.rate=1"));
    assertEquals(7, ConfigReader.file(file, rate).stated().get().units());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "training.rat=0.02 | --set training.rat: training.rat is no known key; did you mean 'rate'?",
        "trainin.rate=0.02 | --set trainin.rate: trainin is no known key; did you mean 'training'?",
        "network.layers.cnov1.sigma=1 | --set network.layers.cnov1.sigma: network.layers.cnov1 is no layer of paper-2012; did you mean 'conv1'?",
        "network.layers.conv1.sgima=1 | --set network.layers.conv1.sgima: network.layers.conv1.sgima is no known key; did you mean 'sigma'?",
        "network.layers.norm1=false | --set network.layers.norm1: network.layers.norm1 is 'false'; did you mean 'off'?",
        "training.rate=fast | --set training.rate: training.rate is 'fast'; allowed: a finite number, 0 or more",
        "training.rate=-1 | --set training.rate: training.rate is -1; allowed: 0 or more",
        "training.algorithm=winograd | --set training.algorithm: training.algorithm is 'winograd'; did you mean 'winograd2'?",
        "training.algorithm=4 | --set training.algorithm: training.algorithm is '4'; allowed: direct, winograd2, winograd4",
        "training.precision=fp8 | --set training.precision: training.precision is 'fp8'",
        "training.rate= | --set training.rate: has no value; allowed: KEY=VALUE",
        "training.rate.x=1 | --set training.rate.x: training.rate must be a single value",
        "training=3 | --set training: training must be a mapping",
        "training.drops=[1 | --set training.drops: '[1' is not YAML; allowed: a value",
        "training.drops=&a [1] | --set training.drops: '&a' is an anchor",
        "training.drops=[1, x] | --set training.drops: training.drops[1] is 'x'; allowed: a whole number",
        "training.drops=[95] | --set training.drops: training.drops has no effect: epoch 95, counted from 0, never comes",
        "training.weightRates.conv1=off | --set training.weightRates.conv1: training.weightRates.conv1 has no effect",
        "extends=demo | --set extends: changes no preset; allowed: --preset",
        "training.rate | --set is 'training.rate'; allowed: KEY=VALUE, as in training.rate=0.02",
        "=3 | --set is '=3'; allowed: KEY=VALUE",
        "training..rate=3 | --set is 'training..rate=3'; allowed: KEY=VALUE",
        "training.=3 | --set is 'training.=3'; allowed: KEY=VALUE",
      })
  void mistakesAreNamedWithTheirPlace(String setting, String begin) {
    String message = assertThrows(ConfigException.class, () -> preset(setting)).getMessage();
    assertTrue(message.startsWith(begin), message);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "training.rate=1 | training.rate=2 | --set training.rate: training.rate is set twice; allowed: once",
        "training.rate=1 | training={rate: 2} | --set training: training.rate is set by --set training.rate as well; allowed: once",
        "network.layers.norm1=off | network.layers.norm1.size=3 | --set network.layers.norm1.size: network.layers.norm1.size is set by --set network.layers.norm1 as well",
      })
  void twoSettingsOfOneKeyAreRefused(String one, String other, String begin) {
    String message = assertThrows(ConfigException.class, () -> preset(one, other)).getMessage();
    assertTrue(message.startsWith(begin), message);
  }

  /** What a run is computed in stands in its file, where it is not as usual, and is read again. */
  @ParameterizedTest
  @CsvSource({
    "precision, tf32",
    "precision, bf16",
    "precision, 3xtf32",
    "algorithm, winograd2",
    "algorithm, winograd4"
  })
  void whatIsComputedInIsKept(String key, String value) {
    Configuration usual = ConfigReader.preset("paper-2012");
    Configuration read = preset("training." + key + "=" + value);
    assertEquals(List.of("training." + key + " - " + value), differences(usual, read));
    String text = ConfigWriter.write(read);
    assertTrue(text.contains("\n  " + key + ": " + value + "\n"), text);
    assertEquals(read, ConfigReader.text("again", text));
    assertEquals(read.training(), ScaledEpochs.of(read, 90).training());
    assertEquals(read.training(), read.training().withBatch(64).withBatch(128));
    Settings back = Settings.of(List.of("training." + key + "=" + usual(key)));
    assertEquals(usual, ConfigReader.changed("the run's", read, back));
  }

  private static String usual(String key) {
    return key.equals("precision") ? "fp32" : "direct";
  }

  @Test
  void anAlgorithmIsOfOnePrecision() {
    for (String precision : List.of("tf32", "bf16", "3xtf32")) {
      String message =
          assertThrows(
                  ConfigException.class,
                  () -> preset("training.algorithm=winograd4", "training.precision=" + precision))
              .getMessage();
      assertTrue(
          message.endsWith(
              "training: algorithm is winograd4 and precision is "
                  + precision
                  + ", but Winograd's transforms are for factors that nothing rounds; allowed:"
                  + " algorithm direct, or precision fp32"),
          message);
      preset("training.algorithm=direct", "training.precision=" + precision);
    }
    String both = "extends: demo\ntraining:\n  precision: tf32\n  algorithm: winograd2\n";
    String message =
        assertThrows(ConfigException.class, () -> ConfigReader.text("my.yaml", both)).getMessage();
    assertTrue(message.startsWith("my.yaml"), message);
    assertTrue(message.contains("algorithm is winograd2 and precision is tf32"), message);
  }

  @Test
  void keysBesideEachOtherAreNoConflict() {
    Configuration read = preset("training={rate: 2}", "training.momentum=0.5");
    assertEquals(2, read.training().rate());
    assertEquals(ImmutableList.of(22, 50, 77), read.training().drops());
  }
}
