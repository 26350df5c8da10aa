package org.alexnet4j.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.Map;
import org.alexnet4j.config.ConfigReader;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What units see, against the sizes that are known of this network. */
class ReceptiveFieldTest {
  private static final Map<String, ReceptiveField> FIELDS =
      ReceptiveField.of(ConfigReader.preset("paper-2012").network().layers());

  /**
   * Sizes and jumps as Araujo, Norris and Sim give them for AlexNet ("Computing receptive fields of
   * convolutional neural networks", Distill 2019: 195 and 32 at the end); starts by hand, as each
   * padding of p moves them back by p times the jump before it.
   */
  @ParameterizedTest
  @CsvSource({
    "conv1, 11, 4, 0",
    "relu1, 11, 4, 0",
    "norm1, 11, 4, 0",
    "pool1, 19, 8, 0",
    "conv2, 51, 8, -16",
    "pool2, 67, 16, -16",
    "conv3, 99, 16, -32",
    "conv4, 131, 16, -48",
    "conv5, 163, 16, -64",
    "pool5, 195, 32, -64",
  })
  void theSizesAreThePublishedOnes(String layer, int size, int jump, int start) {
    assertEquals(new ReceptiveField(start, jump, size), FIELDS.get(layer));
  }

  @ParameterizedTest
  @CsvSource({"conv3, 0, 0, 67", "conv3, 2, 0, 99", "conv3, 3, 16, 115", "conv3, 12, 160, 224"})
  void theBorderCutsThem(String layer, int index, int first, int end) {
    assertEquals(first, FIELDS.get(layer).first(index));
    assertEquals(end, FIELDS.get(layer).end(index, 224));
    assertFalse(FIELDS.containsKey("fc6"));
  }
}
