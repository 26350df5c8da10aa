package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.alexnet4j.device.StoredFloats;
import org.alexnet4j.io.Printable;
import org.alexnet4j.plan.ParameterSpec;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.tower.link.RankValues;

/**
 * Moves parameters between the towers and whole tensors, row by row, so that no tensor is ever held
 * twice.
 *
 * <p>Threads: any, one at a time, and none while a pass runs.
 */
public final class ParameterStore {
  private static final int CHUNK_VALUES = 1 << 20;

  /** Which buffer of a piece is meant. */
  public enum Role {
    /** The parameters themselves. */
    VALUE,
    /** What momentum keeps of earlier steps. */
    VELOCITY,
    /** The gradient of the last pass, where the plan keeps it. */
    GRADIENT
  }

  /** Gives or takes rows of a whole tensor. */
  public interface Rows {
    /**
     * Handles some rows.
     *
     * @param firstRow first one, counted through the whole tensor
     * @param rows how many
     * @param values {@code rows} times the tensor's row, from its start
     * @throws IOException if the rows cannot be read or written
     */
    void at(int firstRow, int rows, float[] values) throws IOException;
  }

  private final Towers towers;
  private final ImmutableList<TensorSpec> tensors;

  /**
   * Creates the view of a network's parameters.
   *
   * @param towers that hold the parameters
   */
  public ParameterStore(Towers towers) {
    this.towers = towers;
    this.tensors = TensorSpec.of(towers.plan());
  }

  /** {@return all whole tensors in the order of the layers} */
  public ImmutableList<TensorSpec> tensors() {
    return tensors;
  }

  /**
   * Writes a whole tensor into the towers; the source fills the rows asked for, in order. If it
   * fails, the tensor counts as not written.
   *
   * @param tensor of this network, or of another plan of the same
   * @param role which buffer
   * @param source gives rows
   * @throws IllegalArgumentException if there is no tensor of this name and shape, or the source
   *     gives a value that is no finite number
   * @throws IllegalStateException if the towers are closed, or busy in another thread
   * @throws IOException what the source throws
   */
  public void write(TensorSpec tensor, Role role, Rows source) throws IOException {
    TensorSpec own = own(tensor);
    writeAsItIs(
        own,
        role,
        (first, rows, values) -> {
          source.at(first, rows, values);
          requireFinite(own, first, rows, values);
        });
  }

  /**
   * The same with values that need not be finite: to look into a network that has diverged.
   *
   * @param tensor which, as the plan describes it
   * @param role which buffer
   * @param source gives rows
   * @throws IllegalArgumentException if there is no tensor of this name and shape
   * @throws IllegalStateException if the towers are closed, or busy in another thread
   * @throws IOException what the source throws
   */
  public void writeAsItIs(TensorSpec tensor, Role role, Rows source) throws IOException {
    TensorSpec own = own(tensor);
    towers.begin("write " + own.name());
    try {
      towers.ready().tensor(own.name(), role, false);
      forEachChunk(
          own,
          (index, group, firstRow, first, rows, whole, piece) -> {
            Tower tower = towers.towers().get(index);
            source.at(firstRow, rows, whole);
            for (ParameterSpec part : group) {
              if (!part.isHere()) {
                continue;
              }
              own.split(part, whole, rows, piece);
              int perRow = part.rowCount();
              write(tower, bufferId(part, role), first * perRow, piece, rows * perRow);
              if (role == Role.VALUE && part.copy() >= 0) {
                write(tower, part.copy(), first * perRow, piece, rows * perRow);
              }
            }
          });
      towers.towers().forEach(t -> t.engine().weightsChanged());
      towers.ready().tensor(own.name(), role, true);
    } finally {
      towers.end();
    }
  }

  /**
   * Reads a whole tensor from the towers; the target takes the rows, in order. All ranks do so
   * together.
   *
   * @param tensor of this network, or of another plan of the same
   * @param role which buffer
   * @param target takes rows
   * @throws IllegalArgumentException if there is no tensor of this name and shape
   * @throws IllegalStateException if the towers are closed, or busy in another thread
   * @throws IOException what the target throws
   */
  public void read(TensorSpec tensor, Role role, Rows target) throws IOException {
    TensorSpec own = own(tensor);
    towers.begin("read " + own.name());
    try {
      for (ParameterSpec part : own.pieces()) {
        towers.gatherOfRanks(part, role);
      }
      forEachChunk(
          own,
          (index, group, firstRow, first, rows, whole, piece) -> {
            Tower tower = towers.towers().get(index);
            for (ParameterSpec part : group) {
              int perRow = part.rowCount();
              if (part.isHere()) {
                int id = bufferId(part, role);
                StoredFloats.read(
                    tower.buffer(id),
                    tower.stream(),
                    tower.plan().buffers().get(id).valueBytes(),
                    (long) first * perRow,
                    piece,
                    rows * perRow);
              }
              if (part.rank() != ParameterSpec.EVERY_RANK) {
                RankValues.broadcast(
                    towers.ranks(), Ranks.CONTROL, piece, rows * perRow, part.rank());
              }
              own.join(part, piece, rows, whole);
            }
            target.at(firstRow, rows, whole);
          });
    } finally {
      towers.end();
    }
  }

  private static void requireFinite(TensorSpec tensor, int firstRow, int rows, float[] values) {
    int row = tensor.rowCount();
    for (int i = 0; i < rows * row; i++) {
      if (!Float.isFinite(values[i])) {
        throw new IllegalArgumentException(
            "tensor "
                + tensor.name()
                + ", "
                + place(tensor.pieces().get(0), firstRow + i / row)
                + ", value "
                + i % row
                + " is "
                + values[i]
                + "; allowed: finite numbers");
      }
    }
  }

  private static String place(ParameterSpec piece, int row) {
    String output = "output " + row % piece.wholeOutputs();
    int position = row / piece.wholeOutputs();
    return piece.positions() == 1
        ? output
        : output
            + " at ["
            + position / piece.positionColumns()
            + ","
            + position % piece.positionColumns()
            + "]";
  }

  private TensorSpec own(TensorSpec tensor) {
    return own(tensors, tensor);
  }

  /**
   * Returns the tensor of the same name and shape in a list: buffers are different in each plan.
   */
  static TensorSpec own(ImmutableList<TensorSpec> tensors, TensorSpec wanted) {
    for (TensorSpec tensor : tensors) {
      if (tensor.name().equals(wanted.name())) {
        if (!tensor.shape().equals(wanted.shape())) {
          throw new IllegalArgumentException(
              "tensor "
                  + tensor.name()
                  + " has the shape "
                  + wanted.shape()
                  + "; needed: "
                  + tensor.shape()
                  + ", as in this network");
        }
        return tensor;
      }
    }
    throw new IllegalArgumentException(
        "this network has no tensor "
            + Printable.name(wanted.name())
            + "; there are: "
            + Printable.names(tensors.stream().map(TensorSpec::name).toList()));
  }

  private static void write(Tower tower, int id, int first, float[] values, int count) {
    int valueBytes = tower.plan().buffers().get(id).valueBytes();
    StoredFloats.write(tower.buffer(id), tower.stream(), valueBytes, first, values, count);
  }

  static int bufferId(ParameterSpec piece, Role role) {
    int id =
        switch (role) {
          case VALUE -> piece.value();
          case VELOCITY -> piece.velocity();
          case GRADIENT -> piece.gradient();
        };
    if (id < 0) {
      throw new IllegalStateException(
          piece.tensor() + " has no " + role + " in a plan for this purpose");
    }
    return id;
  }

  /**
   * Handles some rows of one tower: from {@code firstRow} of the tensor, {@code first} of its own.
   */
  interface Chunk {
    void run(
        int tower,
        ImmutableList<ParameterSpec> group,
        int firstRow,
        int first,
        int rows,
        float[] whole,
        float[] piece)
        throws IOException;
  }

  /**
   * Visits the rows of a tensor in ascending order. Pieces with the same outputs see several
   * planes; at each position one tower's or block's outputs follow another's.
   */
  static void forEachChunk(TensorSpec tensor, Chunk chunk) throws IOException {
    Map<Integer, List<ParameterSpec>> byOutput = new TreeMap<>();
    for (ParameterSpec piece : tensor.pieces()) {
      byOutput.computeIfAbsent(piece.firstOutput(), first -> new ArrayList<>()).add(piece);
    }
    List<ImmutableList<ParameterSpec>> groups =
        byOutput.values().stream().map(ImmutableList::copyOf).toList();
    ParameterSpec any = tensor.pieces().get(0);
    boolean alone = any.outputs() == any.wholeOutputs(); // then all of its rows are neighbours
    int runs = alone ? 1 : any.positions();
    int most = tensor.pieces().stream().mapToInt(ParameterSpec::outputs).max().orElseThrow();
    int longest = alone ? any.positions() * most : most;
    int step = Math.max(1, Math.min(longest, CHUNK_VALUES / tensor.rowCount()));
    float[] whole = new float[step * tensor.rowCount()];
    float[] piece = new float[step * tensor.rowCount()];
    for (int i = 0; i < runs; i++) {
      for (ImmutableList<ParameterSpec> group : groups) {
        int run = alone ? longest : group.get(0).outputs();
        for (int first = 0; first < run; first += step) {
          int row = i * any.wholeOutputs() + group.get(0).firstOutput() + first;
          int rows = Math.min(step, run - first);
          chunk.run(group.get(0).tower(), group, row, i * run + first, rows, whole, piece);
        }
      }
    }
  }
}
