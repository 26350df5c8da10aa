package org.alexnet4j.device;

import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.bindings.AlexnetAbi.StreamHandle;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A queue of operations of one device, carried out in order. On {@code emu} and {@code cpu} an
 * operation has finished when its call returns.
 *
 * <p>Threads: one thread at a time.
 */
public final class Stream implements AutoCloseable {
  private final Device device;
  private final StreamHandle handle = new StreamHandle();
  private boolean rehearsing;
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

  /**
   * Runs operations of this stream without launching any: each is checked as always, and the
   * largest workspace that one needs is allocated at the end, so that none is allocated later.
   *
   * @param operations queues operations, and nothing but operations, on this stream
   * @return bytes of the stream's workspace
   * @throws NativeException with {@link NativeStatus#OUT_OF_MEMORY} if there is no room for the
   *     workspace
   */
  public long rehearse(Runnable operations) {
    NativeStatus.check(AlexnetAbi.alexnet_stream_rehearse_begin(handle));
    rehearsing = true;
    try (LongPointer bytes = new LongPointer(1)) {
      operations.run();
      NativeStatus.check(AlexnetAbi.alexnet_stream_rehearse_end(handle, bytes));
      return bytes.get();
    } finally {
      rehearsing = false;
    }
  }

  /** Returns whether operations are checked only; for engines that launch by themselves. */
  public boolean isRehearsing() {
    return rehearsing;
  }

  /**
   * Returns the {@code cudaStream_t} for other libraries on the same device; null on {@code emu}
   * and {@code cpu}.
   */
  public Pointer nativeStream() {
    Pointer handle = new Pointer();
    NativeStatus.check(AlexnetAbi.alexnet_stream_native(this.handle, handle));
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
