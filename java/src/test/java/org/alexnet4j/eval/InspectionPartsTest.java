package org.alexnet4j.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.junit.jupiter.api.Test;

/** The parts of an inspection, each against numbers worked out by hand. */
class InspectionPartsTest {

  @Test
  void nearestKeepsTheClosestAndTheEarlierOfEquals() {
    Nearest nearest = new Nearest(new float[] {0, 0}, 3);
    float[] rows = {3, 4, 0, 1, 5, 0, 1, 0, 9, 9};
    for (int i = 0; i < 5; i++) {
      nearest.add(i, rows, 2 * i);
    }
    assertEquals(
        List.of(new Nearest.Row(1, 1), new Nearest.Row(3, 1), new Nearest.Row(0, 5)),
        nearest.rows());
  }

  @Test
  void confusionShowsTheWorstClasses() {
    Confusion confusion = new Confusion(4);
    int[][] seen = {{0, 0}, {0, 0}, {1, 2}, {1, 2}, {2, 1}, {3, 0}, {2, 0}};
    for (int[] pair : seen) {
      confusion.add(pair[0], pair[1]);
    }
    Confusion.Table worst = confusion.worst(List.of("a", "b", "c", "d"), 2);
    assertEquals(List.of("c", "b"), worst.classes());
    assertArrayEquals(new int[] {0, 1}, worst.counts().get(0));
    assertArrayEquals(new int[] {2, 0}, worst.counts().get(1));
    assertEquals(List.of(1, 0), worst.others());
    assertEquals(2, worst.hidden());
    assertEquals(
        List.of("a", "b", "c", "d"), confusion.worst(List.of("a", "b", "c", "d"), 4).classes());
  }

  @Test
  void unitsThatNeverFireAreDead() {
    LayerStatistics statistics = new LayerStatistics(3);
    statistics.add(new float[] {0, 1, 0, 0, 3, 0, 99, 99, 99}, 6); // the last three do not count
    statistics.add(new float[] {0, 0, 2}, 3);
    LayerStatistics.Summary summary = statistics.summary(1, 0.5);
    assertEquals(1, summary.dead());
    assertEquals(3, summary.units());
    assertEquals(6.0 / 9, summary.zeros(), 1e-12);
    assertEquals(6.0 / 9, summary.mean(), 1e-12);
    assertEquals(Math.sqrt(14.0 / 9 - 4.0 / 9), summary.deviation(), 1e-12);
    assertEquals(0, summary.low());
    assertEquals(3, summary.high());
    assertEquals(6, summary.bins()[0]);
    assertEquals(1, summary.bins()[39]);
    long counted = 0;
    for (long bin : summary.bins()) {
      counted += bin;
    }
    assertEquals(9, counted);
  }

  /** Classes that take turns would show one only, were every tenth image taken. */
  @Test
  void aSampleSeesEveryClassAndNoImageTwice() throws IOException {
    try (Dataset whole = Datasets.open("synthetic:train=400,test=1", DataOptions.train())) {
      EvenSample sample = EvenSample.of(whole, 40);
      Set<String> names = new HashSet<>();
      Set<Integer> classes = new HashSet<>();
      for (int i = 0; i < sample.size(); i++) {
        names.add(sample.name(i));
        classes.add(sample.label(i));
      }
      assertEquals(40, names.size());
      assertTrue(classes.size() >= 8, classes.toString());
      assertEquals(400, EvenSample.of(whole, 1000).size());
    }
  }

  @Test
  void theLastHiddenLayerIsThePapers() {
    assertEquals("relu7", Features.lastHidden(ConfigReader.preset("paper-2012").network()));
    assertEquals("relu4", Features.lastHidden(ConfigReader.preset("cifar10-80sec").network()));
  }
}
