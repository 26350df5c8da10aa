package org.alexnet4j.device;

import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.bindings.AlexnetAbi.ArenaHandle;

/**
 * One allocation of a device, cut into buffers. Closing it closes its buffers first.
 *
 * <p>Threads: any thread may cut and close it.
 *
 * @hidden
 */
public final class Arena extends NativeObject<ArenaHandle> {

  /** Offsets of buffers are multiples of this, bytes. */
  public static final int ALIGNMENT_BYTES = 256;

  /**
   * Where an arena lies; ordinals equal the constants of {@code alexnet.h}.
   *
   * @hidden
   */
  public enum Memory {
    /** Memory of the device. */
    DEVICE,
    /** Memory of the host, from which the device copies by itself. */
    HOST
  }

  private final Device device;
  private final List<Buffer> buffers = new ArrayList<>();

  Arena(Device device, Memory memory, long bytes) {
    super(new ArenaHandle());
    this.device = device;
    NativeStatus.check(
        AlexnetAbi.alexnet_arena_create(device.handle(), memory.ordinal(), bytes, empty()));
  }

  /** {@return the device that owns the memory} */
  public Device device() {
    return device;
  }

  /**
   * Cuts a buffer; buffers may overlap if their owner knows why.
   *
   * @param offsetBytes a multiple of {@value #ALIGNMENT_BYTES}
   * @param bytes size
   * @return the buffer, which is the arena's
   * @throws IllegalArgumentException if the arena has no such range
   */
  public synchronized Buffer buffer(long offsetBytes, long bytes) {
    Buffer buffer = new Buffer(this, offsetBytes, bytes);
    buffers.add(buffer);
    return buffer;
  }

  /**
   * Closes the buffers and the memory; a second call does nothing.
   *
   * @throws IllegalStateException if a graph or a running call still uses a buffer; a later call
   *     tries again
   */
  @Override
  public synchronized void close() {
    for (int i = buffers.size() - 1; i >= 0; i--) {
      buffers.get(i).close();
    }
    super.close();
  }

  @Override
  String what() {
    return "arena of " + device;
  }

  @Override
  int release(ArenaHandle given) {
    return AlexnetAbi.alexnet_arena_close(given);
  }
}
