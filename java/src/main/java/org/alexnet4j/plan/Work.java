package org.alexnet4j.plan;

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
    double bytes = 0;
    for (int id : operation.buffers()) {
      bytes += tower.buffers().get(id).bytes() * (isUpdated(operation, id) ? 2 : 1);
    }
    return new Work(2.0 * macs(operation), bytes);
  }

  /** Returns the time on a device that reaches its ceilings, seconds. */
  public double seconds(DeviceRates rates) {
    return Math.max(flops / rates.flopsPerSecond(), bytes / rates.bytesPerSecond());
  }

  private static boolean isUpdated(Operation operation, int id) {
    if (operation instanceof Operation.SgdUpdate o) {
      return o.parameters().stream().anyMatch(p -> isUpdated(p, id));
    }
    return operation instanceof Operation.FcWgradUpdate o && isUpdated(o.parameter(), id);
  }

  private static boolean isUpdated(ParameterSpec parameter, int id) {
    return id == parameter.value() || id == parameter.velocity();
  }

  private static long macs(Operation operation) {
    if (operation instanceof Operation.ConvFprop o) {
      return o.shape().macs();
    }
    if (operation instanceof Operation.ConvDgrad o) {
      return o.shape().macs();
    }
    if (operation instanceof Operation.ConvWgrad o) {
      return o.shape().macs();
    }
    if (operation instanceof Operation.FcFprop o) {
      return o.shape().macs();
    }
    if (operation instanceof Operation.FcDgrad o) {
      return o.shape().macs();
    }
    if (operation instanceof Operation.FcWgradUpdate o) {
      return o.shape().macs();
    }
    return operation instanceof Operation.FcWgrad o ? o.shape().macs() : 0;
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
