package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.alexnet4j.plan.ParameterSpec;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.ParameterStore.Rows;
import org.alexnet4j.tower.link.RankValues;

/**
 * A copy of all weights and velocities in host memory, in the towers' own layout: taking it is one
 * copy per buffer, and training goes on while somebody joins the pieces into whole tensors.
 *
 * <p>The memory is allocated once and used for every copy. Threads: {@link #take} by the
 * coordinator between passes; {@link #read} by any thread, but not while a copy is taken.
 */
public final class ParameterSnapshot {
  private static final ImmutableList<Role> ROLES = ImmutableList.of(Role.VALUE, Role.VELOCITY);

  private final Towers towers;
  private final ImmutableList<TensorSpec> tensors;
  private final Map<Piece, ByteBuffer> copies = new LinkedHashMap<>();
  private volatile boolean taken;

  /** What one buffer holds. */
  private record Piece(ParameterSpec of, Role role) {}

  /**
   * Allocates the memory for a network in training; its content is undefined.
   *
   * @param towers whose parameters are copied
   */
  public ParameterSnapshot(Towers towers) {
    this.towers = towers;
    this.tensors = TensorSpec.of(towers.plan());
    for (TensorSpec tensor : tensors) {
      for (ParameterSpec piece : tensor.pieces()) {
        ROLES.forEach(
            role -> copies.put(new Piece(piece, role), isKept(piece) ? memory(piece) : null));
      }
    }
  }

  private static ByteBuffer memory(ParameterSpec piece) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(piece.count(), Float.BYTES))
        .order(ByteOrder.nativeOrder());
  }

  /** Returns whether this rank has a copy: the first one has all. */
  private boolean isKept(ParameterSpec piece) {
    return piece.isHere() || towers.ranks().rank() == 0;
  }

  /** {@return all whole tensors in the order of the layers} */
  public ImmutableList<TensorSpec> tensors() {
    return tensors;
  }

  /**
   * Copies what the towers hold now. All ranks do so together; then the first one has all, the
   * others what they have anyway.
   *
   * @throws IllegalStateException if the towers are closed, or busy in another thread
   */
  public void take() {
    towers.begin("snapshot");
    try {
      taken = false;
      copies.forEach(this::take);
      taken = true;
    } finally {
      towers.end();
    }
  }

  private void take(Piece piece, ByteBuffer copy) {
    ParameterSpec of = piece.of();
    towers.gatherOfRanks(of, piece.role());
    if (of.isHere()) {
      Tower tower = towers.towers().get(of.tower());
      int id = ParameterStore.bufferId(of, piece.role());
      tower.buffer(id).copyOut(tower.stream(), copy.clear());
    }
    if (of.rank() > 0) {
      long bytes = (long) Float.BYTES * of.count();
      ByteBuffer moved = copy == null ? null : copy.clear();
      RankValues.toFirst(towers.ranks(), Ranks.CONTROL, moved, bytes, of.rank());
    }
  }

  /**
   * Reads a whole tensor of the copy, also when the towers are closed; the target takes the rows,
   * in order.
   *
   * @param tensor which
   * @param role its values or velocities
   * @param target takes its rows
   * @throws IllegalArgumentException if there is no tensor of this name and shape, or the role has
   *     no copy
   * @throws IllegalStateException if there is no whole copy
   * @throws IOException what the target throws
   */
  public void read(TensorSpec tensor, Role role, Rows target) throws IOException {
    if (!ROLES.contains(role)) {
      throw new IllegalArgumentException("role is " + role + "; allowed: " + ROLES);
    }
    if (!taken) {
      throw new IllegalStateException("no copy was taken, or taking one failed");
    }
    if (towers.ranks() != null && towers.ranks().rank() > 0) {
      throw new IllegalStateException("the whole copy is at rank 0; this is another one");
    }
    TensorSpec own = ParameterStore.own(tensors, tensor);
    ParameterStore.forEachChunk(
        own,
        (tower, group, firstRow, first, rows, whole, piece) -> {
          for (ParameterSpec part : group) {
            int perRow = part.rowCount();
            FloatBuffer copy =
                copies
                    .get(new Piece(part, role))
                    .duplicate()
                    .order(ByteOrder.nativeOrder())
                    .clear()
                    .asFloatBuffer();
            copy.get(first * perRow, piece, 0, rows * perRow);
            own.join(part, piece, rows, whole);
          }
          target.at(firstRow, rows, whole);
        });
  }
}
