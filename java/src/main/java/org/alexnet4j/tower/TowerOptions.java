package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import java.util.List;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.device.ForcedKernel;
import org.alexnet4j.device.Transport;
import org.alexnet4j.ranks.Ranks;

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
 * @param ranks the processes that take a part of the step each, or null if this one takes all
 */
public record TowerOptions(
    StepMode mode,
    Transport transport,
    Duration patience,
    EngineKind engine,
    ImmutableList<ForcedKernel> kernels,
    Ranks ranks) {
  /** Everything as devices and environment say. */
  public static final TowerOptions DEFAULT =
      new TowerOptions(null, Transport.AUTO, null, null, ImmutableList.of(), null);

  /**
   * {@return how long the environment lets a tower, or another rank, need for one operation}
   *
   * @throws IllegalArgumentException if {@code ALEXNET_PATIENCE} is no number of seconds
   */
  public static Duration patienceOfEnvironment() {
    return Watchdog.patience(System.getenv(Watchdog.VARIABLE));
  }

  /** Returns the patience, the environment's unless another one was asked for. */
  Duration patienceOrDefault() {
    return patience == null ? patienceOfEnvironment() : patience;
  }

  /**
   * {@return the same with another mode}
   *
   * @param other how passes run
   */
  public TowerOptions with(StepMode other) {
    return new TowerOptions(other, transport, patience, engine, kernels, ranks);
  }

  /**
   * {@return the same with another transport}
   *
   * @param other how planes cross
   */
  public TowerOptions with(Transport other) {
    return new TowerOptions(mode, other, patience, engine, kernels, ranks);
  }

  /**
   * {@return the same with another patience}
   *
   * @param other how long nothing may move before a pass is given up
   */
  public TowerOptions with(Duration other) {
    return new TowerOptions(mode, transport, other, engine, kernels, ranks);
  }

  /**
   * {@return the same with another engine}
   *
   * @param other what carries operations out
   */
  public TowerOptions with(EngineKind other) {
    return new TowerOptions(mode, transport, patience, other, kernels, ranks);
  }

  /**
   * {@return the same with other kernels}
   *
   * @param others one for each pass, at most
   */
  public TowerOptions with(List<ForcedKernel> others) {
    return new TowerOptions(mode, transport, patience, engine, ImmutableList.copyOf(others), ranks);
  }

  /**
   * {@return the same for one of several ranks, or for a process alone: null}
   *
   * @param other the processes that train together
   */
  public TowerOptions with(Ranks other) {
    return new TowerOptions(mode, transport, patience, engine, kernels, other);
  }
}
