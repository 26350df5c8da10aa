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
 * Locally connected ones have the position first, {@code [P][Q][out][in][row][column]}, and so have
 * their biases, {@code [P][Q][out]}.
 *
 * <p>A row is what belongs to one output, where they are not shared at one position.
 *
 * @param name {@code conv1.weight}, {@code fc8.bias}, ...
 * @param shape extents, first the outputs, before them only positions
 * @param pieces what each tower holds of it
 */
public record TensorSpec(
    String name, ImmutableList<Long> shape, ImmutableList<ParameterSpec> pieces) {

  /**
   * {@return all tensors of a plan in the order of its layers, weights before biases}
   *
   * @param plan of any purpose
   */
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
    String kind =
        plan.layers().stream().filter(l -> l.name().equals(p.layer())).findFirst().get().kind();
    ImmutableList.Builder<Long> shape = ImmutableList.builder();
    if (kind.equals("local")) {
      shape.add((long) p.positionRows(), (long) p.positionColumns());
    }
    shape.add((long) p.wholeOutputs());
    long channels = p.wholeChannels();
    if (p.part() == Part.WEIGHT && kind.equals("fc")) {
      shape.add(channels * p.rows() * p.columns());
    } else if (p.part() == Part.WEIGHT) {
      shape.add(channels, (long) p.rows(), (long) p.columns());
    }
    return new TensorSpec(name, shape.build(), ImmutableList.copyOf(pieces));
  }

  /** {@return the values of one row} */
  public int rowCount() {
    ParameterSpec piece = pieces.get(0);
    return (int) (count() / piece.wholeOutputs() / piece.positions());
  }

  /** {@return all values} */
  public long count() {
    return shape.stream().mapToLong(Long::longValue).reduce(1, Math::multiplyExact);
  }

  /**
   * Copies whole rows into the layout of a tower's piece.
   *
   * @param piece which channels to take
   * @param whole {@code rows} rows of this tensor
   * @param rows how many
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
   * @param rows how many
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
