package org.alexnet4j.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Parts of images, by class in turns. */
class ImagePartTest {
  private static Dataset synthetic(int test) throws IOException {
    DataOptions options = DataOptions.train().withSplit(DataOptions.Split.HELD_OUT).withSource(8);
    return Datasets.open("synthetic:test=" + test, options);
  }

  private static List<Integer> places(ChosenImages images) {
    return IntStream.range(0, images.size()).mapToObj(images::place).toList();
  }

  /** Class c has the images c, 10 + c and 20 + c: turns go 0, 10, 20, then 1, 11, 21. */
  @Test
  void imagesOfAClassTakeTurns() throws IOException {
    Dataset set = synthetic(30);
    ChosenImages first = new ImagePart(1, 2).in(set);
    assertEquals(List.of(0, 2, 4, 6, 8, 11, 13, 15, 17, 19, 20, 22, 24, 26, 28), places(first));
    ChosenImages second = ImagePart.of("2/2").in(set);
    assertEquals(places(second), places(new ImagePart(1, 2).outside(set)));
    assertEquals(15, second.size());
    assertEquals(set.name(11), first.name(5));
    assertEquals(set.label(11), first.label(5));
    assertEquals(20, ImagePart.of("2/3").outside(set).size());
  }

  /** Classes of one image each are split as well as those of many. */
  @Test
  void noPartIsEmptyWhileThereAreImages() throws IOException {
    Dataset set = synthetic(10);
    assertEquals(List.of(0, 2, 4, 6, 8), places(new ImagePart(1, 2).in(set)));
    assertEquals(0, new ImagePart(2, 2).in(synthetic(1)).size());
  }

  @ParameterizedTest
  @ValueSource(strings = {"0/2", "3/2", "1/1", "half", "1/2/3", ""})
  void whatIsNoPartIsRefused(String text) {
    Exception e = assertThrows(IllegalArgumentException.class, () -> ImagePart.of(text));
    assertTrue(e.getMessage().contains("'" + text + "' is no part; allowed: one of"));
  }
}
