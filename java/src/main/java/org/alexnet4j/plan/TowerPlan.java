package org.alexnet4j.plan;

import com.google.common.collect.ImmutableList;
import java.util.stream.Stream;

/**
 * What one tower does in a step and what memory it needs.
 *
 * @param tower index, 0 is tower a
 * @param buffers all buffers by id
 * @param forward operations of the forward pass, in order
 * @param backward operations of the backward pass and the update, in order
 * @param parameters pieces of parameter tensors on this tower
 * @param memory where each buffer lies
 */
public record TowerPlan(
    int tower,
    ImmutableList<BufferSpec> buffers,
    ImmutableList<Operation> forward,
    ImmutableList<Operation> backward,
    ImmutableList<ParameterSpec> parameters,
    MemoryPlan memory) {

  /** Returns the operations of both passes, in order. */
  public Stream<Operation> operations() {
    return Stream.concat(forward.stream(), backward.stream());
  }

  /** Returns the bytes at the start of the arena that come with a pass in one copy. */
  public long stepBytes() {
    return buffers.stream()
        .filter(b -> b.kind() == BufferSpec.Kind.STEP)
        .mapToLong(b -> memory.offsets().get(b.id()) + b.bytes())
        .max()
        .orElseThrow();
  }

  /** Returns the parameters on this tower. */
  public long parameterCount() {
    return parameters.stream().mapToLong(ParameterSpec::count).sum();
  }

  /**
   * Returns the buffer with a name.
   *
   * @throws IllegalArgumentException if there is none
   */
  public BufferSpec buffer(String name) {
    return buffers.stream()
        .filter(b -> b.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("no buffer named '" + name + "'"));
  }
}
