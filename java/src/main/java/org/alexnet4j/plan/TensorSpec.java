package org.alexnet4j.plan;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.alexnet4j.plan.ParameterSpec.Part;

/**
 * Describes one parameter tensor of the whole network, towers joined: the form in which weights are
 * exchanged with the world. Weights are {@code [out][in/groups][row][column]}, fully-connected ones
 * {@code [out][in]} with inputs channel-major (channel, row, column), tower a's channels first.
 *
 * @param name {@code conv1.weight}, {@code fc8.bias}, ...
 * @param shape extents, first the outputs
 * @param pieces what each tower holds of it
 */
public record TensorSpec(
    String name, ImmutableList<Long> shape, ImmutableList<ParameterSpec> pieces) {

  /** Returns all tensors of a plan in the order of its layers, weights before biases. */
  public static ImmutableList<TensorSpec> of(Plan plan) {
    Map<String, List<ParameterSpec>> byName = new LinkedHashMap<>();
    for (TowerPlan tower : plan.towers()) {
      for (ParameterSpec piece : tower.parameters()) {
        byName.computeIfAbsent(piece.tensor(), name -> new ArrayList<>()).add(piece);
      }
    }
    ImmutableList.Builder<TensorSpec> tensors = ImmutableList.builder();
    byName.forEach((name, pieces) -> tensors.add(of(plan, name, pieces)));
    return tensors.build();
  }

  private static TensorSpec of(Plan plan, String name, List<ParameterSpec> pieces) {
    ParameterSpec p = pieces.get(0);
    long outputs = p.wholeOutputs();
    long channels = p.wholeChannels();
    ImmutableList<Long> shape;
    if (p.part() == Part.BIAS) {
      shape = ImmutableList.of(outputs);
    } else if (plan.layers().stream()
        .anyMatch(l -> l.name().equals(p.layer()) && l.kind().equals("fc"))) {
      shape = ImmutableList.of(outputs, channels * p.rows() * p.columns());
    } else {
      shape = ImmutableList.of(outputs, channels, (long) p.rows(), (long) p.columns());
    }
    return new TensorSpec(name, shape, ImmutableList.copyOf(pieces));
  }

  /** Returns the values of one output. */
  public int rowCount() {
    return (int) (count() / shape.get(0));
  }

  /** Returns all values. */
  public long count() {
    return shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
  }

  /**
   * Copies whole rows into the layout of a tower's piece.
   *
   * @param piece which channels to take
   * @param whole {@code rows} rows of this tensor
   * @param rows outputs
   * @param to receives {@code [rows][r][s][c]}
   */
  public void split(ParameterSpec piece, float[] whole, int rows, float[] to) {
    move(piece, rows, (inWhole, inPiece) -> to[inPiece] = whole[inWhole]);
  }

  /**
   * Copies a tower's piece into whole rows; the reverse of {@link #split}.
   *
   * @param piece which channels it has
   * @param from {@code [rows][r][s][c]}
   * @param rows outputs
   * @param whole receives the piece's channels of {@code rows} rows
   */
  public void join(ParameterSpec piece, float[] from, int rows, float[] whole) {
    move(piece, rows, (inWhole, inPiece) -> whole[inWhole] = from[inPiece]);
  }

  private interface Move {
    void at(int inWhole, int inPiece);
  }

  private void move(ParameterSpec piece, int rows, Move move) {
    if (piece.part() == Part.BIAS) {
      for (int k = 0; k < rows; k++) {
        move.at(k, k);
      }
      return;
    }
    int window = piece.rows() * piece.columns();
    int row = rowCount();
    int inPiece = 0;
    for (int k = 0; k < rows; k++) {
      for (int rs = 0; rs < window; rs++) {
        for (int c = 0; c < piece.channels(); c++) {
          move.at(k * row + (piece.firstChannel() + c) * window + rs, inPiece++);
        }
      }
    }
  }
}
