package org.alexnet4j.tower.time;

/**
 * How long one operation took over all measured passes, from its call to its return; on {@code cpu}
 * and {@code emu} that is the whole operation.
 *
 * @param tower index
 * @param layer layer
 * @param operation kind: ConvFprop, Receive, ...
 * @param backward whether it belongs to the backward pass
 * @param nanos sum
 * @param passes how many passes were measured
 */
public record OperationTime(
    int tower, String layer, String operation, boolean backward, long nanos, long passes) {}
