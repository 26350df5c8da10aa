package org.alexnet4j.device;

import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.bindings.AlexnetAbi.ArenaHandle;

/**
 * One allocation of a device, cut into buffers. Closing it closes its buffers first.
 *
 * <p>Threads: created, cut and closed by one thread.
 */
public final class Arena implements AutoCloseable {

  /** Offsets of buffers are multiples of this, bytes. */
  public static final int ALIGNMENT_BYTES = 256;

  /** Where an arena lies; ordinals equal the constants of {@code alexnet.h}. */
  public enum Memory {
    DEVICE,
    HOST
  }

  private final Device device;
  private final ArenaHandle handle = new ArenaHandle();
  private final List<Buffer> buffers = new ArrayList<>();
  private boolean closed;

  Arena(Device device, Memory memory, long bytes) {
    this.device = device;
    NativeStatus.check(
        AlexnetAbi.alexnet_arena_create(device.handle(), memory.ordinal(), bytes, handle));
  }

  /** Returns the device that owns the memory. */
  public Device device() {
    return device;
  }

  ArenaHandle handle() {
    return handle;
  }

  /**
   * Cuts a buffer; buffers may overlap if their owner knows why.
   *
   * @param offsetBytes a multiple of {@value #ALIGNMENT_BYTES}
   * @param bytes size
   */
  public Buffer buffer(long offsetBytes, long bytes) {
    Buffer buffer = new Buffer(this, offsetBytes, bytes);
    buffers.add(buffer);
    return buffer;
  }

  /** Closes the buffers and the memory; a second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      for (int i = buffers.size() - 1; i >= 0; i--) {
        buffers.get(i).close();
      }
      NativeStatus.check(AlexnetAbi.alexnet_arena_close(handle));
    }
  }
}
