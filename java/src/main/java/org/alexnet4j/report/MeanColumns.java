package org.alexnet4j.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Rows of numbers of any count in bounded memory: when there are too many, neighbours are replaced
 * by their mean, so that each row kept stands for as many rows as any other.
 */
final class MeanColumns {
  private final int most;
  private final int columns;
  private final List<double[]> sums = new ArrayList<>();
  private int perRow = 1;
  private int inLast;

  /**
   * Begins without rows.
   *
   * @param most rows to keep, even
   */
  MeanColumns(int columns, int most) {
    this.columns = columns;
    this.most = most;
  }

  void add(double... row) {
    if (inLast == 0 || inLast == perRow) {
      if (sums.size() == most) {
        halve();
      }
      sums.add(new double[columns]);
      inLast = 0;
    }
    double[] last = sums.get(sums.size() - 1);
    for (int c = 0; c < columns; c++) {
      last[c] += row[c];
    }
    inLast++;
  }

  private void halve() {
    for (int i = 0; i < sums.size() / 2; i++) {
      double[] pair = sums.get(2 * i);
      for (int c = 0; c < columns; c++) {
        pair[c] += sums.get(2 * i + 1)[c];
      }
      sums.set(i, pair);
    }
    sums.subList(sums.size() / 2, sums.size()).clear();
    perRow *= 2;
  }

  /** Returns how many rows each one that is kept stands for; the last may stand for fewer. */
  int perRow() {
    return perRow;
  }

  /** Returns one column; as floats, because a page needs no more digits. */
  float[] column(int column) {
    float[] means = new float[sums.size()];
    for (int i = 0; i < means.length; i++) {
      means[i] = (float) (sums.get(i)[column] / (i == means.length - 1 ? inLast : perRow));
    }
    return means;
  }
}
