package org.alexnet4j.config;

import static java.util.stream.Collectors.joining;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.alexnet4j.config.ExperimentSpec.Scale;
import org.alexnet4j.net.LayerSpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/** Files of experiments. */
class ExperimentReaderTest {
  static final List<String> SHIPPED = ExperimentReader.SHIPPED;

  private static final String FILE =
      """
      base: paper-2012
      seeds: [1, 2]
      change: {training: {epochs: 90, drops: [22, 50, 77]}}
      variants:
        whole: {paper: "37.5"}
        bare: {change: {network: {layers: {norm1: off, norm2: off}}}}
      compare: [{from: bare, to: whole}]
      """;

  private static ExperimentSpec read(String text) {
    return ExperimentReader.text("my.yaml", text, Optional.empty());
  }

  @ParameterizedTest
  @FieldSource("SHIPPED")
  void shippedOnesAreRead(String name) {
    ExperimentSpec spec = ExperimentReader.named(name, Optional.empty());
    assertEquals(name, spec.name());
    assertTrue(spec.seeds().size() >= 3, "three seeds or more");
  }

  @Test
  void variantsAreTheBaseWithTheirChanges() {
    ExperimentSpec spec = read(FILE);
    Configuration whole = spec.variants().get(0).configuration();
    Configuration bare = spec.variants().get(1).configuration();
    assertEquals(ConfigReader.preset("paper-2012").network().layers(), whole.network().layers());
    assertEquals("bare", bare.network().name());
    assertEquals(
        List.of("conv1", "relu1", "pool1"),
        bare.network().layers().stream().map(LayerSpec::name).limit(3).toList());
    assertEquals(Optional.of("37.5"), spec.variants().get(0).paper());
    assertEquals(ImmutableList.of(1L, 2L), spec.seeds());
  }

  /** A ninth of the epochs: the drops at 2.4, 5.6 and 8.6 are at 2, 6 and 9. */
  @Test
  void aScaleKeepsThePlaceOfWhatHappensAtAnEpoch() {
    ExperimentSpec spec =
        ExperimentReader.text("my.yaml", FILE, Optional.of(new Scale(0.25f, 20, 10)));
    TrainingSpec training = spec.variants().get(0).configuration().training();
    assertEquals(10, training.epochs());
    assertEquals(ImmutableList.of(2, 6, 9), training.drops());
    assertEquals(
        512, ((LayerSpec.Fc) layer(spec.variants().get(0).configuration(), "fc6")).units());
    Configuration code = ConfigReader.preset("code-2012");
    Configuration scaled = ScaledEpochs.of(code, 13);
    assertEquals("{conv1: {9: 0.1, 10: 0.0}}", scaled.training().weightRates().toString());
    assertEquals(9, scaled.augmentation().noiseEpochs());
    Configuration all =
        ConfigReader.text(
            "all",
            "extends: demo\ntraining: {drops: [], plateau: {patience: 2}, stop: {patience: 3},"
                + " lastBatch: short, warmUp: 1}\n");
    assertEquals(all, ScaledEpochs.of(all, all.training().epochs())); // nothing is lost
  }

  /** Each stage has its share of the epochs, the nearest whole one that the sum allows. */
  @Test
  void scaledStagesHaveTheEpochsThatAreAsked() {
    Configuration pct13 = ConfigReader.preset("cifar10-13pct"); // 100, 40, 10 and 10
    assertEquals(List.of(1, 1, 1, 1), stages(ScaledEpochs.of(pct13, 4)));
    assertEquals(List.of(2, 1, 1, 1), stages(ScaledEpochs.of(pct13, 5)));
    assertEquals(List.of(10, 4, 1, 1), stages(ScaledEpochs.of(pct13, 16)));
    assertEquals(List.of(11, 4, 1, 1), stages(ScaledEpochs.of(pct13, 17)));
    assertEquals(List.of(100, 40, 10, 10), stages(ScaledEpochs.of(pct13, 160)));
    assertEquals(List.of(200, 80, 20, 20), stages(ScaledEpochs.of(pct13, 320)));
    Configuration six = ConfigReader.preset("six-conv"); // 4, 2, 2, 13, 16, 4 and 13
    for (int epochs = 7; epochs < 60; epochs++) {
      Configuration scaled = ScaledEpochs.of(six, epochs);
      assertEquals(epochs, scaled.training().epochs());
      assertEquals(epochs, stages(scaled).stream().mapToInt(e -> e).sum());
    }
    String file = FILE.replace("paper: ", "base: cifar10-13pct, paper: ");
    file = file.replace("change: {training: {epochs: 90, drops: [22, 50, 77]}}\n", "");
    String text = file;
    ConfigException e =
        assertThrows(
            ConfigException.class,
            () -> ExperimentReader.text("my.yaml", text, Optional.of(new Scale(1, 0, 3))));
    assertEquals(
        "my.yaml:4: variants.whole: has 4 stages, the scale 3 epochs; allowed: 4 epochs or more,"
            + " one for each stage",
        e.getMessage());
  }

  private static List<Integer> stages(Configuration configuration) {
    return configuration.training().stages().stream().map(StageSpec::epochs).toList();
  }

  @Test
  void theDocumentsExampleIsOne() throws IOException {
    String page = Files.readString(Path.of("../docs/experiments.md"));
    ExperimentSpec spec = read(page.split("```yaml\n")[1].split("```")[0]);
    assertEquals(
        List.of("five", "nine", "tuned"),
        spec.variants().stream().map(ExperimentSpec.Variant::name).toList());
    ExperimentSpec views =
        read("base: paper-2012\nseeds: [1, 2, 3]\n" + page.split("```yaml\n")[2].split("```")[0]);
    assertEquals(
        List.of("both", "five", "fit", "near"),
        views.ensembles().stream().map(EnsembleSpec::name).toList());
    ExperimentSpec table2 = read(page.split("```yaml\n")[3].split("```")[0]);
    assertEquals(9, table2.runs());
    Configuration star = table2.variants().get(2).configuration();
    assertEquals(128, ((LayerSpec.Conv) layer(star, "conv6")).maps());
  }

  private static final String ENSEMBLES =
      """
      base: paper-2012
      seeds: [1, 2, 3]
      views: ten
      variants:
        one: {}
        two: {views: centre, seeds: [1, 3]}
        half: {part: 1/2}
      ensembles:
        both: {members: [one, two], shares: [3, 1]}
        all: {members: [{variant: one, seeds: all}, {variant: two, seeds: [3]}], paper: "38.1"}
        fit: {members: [{variant: one, seeds: all}], shares: tuned, tune: 1/2}
        near: {members: [one], views: centre}
      published: {Sparse coding: "47.1"}
      compare: [{from: one, to: all}]
      """;

  @Test
  void ensemblesAreBySeedOrOfSeveralSeeds() {
    ExperimentSpec spec = read(ENSEMBLES);
    assertEquals(8, spec.runs());
    assertTrue(spec.variants().get(0).tenViews());
    assertFalse(spec.variants().get(1).tenViews());
    EnsembleSpec both = spec.ensembles().get(0);
    assertTrue(both.isBySeed());
    assertEquals(
        List.of("one-1 two-1", "one-3 two-3"), both.mixes().stream().map(this::runs).toList());
    assertEquals(OptionalLong.of(3), both.mixes().get(1).seed());
    assertEquals(List.of(3f, 1f), both.shares());
    EnsembleSpec all = spec.ensembles().get(1);
    assertFalse(all.isBySeed());
    assertEquals("one-1 one-2 one-3 two-3", runs(all.mixes().get(0)));
    assertTrue(all.looksTen(spec.variants().get(0)));
    assertFalse(all.looksTen(spec.variants().get(1)));
    assertEquals(Optional.of(new ExperimentSpec.Part(1, 2)), spec.ensembles().get(2).tune());
    assertFalse(spec.ensembles().get(3).looksTen(spec.variants().get(0)));
    assertEquals("47.1", spec.published().get("Sparse coding"));
  }

  private String runs(EnsembleSpec.Mix mix) {
    return mix.members().stream().map(EnsembleSpec.Member::run).collect(joining(" "));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "views: ten | views: then | views is 'then'; did you mean 'ten'? allowed: centre, ten",
        "{views: centre, seeds | {views: center, seeds | two.views is 'center'; did you mean 'centre'?",
        "[one], views: centre | [one], views: one | near.views is 'one'; allowed: centre, ten",
        "[1, 3]} | [1, 4]} | variants.two.seeds has 4; allowed: of [1, 2, 3]",
        "[one, two] | [one, too] | members[1] is 'too'; did you mean 'two'?",
        "[one, two] | [one, both] | members[1] is 'both'; allowed: one, two, half",
        "both: | two: | ensembles.two has the name of a variant; allowed: a name of its own",
        "[one, two] | [one, half] | learns part 1/2 of the classes, one learns all classes; allowed: members of the same",
        "[one, two] | [one, one] | members[1] comes twice",
        "[one, two] | [one, {variant: two, seeds: all}] | has members with and without seeds",
        "[3, 1] | [3, 1, 1] | shares has 3 numbers; allowed: 2, one for each network, or tuned",
        "[3, 1] | [0, 0] | shares has only 0; allowed: one number above 0",
        "[3, 1] | even | shares is 'even'; allowed: tuned, or a list of numbers",
        "[3, 1] | [3, -1] | shares[1]",
        "', tune: 1/2' | '' | lacks tune; allowed: the part of the held-out images",
        "tune: 1/2 | tune: 3/2 | tune is '3/2'; allowed: one of equal parts of the held-out images",
        "tune: 1/2 | tune: 1/1 | tune leaves no image to measure",
        "'tuned, tune' | '[1, 1, 1], tune' | fit.tune is for shares: tuned; allowed: both or none",
        "[one], views: centre | [one], shares: tuned | shares is tuned for one network",
        "[one], views: centre | [one] | members has one network; allowed: two or more, or other views",
        "seeds: [3]} | seeds: [2]} | all.members[1].seeds has 2; allowed: of [1, 3]",
        "seeds: [3]} | seeds: each} | seeds is 'each'; allowed: all, or a list of seeds",
        "to: all | to: al | compare[0].to is 'al'; did you mean 'all'?",
        "views: ten | measure: colour | ensembles would have no effect; allowed: only with measure: error",
        "half: {part: 1/2} | half: {start: {variant: two}} | has only the seeds [1, 3], not all of [1, 2, 3]",
      })
  void mistakesOfEnsemblesAreNamed(String text, String wrong, String message) {
    assertTrue(ENSEMBLES.contains(text), text);
    String file = ENSEMBLES.replace(text, wrong);
    ConfigException e = assertThrows(ConfigException.class, () -> read(file));
    assertTrue(e.getMessage().contains(message), e.getMessage());
    assertTrue(e.getMessage().startsWith("my.yaml:"), e.getMessage());
  }

  @Test
  void viewsAreOfErrors() {
    String file = FILE.replace("seeds:", "views: ten\nmeasure: epochs-to-quarter\nseeds:");
    ConfigException e = assertThrows(ConfigException.class, () -> read(file));
    assertTrue(e.getMessage().contains("views would have no effect"), e.getMessage());
  }

  @Test
  void listsAreSweptInAllCombinations() {
    ExperimentSpec spec =
        read(
            """
            base: paper-2012
            seeds: [1]
            sweep: {training.rate: [0.01, 0.02], network.layers.norm1.size: [3, 5, 7]}
            """);
    assertEquals(
        List.of(
            "rate-0.01-size-3",
            "rate-0.01-size-5",
            "rate-0.01-size-7",
            "rate-0.02-size-3",
            "rate-0.02-size-5",
            "rate-0.02-size-7"),
        spec.variants().stream().map(ExperimentSpec.Variant::name).toList());
    Configuration last = spec.variants().get(5).configuration();
    assertEquals(0.02f, last.training().rate());
    assertEquals(7, ((LayerSpec.Lrn) layer(last, "norm1")).size());
    String plain = FILE.substring(0, FILE.indexOf("compare"));
    ExperimentSpec both = read(plain + "sweep: {training.momentum: [0.5, 0.9]}\n");
    assertEquals(
        List.of(
            "whole-momentum-0.5", "whole-momentum-0.9", "bare-momentum-0.5", "bare-momentum-0.9"),
        both.variants().stream().map(ExperimentSpec.Variant::name).toList());
    ConfigException e =
        assertThrows(
            ConfigException.class, () -> read(plain + "sweep: {training.momentum: [0.5, 2]}\n"));
    assertTrue(e.getMessage().contains("my.yaml:7: sweep.training.momentum[1]"), e.getMessage());
  }

  private static final String SWEEP =
      """
      base: paper-2012
      seeds: [1]
      sweep: {training.rate: [0.01, 0.02]}
      variants:
        slow: {change: {training: {momentum: 0.5}}}
        quick: {}
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{training.rate: | {extends: | my.yaml:3: sweep.extends changes no preset; allowed: base, of all variants or of one",
        "{training.rate: | {name: | my.yaml:3: sweep.name has no effect; allowed: a name as the key of a variant",
        "momentum: 0.5 | rate: 0.001 | my.yaml:5: variants.slow.change.training.rate is swept as well, my.yaml:3: sweep.training.rate; allowed: one of the two",
        "{training.rate: [0.01, 0.02]} | {training.dropFactor: [0.1, 0.5], training.drops: [run-145-2010]} | ''",
        "{training.rate: [0.01, 0.02]} | {augmentation.noiseDivisor: [1, 1.1], augmentation.colourNoise: ['off']} | my.yaml:3: sweep.augmentation.noiseDivisor[1]: augmentation.noiseDivisor has no effect: colourNoise is off",
        "{training.rate: [0.01, 0.02]} | {network.layers.norm1.size: [3, 5]} | ''",
        "{training.rate: [0.01, 0.02]} | {start.from: [runs/a, runs/b]} | my.yaml:3: sweep.start.from[0] makes 'from-runs/a', which is no name of a variant; allowed: up to 80 letters",
        "{training.rate: [0.01, 0.02]} | {start.from: [a, b]} | ''",
        "{training.rate: [0.01, 0.02]} | {} | my.yaml:3: sweep is empty; allowed: KEY: [VALUE, ...], one or more",
        "slow: | a-name-of-seventy-five-letters-which-is-as-long-as-names-of-variants-may-be-x: | my.yaml:3: sweep makes 'a-name-of-seventy-five-letters-which-is-as-long-as-names-of-variants-may-be-x-rate-0.01', which",
        "slow: | slow one: | my.yaml:5: variants.slow one is no name of a variant; allowed: up to 80 letters",
      })
  void whatIsSweptHasAnEffect(String text, String wrong, String message) {
    assertTrue(SWEEP.contains(text), text);
    String file = SWEEP.replace(text, wrong);
    if (message.isEmpty()) {
      read(file);
      return;
    }
    ConfigException e = assertThrows(ConfigException.class, () -> read(file));
    assertTrue(e.getMessage().startsWith(message), e.getMessage());
  }

  @Test
  void aStateOfAWholeIsOneOfItsParts() {
    String file =
        SWEEP
            .replace("training.rate", "network.layers.norm1.size")
            .replace("[0.01, 0.02]", "[3, 7]")
            .replace("{training: {momentum: 0.5}}", "{network: {layers: {norm1: off}}}");
    ConfigException e = assertThrows(ConfigException.class, () -> read(file));
    assertTrue(
        e.getMessage().startsWith("my.yaml:5: variants.slow.change.network.layers.norm1 is swept"),
        e.getMessage());
    String start = SWEEP.replace("training.rate: [0.01, 0.02]", "start.from: [a, b]");
    String both = start.replace("quick: {}", "quick: {start: {variant: slow-from-a}}");
    e = assertThrows(ConfigException.class, () -> read(both));
    assertTrue(e.getMessage().startsWith("my.yaml:6: variants.quick.start is swept"), "" + e);
  }

  private static LayerSpec layer(Configuration configuration, String name) {
    return configuration.network().layers().stream()
        .filter(layer -> layer.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "seeds: [1, 2] | seeds: [1, 1] | my.yaml:2: seeds has 1 twice; allowed: each seed once",
        "seeds: [1, 2] | seeds: [] | lacks seeds; allowed: a list of whole numbers",
        "base: paper-2012 | base: paper-2021 | base is 'paper-2021'; did you mean 'paper-2012'?",
        "{paper: \"37.5\"} | {papers: 1} | variants.whole.papers is no known key; did you mean 'paper'?",
        "norm1: off | norm9: off | variants.bare.change.network.layers.norm9 is no layer of paper-2012; did you mean 'norm1'?",
        "from: bare | from: bar | compare[0].from is 'bar'; did you mean 'bare'?",
        "whole: | 'wh ole': | is no name of a variant; allowed: up to 80 letters, digits",
        "{paper: \"37.5\"} | {start: {variant: bare}} | variants.whole.start.variant is 'bare'",
        "seeds: [1, 2] | seed: [1, 2] | lacks seeds; allowed: a list",
        "change: {training: | change: {extends: demo, training: | my.yaml:3: change.extends changes no preset; allowed: base, of all",
        "change: {training: | change: {name: '///', training: | my.yaml:3: change.name has no effect; allowed: a name as the key",
        "bare: {change: { | bare: {change: {name: other, | my.yaml:6: variants.bare.change.name has no effect; allowed: a name",
        "bare: {change: { | bare: {change: {extends: no-such, | my.yaml:6: variants.bare.change.extends changes no preset",
        "bare: {change: { | bare: {start: {variant: whole}, change: {start: {from: runs/x}, | my.yaml:6: variants.bare.change.start has no effect beside my.yaml:6: variants.bare.start; allowed: one of the two",
        "compare: | compares: | compares is no known key; did you mean 'compare'?",
      })
  void mistakesAreNamed(String text, String wrong, String message) {
    assertTrue(FILE.contains(text), text);
    ConfigException e = assertThrows(ConfigException.class, () -> read(FILE.replace(text, wrong)));
    assertTrue(e.getMessage().contains(message), e.getMessage());
  }
}
