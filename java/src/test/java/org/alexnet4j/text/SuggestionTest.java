package org.alexnet4j.text;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SuggestionTest {
  private static final List<String> LAYERS =
      List.of("conv", "dropout", "fc", "lrn", "pool", "relu", "softmax", "tanh");

  @ParameterizedTest
  @CsvSource({
    "cnv, conv", // a letter left out
    "convv, conv", // one too many
    "conw, conv", // another one
    "ocnv, conv", // two swapped, counted once
    "CONV, conv", // case is no difference
    "drpout, dropout",
    "sofmtax, softmax",
    "lnr, lrn",
    "batchnorm, ''",
    "x, ''", // any word of one letter is one change away
    "'', ''"
  })
  void nearestNameWithinAThirdOfTheLetters(String given, String name) {
    assertEquals(name, Suggestion.nearest(given, LAYERS).orElse(""));
  }

  @Test
  void firstOfSeveralIsTaken() {
    assertEquals("norm1", Suggestion.nearest("norm9", List.of("norm1", "norm2")).orElseThrow());
  }

  @Test
  void distancesAreThoseOfTheDefinition() {
    assertEquals(3, Suggestion.distance("kitten", "sitting"));
    assertEquals(1, Suggestion.distance("ab", "ba"));
    assertEquals(5, Suggestion.distance("", "norm1"));
    assertEquals(2, Suggestion.distance("nrom2", "norm1"));
  }

  @Test
  void messageEndsWithWhatIsAllowed() {
    assertEquals(
        "did you mean 'max'? allowed: max, average",
        Suggestion.allowed("mxa", List.of("max", "average")));
    assertEquals("allowed: max, average", Suggestion.allowed("median", List.of("max", "average")));
  }

  @Test
  void longTextsCostNothing() {
    assertEquals("", Suggestion.nearest("a".repeat(10_000_000), LAYERS).orElse(""));
  }
}
