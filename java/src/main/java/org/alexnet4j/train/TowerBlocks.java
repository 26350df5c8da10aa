package org.alexnet4j.train;

import java.nio.FloatBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How the rows of a tensor come from those of another one with as many outputs. The rows are
 * channel-major with tower a's channels first, so what a filter sees of one tower is one block.
 *
 * <ul>
 *   <li>The same shape: the row itself.
 *   <li>Joined: the filters saw a group's channels and see all now: the other groups' are zeros, so
 *       the layer computes what it did.
 *   <li>Split: they saw all channels and see their group's now: the other groups' are left out.
 * </ul>
 *
 * @param outputs rows of either
 * @param fromRow values of a row there
 * @param toRow values of a row here
 */
record TowerBlocks(int outputs, int fromRow, int toRow) {

  /**
   * Returns how a tensor comes from another, if it does.
   *
   * @param from extents there, first the outputs
   * @param to extents here
   */
  static Optional<TowerBlocks> between(List<Long> from, List<Long> to) {
    if (from.size() != to.size()
        || !from.get(0).equals(to.get(0))
        || !window(from).equals(window(to))
        || row(from) < 1
        || row(from) > Integer.MAX_VALUE) {
      return Optional.empty();
    }
    int outputs = Math.toIntExact(to.get(0));
    int fromRow = (int) row(from);
    int toRow = (int) row(to);
    int block = Math.min(fromRow, toRow);
    int groups = Math.max(fromRow, toRow) / block;
    boolean whole = (long) groups * block == Math.max(fromRow, toRow) && outputs % groups == 0;
    return whole ? Optional.of(new TowerBlocks(outputs, fromRow, toRow)) : Optional.empty();
  }

  private static List<Long> window(List<Long> shape) {
    return shape.subList(Math.min(2, shape.size()), shape.size());
  }

  /** Returns the values of a row; a file holds no more than a long can count. */
  private static long row(List<Long> shape) {
    return shape.stream().skip(1).mapToLong(Long::longValue).reduce(1, (a, b) -> a * b);
  }

  /** Says what happens, if it is more than a copy. */
  Optional<String> note() {
    if (fromRow == toRow) {
      return Optional.empty();
    }
    return Optional.of(
        fromRow < toRow
            ? "joins " + toRow / fromRow + " towers, with zeros between them"
            : "splits " + fromRow / toRow + " towers; what lay between them is left out");
  }

  /** Fills whole rows. */
  void copy(FloatBuffer from, int first, int rows, float[] to) {
    int block = Math.min(fromRow, toRow);
    int groups = Math.max(fromRow, toRow) / block;
    if (fromRow < toRow) {
      Arrays.fill(to, 0, rows * toRow, 0);
    }
    for (int i = 0; i < rows; i++) {
      int group = (int) ((long) (first + i) * groups / outputs);
      int at = (first + i) * fromRow + (fromRow > toRow ? group * block : 0);
      from.get(at, to, i * toRow + (fromRow < toRow ? group * block : 0), block);
    }
  }
}
