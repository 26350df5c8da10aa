package org.alexnet4j.tower;

import org.alexnet4j.device.DeviceKind;

/** How the operations of a pass get to the devices; the results are the same. */
public enum StepMode {
  /** Each tower's thread queues its operations one by one. */
  WALK,
  /** All towers' operations are recorded once, and a pass is one native call. */
  GRAPH,
  /** As {@link #GRAPH}, and equal products of two towers of one device are one launch. */
  PAIRS;

  private static final String VARIABLE = "ALEXNET_GRAPH";

  /**
   * Chooses the mode: graphs on GPUs, where queueing an operation costs as much as running a small
   * one. {@code ALEXNET_GRAPH=on}, {@code off} or {@code pairs} decides otherwise.
   *
   * @param kind of the devices
   * @param recordable whether all engines' operations can be recorded
   * @throws IllegalArgumentException if the variable has another value, or asks for what cannot be
   */
  static StepMode choose(DeviceKind kind, boolean recordable) {
    return choose(System.getenv(VARIABLE), kind, recordable);
  }

  static StepMode choose(String wanted, DeviceKind kind, boolean recordable) {
    if (wanted == null) {
      return kind == DeviceKind.CUDA && recordable ? GRAPH : WALK;
    }
    return switch (wanted) {
      case "off" -> WALK;
      case "on", "pairs" -> {
        if (!recordable) {
          throw new IllegalArgumentException(
              VARIABLE + " is '" + wanted + "', but this engine's operations cannot be recorded");
        }
        yield wanted.equals("on") ? GRAPH : PAIRS;
      }
      default ->
          throw new IllegalArgumentException(
              VARIABLE + " is '" + wanted + "'; allowed: on, off, pairs");
    };
  }
}
