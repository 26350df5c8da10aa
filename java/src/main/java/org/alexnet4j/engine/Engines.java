package org.alexnet4j.engine;

import org.alexnet4j.device.Device;

/** The one place that chooses the engine of a device. */
public final class Engines {
  private Engines() {}

  /**
   * Opens the engine for a device.
   *
   * @param device where the operations run
   * @param threads cores that a {@code cpu} engine may use
   */
  public static Engine open(Device device, int threads) {
    return new KernelEngine();
  }
}
