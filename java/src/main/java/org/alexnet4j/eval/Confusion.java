package org.alexnet4j.eval;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/** Counts which classes were taken for which. */
final class Confusion {
  private final int[][] counts;

  Confusion(int classes) {
    this.counts = new int[classes][classes];
  }

  void add(int label, int guess) {
    counts[label][guess]++;
  }

  /**
   * The classes with the most mistakes, among each other.
   *
   * @param classes names, the worst first; all in their own order if there are few
   * @param counts rows are the true classes, columns what they were taken for
   * @param others images of each row that were taken for a class that is not shown
   * @param hidden classes that are not shown
   */
  record Table(List<String> classes, List<int[]> counts, List<Integer> others, int hidden) {}

  /** Returns the {@code most} classes with the most images missed or wrongly claimed. */
  Table worst(List<String> names, int most) {
    List<Integer> shown = new ArrayList<>(IntStream.range(0, counts.length).boxed().toList());
    if (counts.length > most) {
      int[] mistakes = new int[counts.length];
      for (int a = 0; a < counts.length; a++) {
        for (int b = 0; b < counts.length; b++) {
          mistakes[a] += a == b ? 0 : counts[a][b] + counts[b][a];
        }
      }
      shown.sort(Comparator.comparingInt((Integer c) -> -mistakes[c]).thenComparingInt(c -> c));
      shown = shown.subList(0, most);
    }
    List<int[]> rows = new ArrayList<>();
    List<Integer> others = new ArrayList<>();
    for (int a : shown) {
      int[] row = shown.stream().mapToInt(b -> counts[a][b]).toArray();
      rows.add(row);
      others.add(IntStream.of(counts[a]).sum() - IntStream.of(row).sum());
    }
    List<String> classes = shown.stream().map(names::get).toList();
    return new Table(classes, rows, others, counts.length - shown.size());
  }
}
