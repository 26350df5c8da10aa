package org.alexnet4j.device;

import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.bindings.AlexnetAbi.StreamHandle;

/**
 * A queue of operations of one device, carried out in order. On {@code emu} and {@code cpu} an
 * operation has finished when its call returns.
 *
 * <p>Threads: one thread at a time.
 */
public final class Stream implements AutoCloseable {
  private final Device device;
  private final StreamHandle handle = new StreamHandle();
  private boolean closed;

  Stream(Device device) {
    this.device = device;
    NativeStatus.check(AlexnetAbi.alexnet_stream_create(device.handle(), handle));
  }

  /** Returns the device that carries out the operations. */
  public Device device() {
    return device;
  }

  /** Returns the native handle for the engines. */
  public StreamHandle handle() {
    return handle;
  }

  /** Makes later operations wait until the event's last record is reached. */
  public void waitFor(Event event) {
    NativeStatus.check(AlexnetAbi.alexnet_stream_wait(handle, event.handle()));
  }

  /**
   * Blocks the caller until everything queued is done; faults of earlier operations appear here.
   */
  public void synchronize() {
    NativeStatus.check(AlexnetAbi.alexnet_stream_synchronize(handle));
  }

  /**
   * Copies between two buffers of any devices; this stream belongs to the destination's device.
   *
   * @param to destination, written from its start
   * @param from source, read from its start
   * @param bytes how much
   */
  public void copy(Buffer to, Buffer from, long bytes) {
    NativeStatus.check(AlexnetAbi.alexnet_copy(handle, to.handle(), 0, from.handle(), 0, bytes));
  }

  /**
   * Fills floats of a buffer.
   *
   * @param to destination
   * @param first index of the first float
   * @param count floats
   * @param value what to write
   */
  public void fill(Buffer to, long first, long count, float value) {
    NativeStatus.check(AlexnetAbi.alexnet_fill(handle, to.handle(), first, count, value));
  }

  /** Closes the stream; a second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      NativeStatus.check(AlexnetAbi.alexnet_stream_close(handle));
    }
  }
}
