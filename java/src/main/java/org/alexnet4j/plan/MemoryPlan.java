package org.alexnet4j.plan;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.alexnet4j.plan.BufferSpec.Kind;

/**
 * Where each buffer of a tower lies in its one arena. Buffers whose lives do not overlap share
 * memory.
 *
 * @param offsets offset of each buffer by id, bytes; -1 for images, which lie elsewhere
 * @param lives first and last operation that needs each buffer
 * @param bytes size of the arena
 * @hidden
 */
public record MemoryPlan(ImmutableList<Long> offsets, ImmutableList<Life> lives, long bytes) {
  private static final long ALIGNMENT = 4096;

  /**
   * The operations between which content must stay, both included.
   *
   * @param first index of the first operation, forward and backward counted through
   * @param last index of the last one
   * @hidden
   */
  public record Life(int first, int last) {
    boolean overlaps(Life other) {
      return first <= other.last && other.first <= last;
    }
  }

  /**
   * Places what comes in one copy at the start, then the largest buffers first, each at the lowest
   * offset that no living neighbour uses.
   */
  static MemoryPlan place(List<BufferSpec> buffers, List<Life> lives) {
    long[] offsets = new long[buffers.size()];
    List<BufferSpec> placed = new ArrayList<>();
    List<BufferSpec> order = new ArrayList<>(buffers);
    order.removeIf(b -> !b.isWhole());
    order.sort(
        Comparator.comparing((BufferSpec b) -> b.kind() != Kind.STEP)
            .thenComparing(b -> b.kind() == Kind.STEP ? 0 : -b.bytes())
            .thenComparing(BufferSpec::id));
    long total = 0;
    for (BufferSpec buffer : order) {
      if (buffer.kind() == Kind.IMAGES) {
        offsets[buffer.id()] = -1;
        continue;
      }
      long offset = lowestOffset(buffer, placed, offsets, lives);
      offsets[buffer.id()] = offset;
      total = Math.max(total, offset + aligned(buffer.bytes()));
      placed.add(buffer);
    }
    for (BufferSpec part : buffers) {
      if (!part.isWhole()) {
        offsets[part.id()] = offsets[part.memory()] + part.within().firstByte();
      }
    }
    ImmutableList.Builder<Long> result = ImmutableList.builder();
    for (long offset : offsets) {
      result.add(offset);
    }
    return new MemoryPlan(result.build(), ImmutableList.copyOf(lives), total);
  }

  private static long lowestOffset(
      BufferSpec buffer, List<BufferSpec> placed, long[] offsets, List<Life> lives) {
    List<BufferSpec> neighbours = new ArrayList<>();
    for (BufferSpec other : placed) {
      if (lives.get(other.id()).overlaps(lives.get(buffer.id()))) {
        neighbours.add(other);
      }
    }
    neighbours.sort(Comparator.comparingLong(b -> offsets[b.id()]));
    long offset = 0;
    for (BufferSpec other : neighbours) {
      if (offset + aligned(buffer.bytes()) <= offsets[other.id()]) {
        break;
      }
      offset = Math.max(offset, offsets[other.id()] + aligned(other.bytes()));
    }
    return offset;
  }

  private static long aligned(long bytes) {
    return (bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
  }
}
