package org.alexnet4j.plan.cost;

import org.alexnet4j.plan.Operation;
import org.alexnet4j.plan.TowerPlan;

/**
 * What an operation asks of a device at least.
 *
 * @param flops multiplications and additions of its products; those of other operations are not
 *     counted, because they wait for memory
 * @param bytes bytes moved if every operand crosses the memory bus once, updated ones twice
 */
public record Work(double flops, double bytes) {

  /** Returns the work of one operation of a tower. */
  public static Work of(Operation operation, TowerPlan tower) {
    return operation.accept(new WorkOf(tower));
  }

  /** Returns the time on a device that reaches its ceilings, seconds. */
  public double seconds(DeviceRates rates) {
    return Math.max(flops / rates.flopsPerSecond(), bytes / rates.bytesPerSecond());
  }

  /** What a device reaches. */
  public record DeviceRates(double flopsPerSecond, double bytesPerSecond) {
    /** Checks the values. */
    public DeviceRates {
      if (!(flopsPerSecond > 0) || !(bytesPerSecond > 0)) {
        throw new IllegalArgumentException(
            "rates are "
                + flopsPerSecond
                + " FLOP/s and "
                + bytesPerSecond
                + " B/s; allowed: above 0");
      }
    }
  }
}
