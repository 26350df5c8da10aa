package org.alexnet4j.plan;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
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
 * @hidden
 */
public record TowerPlan(
    int tower,
    ImmutableList<BufferSpec> buffers,
    ImmutableList<Operation> forward,
    ImmutableList<Operation> backward,
    ImmutableList<ParameterSpec> parameters,
    MemoryPlan memory) {

  /** {@return the operations of both passes, in order} */
  public Stream<Operation> operations() {
    return Stream.concat(forward.stream(), backward.stream());
  }

  /** {@return the bytes at the start of the arena that come with a pass in one copy} */
  public long stepBytes() {
    return buffers.stream()
        .filter(b -> b.kind() == BufferSpec.Kind.STEP)
        .mapToLong(b -> memory.offsets().get(b.id()) + b.bytes())
        .max()
        .orElseThrow();
  }

  /**
   * {@return the buffers with a name, one for each slice of the step, in their order; where there
   * are no slices the one}
   *
   * @param name without the number of the slice
   * @throws IllegalArgumentException if there is none
   */
  public ImmutableList<BufferSpec> slices(String name) {
    ImmutableList.Builder<BufferSpec> found = ImmutableList.builder();
    Optional<BufferSpec> next = find(name + ".s0");
    if (next.isEmpty()) {
      return ImmutableList.of(buffer(name));
    }
    for (int slice = 1; next.isPresent(); slice++) {
      found.add(next.get());
      next = find(name + ".s" + slice);
    }
    return found.build();
  }

  private Optional<BufferSpec> find(String name) {
    return buffers.stream().filter(b -> b.name().equals(name)).findFirst();
  }

  /** {@return the parameters on this tower} */
  public long parameterCount() {
    return parameters.stream().mapToLong(ParameterSpec::count).sum();
  }

  /**
   * {@return the buffer with a name}
   *
   * @param name as the plan calls it
   * @throws IllegalArgumentException if there is none
   */
  public BufferSpec buffer(String name) {
    return find(name)
        .orElseThrow(() -> new IllegalArgumentException("no buffer named '" + name + "'"));
  }
}
