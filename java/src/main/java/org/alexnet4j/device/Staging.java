package org.alexnet4j.device;

import java.nio.ByteBuffer;
import org.alexnet4j.bindings.AlexnetAbi;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A stream's own memory of the host, which the device can copy from and to by itself. The bytes of
 * a caller's {@link ByteBuffer} pass through it in pieces, so that native code never sees memory
 * that may go away: a mapped file, a buffer that the collector takes.
 *
 * <p>Threads: any; one copy at a time.
 */
final class Staging implements AutoCloseable {
  private static final int BYTES = 1 << 21;

  private final Stream stream;
  private final Arena arena;
  private final Pointer address;
  private final ByteBuffer bytes;
  private boolean closed;

  Staging(Stream stream) {
    this.stream = stream;
    this.arena = stream.device().newArena(Arena.Memory.HOST, BYTES);
    try {
      this.address = arena.buffer(0, BYTES).hostAddress();
      this.bytes = new BytePointer(address).capacity(BYTES).asByteBuffer();
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  /** Copies the remaining bytes of a buffer into another one of the device; returns when done. */
  synchronized void in(Buffer to, long offset, ByteBuffer from) {
    requireOpen();
    long at = offset;
    while (from.hasRemaining()) {
      int count = Math.min(BYTES, from.remaining());
      MappedFile.guard(from, () -> bytes.put(0, from, from.position(), count));
      from.position(from.position() + count);
      NativeStatus.check(
          AlexnetAbi.alexnet_copy_in(stream.handle(), to.handle(), at, address, count));
      stream.synchronize();
      at += count;
    }
  }

  /** Fills the rest of a buffer from another one of the device; returns when done. */
  synchronized void out(Buffer from, long offset, ByteBuffer to) {
    requireOpen();
    long at = offset;
    while (to.hasRemaining()) {
      int count = Math.min(BYTES, to.remaining());
      NativeStatus.check(
          AlexnetAbi.alexnet_copy_out(stream.handle(), address, from.handle(), at, count));
      stream.synchronize();
      MappedFile.guard(to, () -> to.put(to.position(), bytes, 0, count));
      to.position(to.position() + count);
      at += count;
    }
  }

  private void requireOpen() {
    if (closed) {
      throw new IllegalStateException("the " + stream.what() + " is closed");
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      arena.close();
      closed = true;
    }
  }
}
