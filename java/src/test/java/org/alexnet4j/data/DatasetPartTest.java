package org.alexnet4j.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Parts of a data set: none in two, none forgotten. */
class DatasetPartTest {
  private static final int ALL = 200;

  private static Dataset whole() throws IOException {
    return Datasets.open("synthetic:train=" + ALL + ",test=0,seed=5", DataOptions.train());
  }

  private static Set<String> names(Dataset images) {
    return IntStream.range(0, images.size()).mapToObj(images::name).collect(Collectors.toSet());
  }

  @Test
  void whatAPartLeavesOutIsTheRest() throws IOException {
    try (Dataset whole = whole()) {
      Set<String> taken = names(DatasetPart.of(whole, 7, 0, 160));
      Set<String> left = names(DatasetPart.of(whole, 7, 160, 40));
      assertEquals(160, taken.size());
      assertEquals(40, left.size());
      taken.addAll(left);
      assertEquals(names(whole), taken);
    }
  }

  @Test
  void theSeedDecidesAndALargerPartHasASmallerOne() throws IOException {
    try (Dataset whole = whole()) {
      Set<String> half = names(DatasetPart.of(whole, 7, 0, 100));
      assertTrue(names(DatasetPart.of(whole, 7, 0, 160)).containsAll(half));
      assertEquals(half, names(DatasetPart.of(whole, 7, 0, 100)));
      assertNotEquals(half, names(DatasetPart.of(whole, 8, 0, 100)));
    }
  }

  /** Labels and names go together, in a set whose classes come one after the other as well. */
  @Test
  void imagesKeepTheirLabels() throws IOException {
    try (Dataset whole = whole()) {
      Dataset part = DatasetPart.of(whole, 7, 50, 100);
      Set<String> seen = new HashSet<>();
      for (int i = 0; i < part.size(); i++) {
        for (int j = 0; j < whole.size(); j++) {
          if (whole.name(j).equals(part.name(i))) {
            assertEquals(whole.label(j), part.label(i));
            seen.add(part.name(i));
          }
        }
      }
      assertEquals(100, seen.size());
    }
  }
}
