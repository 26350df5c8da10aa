package org.alexnet4j.engine;

import org.alexnet4j.bindings.AlexnetAbi.StepSettingsStruct;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.Stream;

/**
 * The host's side of what changes from step to step: written here, copied to the device before the
 * step, read there by its kernels.
 *
 * <p>Threads: the one that queues the step.
 */
public final class SettingsSource implements AutoCloseable {
  /** Size of an {@code alexnet_step_settings}. */
  private static final int BYTES = 24;

  private final Arena arena; // null if somebody else owns the memory
  private final Buffer host;
  private final StepSettingsStruct struct;
  private boolean closed;

  /**
   * Takes the start of a buffer in host memory, which its owner closes, and copies.
   *
   * @param host at least as large as an {@code alexnet_step_settings}
   */
  public SettingsSource(Buffer host) {
    this.arena = null;
    this.host = host;
    this.struct = new StepSettingsStruct(host.hostAddress());
  }

  /** Allocates the struct in host memory that the device can copy from by itself. */
  public SettingsSource(Device device) {
    arena = device.newArena(Arena.Memory.HOST, BYTES);
    try {
      host = arena.buffer(0, BYTES);
      struct = new StepSettingsStruct(host.hostAddress());
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /**
   * Writes the settings of the next step; the copy of the last one must be done.
   *
   * @param slot which half of the images buffer holds the batch
   * @throws IllegalStateException if this is closed
   */
  public synchronized void write(
      long step, float weightRate, float biasRate, float momentum, int slot) {
    if (closed) {
      throw new IllegalStateException("the settings of " + host.device() + " are closed");
    }
    struct.step(step).weight_rate(weightRate).bias_rate(biasRate).momentum(momentum).slot(slot);
  }

  /**
   * Queues the copy to a device's settings buffer.
   *
   * @throws IllegalStateException if this is closed
   */
  public void copyTo(Stream stream, Buffer settings) {
    stream.copy(settings, host, BYTES);
  }

  /** Frees the memory; a second call does nothing. */
  @Override
  public synchronized void close() {
    if (arena != null) {
      arena.close();
    }
    closed = true;
  }
}
