package org.alexnet4j.eval;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * Keeps the rows that lie nearest to a point, by Euclidean distance (paper, section 6.1). Equal
 * distances go to the earlier row.
 *
 * @hidden
 */
public final class Nearest {
  private static final Comparator<Row> ORDER =
      Comparator.comparingDouble(Row::distance).thenComparingLong(Row::index);

  private final float[] point;
  private final int most;
  private final PriorityQueue<Row> rows = new PriorityQueue<>(ORDER.reversed());

  /**
   * A row and how far away it is.
   *
   * @param index its place
   * @param distance Euclidean, in the units of the layer
   * @hidden
   */
  public record Row(long index, double distance) {}

  /**
   * Searches around a point for {@code most} rows.
   *
   * @param point where to search
   * @param most how many
   */
  public Nearest(float[] point, int most) {
    this.point = point.clone();
    this.most = most;
  }

  /**
   * Looks at one row that begins at {@code offset}.
   *
   * @param index of the row
   * @param values has the row
   * @param offset its first value
   */
  public void add(long index, float[] values, int offset) {
    double sum = 0;
    for (int i = 0; i < point.length; i++) {
      double difference = values[offset + i] - point[i];
      sum += difference * difference;
    }
    rows.add(new Row(index, Math.sqrt(sum)));
    if (rows.size() > most) {
      rows.poll();
    }
  }

  /** {@return the nearest rows, the nearest first} */
  public List<Row> rows() {
    List<Row> sorted = new ArrayList<>(rows);
    sorted.sort(ORDER);
    return sorted;
  }
}
