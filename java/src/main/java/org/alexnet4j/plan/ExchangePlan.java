package org.alexnet4j.plan;

import com.google.common.collect.ImmutableList;

/**
 * Lists where towers meet: every movement of a step, in the order in which they are planned.
 *
 * @param transfers all movements
 */
public record ExchangePlan(ImmutableList<Transfer> transfers) {

  /** Returns the bytes that move from one tower to another in one direction of a step. */
  long bytes(Transfer.Direction direction, int from, int to) {
    return transfers.stream()
        .filter(t -> t.direction() == direction && t.from() == from && t.to() == to)
        .mapToLong(Transfer::bytes)
        .sum();
  }

  /** {@return all bytes that cross in a step} */
  public long bytes() {
    return transfers.stream().mapToLong(Transfer::bytes).sum();
  }
}
