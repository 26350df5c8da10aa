package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.plan.ParameterSpec;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.ParameterStore.Rows;

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
  private final List<ByteBuffer[]> copies = new ArrayList<>();
  private volatile boolean taken;

  /** Allocates the memory for a network in training; its content is undefined. */
  public ParameterSnapshot(Towers towers) {
    this.towers = towers;
    this.tensors = TensorSpec.of(towers.plan());
    for (Tower tower : towers.towers()) {
      ByteBuffer[] of = new ByteBuffer[tower.plan().buffers().size()];
      for (ParameterSpec piece : tower.plan().parameters()) {
        for (Role role : ROLES) {
          of[ParameterStore.bufferId(piece, role)] =
              ByteBuffer.allocateDirect(Math.multiplyExact(piece.count(), Float.BYTES))
                  .order(ByteOrder.nativeOrder());
        }
      }
      copies.add(of);
    }
  }

  /** Returns all whole tensors in the order of the layers. */
  public ImmutableList<TensorSpec> tensors() {
    return tensors;
  }

  /**
   * Copies what the towers hold now.
   *
   * @throws IllegalStateException if the towers are closed, or busy in another thread
   */
  public void take() {
    towers.begin("snapshot");
    try {
      taken = false;
      for (int t = 0; t < copies.size(); t++) {
        Tower tower = towers.towers().get(t);
        ByteBuffer[] of = copies.get(t);
        for (int id = 0; id < of.length; id++) {
          if (of[id] != null) {
            tower.buffer(id).copyOut(tower.stream(), of[id].clear());
          }
        }
      }
      taken = true;
    } finally {
      towers.end();
    }
  }

  /**
   * Reads a whole tensor of the copy, also when the towers are closed; the target takes the rows,
   * in order.
   *
   * @throws IllegalArgumentException if there is no tensor of this name and shape, or the role has
   *     no copy
   * @throws IllegalStateException if there is no whole copy
   */
  public void read(TensorSpec tensor, Role role, Rows target) throws IOException {
    if (!ROLES.contains(role)) {
      throw new IllegalArgumentException("role is " + role + "; allowed: " + ROLES);
    }
    if (!taken) {
      throw new IllegalStateException("no copy was taken, or taking one failed");
    }
    TensorSpec own = ParameterStore.own(tensors, tensor);
    ParameterStore.forEachChunk(
        own,
        (tower, group, firstRow, first, rows, whole, piece) -> {
          for (ParameterSpec part : group) {
            int perRow = part.rowCount();
            FloatBuffer copy =
                copies
                    .get(tower)[ParameterStore.bufferId(part, role)]
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
