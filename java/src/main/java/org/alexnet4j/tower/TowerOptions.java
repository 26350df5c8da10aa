package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.List;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.device.ForcedKernel;
import org.alexnet4j.device.Transport;

/**
 * How towers run; none of it but engine and kernels changes a bit of a result.
 *
 * @param mode how operations get to the devices, or null for what devices and {@code ALEXNET_GRAPH}
 *     say
 * @param transport how planes get from tower to tower
 * @param patience how long a tower may need for one operation, or null for what {@code
 *     ALEXNET_PATIENCE} says
 * @param engine whose code carries out operations, or null for what {@code ALEXNET_ENGINE} says
 * @param kernels variants in place of those that shapes and environment choose
 */
public record TowerOptions(
    StepMode mode,
    Transport transport,
    Duration patience,
    EngineKind engine,
    ImmutableList<ForcedKernel> kernels) {
  /** Everything as devices and environment say. */
  public static final TowerOptions DEFAULT =
      new TowerOptions(null, Transport.AUTO, null, null, ImmutableList.of());

  /** Returns the same with another mode. */
  public TowerOptions with(StepMode other) {
    return new TowerOptions(other, transport, patience, engine, kernels);
  }

  /** Returns the same with another transport. */
  public TowerOptions with(Transport other) {
    return new TowerOptions(mode, other, patience, engine, kernels);
  }

  /** Returns the same with another patience. */
  public TowerOptions with(Duration other) {
    return new TowerOptions(mode, transport, other, engine, kernels);
  }

  /** Returns the same with another engine. */
  public TowerOptions with(EngineKind other) {
    return new TowerOptions(mode, transport, patience, other, kernels);
  }

  /** Returns the same with other kernels. */
  public TowerOptions with(List<ForcedKernel> others) {
    return new TowerOptions(mode, transport, patience, engine, ImmutableList.copyOf(others));
  }
}
