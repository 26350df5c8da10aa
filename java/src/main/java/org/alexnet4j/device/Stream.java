package org.alexnet4j.device;

import java.util.List;
import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.bindings.AlexnetAbi.StreamHandle;
import org.alexnet4j.shape.Arithmetic;
import org.bytedeco.javacpp.Pointer;

/**
 * A queue of operations of one device, carried out in order. On {@code emu} and {@code cpu} an
 * operation has finished when its call returns.
 *
 * <p>Threads: one thread at a time.
 *
 * @hidden
 */
public final class Stream extends NativeObject<StreamHandle> {
  private final Device device;
  private volatile boolean rehearsing;
  private Staging staging;

  Stream(Device device) {
    super(new StreamHandle());
    this.device = device;
    NativeStatus.check(AlexnetAbi.alexnet_stream_create(device.handle(), empty()));
  }

  /** {@return the device that carries out the operations} */
  public Device device() {
    return device;
  }

  /**
   * Returns the native handle for the engines.
   *
   * @throws IllegalStateException if the stream is closed
   */
  @Override
  public StreamHandle handle() {
    return super.handle();
  }

  /**
   * Returns the handle when all that was queued is done. The virtual machine may not collect while
   * a copy has an array in its hands, so such a copy waits for nothing.
   */
  StreamHandle idle() {
    synchronize();
    return handle();
  }

  /**
   * Returns the memory through which bytes of a buffer of Java pass; the first use allocates it.
   */
  synchronized Staging staging() {
    handle(); // a closed stream gets none
    if (staging == null) {
      staging = new Staging(this);
    }
    return staging;
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
    NativeStatus.check(AlexnetAbi.alexnet_stream_rehearse_begin(handle()));
    rehearsing = true;
    long[] bytes = new long[1];
    try {
      operations.run();
    } catch (RuntimeException | Error e) {
      try {
        endRehearsal(bytes);
      } catch (RuntimeException atEnd) {
        e.addSuppressed(atEnd);
      }
      throw e;
    }
    endRehearsal(bytes);
    return bytes[0];
  }

  private void endRehearsal(long[] bytes) {
    rehearsing = false;
    StreamHandle own = handle();
    NativeStatus.check(
        NativeStatus.onceIdle(() -> AlexnetAbi.alexnet_stream_rehearse_end(own, bytes)));
  }

  /**
   * Queues operations of two streams together: what both launch alike is one launch, where its
   * kernel can be. Results are the same as one after the other.
   *
   * @param second another stream of this device, behind whose work the operations come as well
   * @param operations queues operations, and nothing but operations, on both streams; what one of
   *     one stream writes, none of the other reads or writes
   * @throws NativeException if the streams are one, of two devices, in a rehearsal, in a pair, or
   *     not both part of one recording; and as the operations do. The pair has ended then
   */
  public void pair(Stream second, Runnable operations) {
    NativeStatus.check(AlexnetAbi.alexnet_stream_pair_begin(handle(), second.handle()));
    try {
      operations.run();
    } catch (RuntimeException | Error e) {
      try {
        endPair(second);
      } catch (RuntimeException atEnd) {
        e.addSuppressed(atEnd);
      }
      throw e;
    }
    endPair(second);
  }

  private void endPair(Stream second) {
    StreamHandle own = handle();
    StreamHandle other = second.handle();
    NativeStatus.check(NativeStatus.onceIdle(() -> AlexnetAbi.alexnet_stream_pair_end(own, other)));
  }

  /** {@return how many launches on this stream were of both streams of a pair} */
  public long pairLaunches() {
    long[] launches = new long[1];
    NativeStatus.check(AlexnetAbi.alexnet_stream_pair_launches(handle(), launches));
    return launches[0];
  }

  /**
   * {@return what rehearsals found, one sentence each: an operation on a GPU whose shape the quick
   * kernels do not take; a forced variant of a pass that no operation is of} Empty if there is
   * nothing to say.
   */
  public List<String> notes() {
    byte[] text = new byte[NativeText.BYTES];
    NativeStatus.check(AlexnetAbi.alexnet_stream_notes(handle(), text, text.length));
    return NativeText.of(text).lines().toList();
  }

  /**
   * Makes later operations of a pass run a variant of one's choice.
   *
   * @param kernel the variant of a pass
   * @throws IllegalArgumentException if the device has none of that name; the text says which it
   *     has
   * @throws IllegalStateException in a rehearsal, or while the stream is recorded
   */
  public void force(ForcedKernel kernel) {
    NativeStatus.check(
        AlexnetAbi.alexnet_stream_force_variant(
            handle(), kernel.family(), kernel.pass(), kernel.variant()));
  }

  /**
   * Makes the products of later operations round their factors, and convolutions multiply by an
   * algorithm.
   *
   * @param arithmetic what factors are rounded to, and the algorithm
   * @throws IllegalArgumentException if the device has no kernels for the algorithm
   * @throws IllegalStateException in a rehearsal, or while the stream is recorded
   */
  public void compute(Arithmetic arithmetic) {
    NativeStatus.check(
        AlexnetAbi.alexnet_stream_set_precision(handle(), arithmetic.precision().code()));
    NativeStatus.check(
        AlexnetAbi.alexnet_stream_set_algorithm(handle(), arithmetic.algorithm().code()));
  }

  /** {@return whether operations are checked only; for engines that launch by themselves} */
  public boolean isRehearsing() {
    return rehearsing;
  }

  /**
   * {@return the {@code cudaStream_t} for other libraries on the same device; null on {@code emu}
   * and {@code cpu}}
   */
  public Pointer nativeStream() {
    Pointer pointer = new Pointer();
    NativeStatus.check(AlexnetAbi.alexnet_stream_native(handle(), pointer));
    return pointer;
  }

  /**
   * Makes later operations wait until the event's last record is reached.
   *
   * @param event of the same kind of device
   */
  public void waitFor(Event event) {
    NativeStatus.check(AlexnetAbi.alexnet_stream_wait(handle(), event.handle()));
  }

  /**
   * Blocks the caller until everything queued is done; faults of earlier operations appear here.
   */
  public void synchronize() {
    NativeStatus.check(AlexnetAbi.alexnet_stream_synchronize(handle()));
  }

  /**
   * Copies between two buffers of any devices; this stream belongs to the destination's device.
   *
   * @param to destination, written from its start
   * @param from source, read from its start
   * @param bytes how much
   */
  public void copy(Buffer to, Buffer from, long bytes) {
    copy(to, 0, from, bytes);
  }

  /**
   * The same, written from a place inside of the destination.
   *
   * @param to destination
   * @param offset first byte of the destination
   * @param from source, from its start
   * @param bytes size
   */
  public void copy(Buffer to, long offset, Buffer from, long bytes) {
    copy(to, offset, from, 0, bytes);
  }

  /**
   * The same, read from a place inside of the source.
   *
   * @param to destination
   * @param offset first byte of the destination
   * @param from source
   * @param fromOffset first byte of the source
   * @param bytes size
   */
  public void copy(Buffer to, long offset, Buffer from, long fromOffset, long bytes) {
    Bounds.check("bytes of the source", fromOffset, bytes, from.bytes());
    Bounds.check("bytes of the destination", offset, bytes, to.bytes());
    NativeStatus.check(
        AlexnetAbi.alexnet_copy(handle(), to.handle(), offset, from.handle(), fromOffset, bytes));
  }

  /**
   * Makes bytes of a buffer 0.
   *
   * @param to destination
   * @param firstByte the first of them
   * @param bytes how many
   */
  public void clear(Buffer to, long firstByte, long bytes) {
    Bounds.check("bytes of the buffer", firstByte, bytes, to.bytes());
    NativeStatus.check(AlexnetAbi.alexnet_clear(handle(), to.handle(), firstByte, bytes));
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
    Bounds.check("floats of the buffer", first, count, to.bytes() / Float.BYTES);
    NativeStatus.check(AlexnetAbi.alexnet_fill(handle(), to.handle(), first, count, value));
  }

  /**
   * Closes the stream; a second call does nothing.
   *
   * @throws IllegalStateException if it is part of a graph, or a running call uses it; a later call
   *     tries again
   */
  @Override
  public synchronized void close() {
    if (staging != null) {
      staging.close();
      staging = null;
    }
    super.close();
  }

  @Override
  String what() {
    return "stream of " + device;
  }

  @Override
  int release(StreamHandle given) {
    return AlexnetAbi.alexnet_stream_close(given);
  }
}
