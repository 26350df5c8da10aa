package org.alexnet4j.tower;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Operation;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.TowerPlan;
import org.alexnet4j.plan.cost.LargestBatch;
import org.alexnet4j.shape.Precision;

/**
 * A device has less free memory than the plans of its towers need. The text says how much is
 * missing and which batch would fit; {@link #plan} is there to be shown. Unchecked.
 */
public final class DeviceMemoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Scratch memory that a tower may need beside its arena for a product whose sum is taken in
   * parts, bytes: 528 tiles of 128 x 96 floats.
   */
  private static final long PARTS_BYTES = 4L * 528 * 128 * 96;

  /** What Java takes of the host's memory beside its heap, and images on their way, bytes. */
  private static final long BESIDE_BYTES = 128L << 20;

  private final transient Plan plan;

  private DeviceMemoryException(Plan plan, String text, Throwable cause) {
    super(text, cause);
    this.plan = plan;
  }

  /** {@return the plan that does not fit} */
  public Plan plan() {
    return plan;
  }

  /**
   * Describes that a plan does not fit.
   *
   * @param ids the device of each tower
   * @param device the one that has too little
   * @param free its free memory before anything was allocated, bytes
   * @param cause what the device answered, or null if it was not asked
   */
  static DeviceMemoryException of(
      Plan plan, List<DeviceId> ids, DeviceId device, long free, Throwable cause) {
    List<String> towers =
        IntStream.range(0, ids.size())
            .filter(t -> ids.get(t).sharesMemoryWith(device))
            .mapToObj(NetworkSpec::towerName)
            .toList();
    List<String> sharing =
        ids.stream().distinct().filter(device::sharesMemoryWith).map(DeviceId::toString).toList();
    int largest =
        LargestBatch.of(
            plan,
            p ->
                p.batch() < plan.batch()
                    && arenaBytes(p, ids, device) + workspaceBytes(p, ids, device) <= free);
    String text =
        String.format(
            Locale.ROOT,
            "%s %.1f MiB of free memory; tower %s needs %.1f MiB at a batch of %d%s. %s",
            sharing.size() > 1 ? String.join(" and ", sharing) + " together have" : device + " has",
            free / 0x1p20,
            String.join(" and ", towers),
            arenaBytes(plan, ids, device) / 0x1p20,
            plan.batch(),
            cause == null ? "" : " (" + cause.getMessage() + ")",
            largest > 0
                ? "The largest batch that fits is " + largest + ": --batch " + largest
                : "Not even one image fits: take another device, or one for each tower");
    return new DeviceMemoryException(plan, text, cause);
  }

  /**
   * Returns the bytes that arenas may take; 0 if the device does not say. On the host that is what
   * is free less what Java's heap may yet grow by, unless so little was asked for by a fault that
   * the heap is not meant to lie in it.
   */
  static long freeBytes(Device device) {
    long free = device.freeBytes();
    long heap = Runtime.getRuntime().maxMemory();
    if (device.id().kind() == DeviceKind.CUDA || device.totalBytes() <= heap) {
      return free;
    }
    long growth = heap - Runtime.getRuntime().totalMemory();
    return Math.max(1, free - growth - BESIDE_BYTES);
  }

  /**
   * Returns the bytes of scratch memory that towers on a device may need beside their arenas, or
   * more. In another precision than fp32 a kernel may round or widen all that an operation reads
   * and writes, into float32 values of its own; an update of all parameters does not.
   */
  static long workspaceBytes(Plan plan, List<DeviceId> ids, DeviceId device) {
    boolean converts = plan.arithmetic().precision() != Precision.FP32;
    return IntStream.range(0, ids.size())
        .filter(t -> ids.get(t).sharesMemoryWith(device))
        .mapToLong(t -> PARTS_BYTES + (converts ? convertedBytes(plan.towers().get(t)) : 0))
        .sum();
  }

  private static long convertedBytes(TowerPlan tower) {
    return tower
        .operations()
        .filter(operation -> !(operation instanceof Operation.SgdUpdate))
        .mapToLong(
            operation ->
                operation.buffers().stream()
                    .filter(id -> id >= 0)
                    .mapToLong(id -> Float.BYTES * tower.buffers().get(id).count())
                    .sum())
        .max()
        .orElse(0);
  }

  /**
   * Returns the bytes of arenas and images that lie on a device, or on one that shares its memory.
   */
  static long arenaBytes(Plan plan, List<DeviceId> ids, DeviceId device) {
    long devices = ids.stream().distinct().filter(device::sharesMemoryWith).count();
    return devices * plan.imageBytes()
        + IntStream.range(0, ids.size())
            .filter(t -> ids.get(t).sharesMemoryWith(device))
            .mapToLong(t -> plan.towers().get(t).memory().bytes())
            .sum();
  }
}
