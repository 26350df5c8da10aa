package org.alexnet4j.device;

import java.nio.ByteBuffer;
import java.util.Objects;
import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.bindings.AlexnetAbi.BufferHandle;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A range of an arena. The native side checks its size against every operation's shape.
 *
 * <p>Threads: as the stream that uses it.
 */
public final class Buffer implements AutoCloseable {
  private final Arena arena;
  private final long bytes;
  private final BufferHandle handle = new BufferHandle();
  private boolean closed;

  Buffer(Arena arena, long offsetBytes, long bytes) {
    this.arena = arena;
    this.bytes = bytes;
    NativeStatus.check(
        AlexnetAbi.alexnet_buffer_create(arena.handle(), offsetBytes, bytes, handle));
  }

  /** Returns the device that owns the memory. */
  public Device device() {
    return arena.device();
  }

  /** Returns the size in bytes. */
  public long bytes() {
    return bytes;
  }

  /** Returns the native handle for the engines. */
  public BufferHandle handle() {
    return handle;
  }

  /**
   * Returns the host address on {@code emu} and {@code cpu}, or of host memory.
   *
   * @throws NativeException with {@link NativeStatus#UNSUPPORTED} for memory of a GPU
   */
  public Pointer hostAddress() {
    Pointer address = new Pointer();
    NativeStatus.check(AlexnetAbi.alexnet_buffer_host(handle, address));
    return address;
  }

  /**
   * Returns the address wherever the memory is, for other libraries on the same device.
   *
   * @return valid until the arena is closed
   */
  public Pointer address() {
    Pointer address = new Pointer();
    NativeStatus.check(AlexnetAbi.alexnet_buffer_address(handle, address));
    return address;
  }

  /**
   * Queues a copy of the remaining bytes of a direct buffer, which must not change before the copy
   * is done.
   *
   * @param toOffsetBytes where to write
   */
  public void copyIn(Stream stream, long toOffsetBytes, ByteBuffer from) {
    if (!from.isDirect()) {
      throw new IllegalArgumentException("copyIn needs a direct buffer");
    }
    BytePointer pointer = new BytePointer(from);
    NativeStatus.check(
        AlexnetAbi.alexnet_copy_in(
            stream.handle(), handle, toOffsetBytes, pointer, from.remaining()));
  }

  /** Copies floats to the start of this buffer and waits for the copy. */
  public void copyIn(Stream stream, float[] from) {
    copyIn(stream, 0, from, from.length);
  }

  /**
   * Copies floats into this buffer and waits for the copy.
   *
   * @param toOffsetBytes where to write
   * @param from source, from its start
   * @param count floats
   */
  public void copyIn(Stream stream, long toOffsetBytes, float[] from, int count) {
    try (FloatPointer pointer = new FloatPointer(count)) {
      pointer.put(from, 0, count);
      NativeStatus.check(
          AlexnetAbi.alexnet_copy_in(stream.handle(), handle, toOffsetBytes, pointer, 4L * count));
      stream.synchronize();
    }
  }

  /** Copies ints to the start of this buffer and waits for the copy. */
  public void copyIn(Stream stream, int[] from) {
    try (IntPointer pointer = new IntPointer(from.length)) {
      pointer.put(from, 0, from.length);
      NativeStatus.check(
          AlexnetAbi.alexnet_copy_in(stream.handle(), handle, 0, pointer, 4L * from.length));
      stream.synchronize();
    }
  }

  /**
   * Fills a direct buffer from the start of this one; finished after a synchronize of the stream.
   */
  public void copyOut(Stream stream, ByteBuffer to) {
    if (!Objects.requireNonNull(to).isDirect()) {
      throw new IllegalArgumentException("copyOut needs a direct buffer");
    }
    BytePointer pointer = new BytePointer(to);
    NativeStatus.check(
        AlexnetAbi.alexnet_copy_out(stream.handle(), pointer, handle, 0, to.remaining()));
  }

  /** Returns the first floats of this buffer after everything queued before. */
  public float[] floats(Stream stream, int count) {
    float[] result = new float[count];
    copyOut(stream, 0, result, count);
    return result;
  }

  /**
   * Copies floats out of this buffer after everything queued before.
   *
   * @param fromOffsetBytes where to read
   * @param to receives the floats at its start
   * @param count floats
   */
  public void copyOut(Stream stream, long fromOffsetBytes, float[] to, int count) {
    try (FloatPointer pointer = new FloatPointer(count)) {
      NativeStatus.check(
          AlexnetAbi.alexnet_copy_out(
              stream.handle(), pointer, handle, fromOffsetBytes, 4L * count));
      stream.synchronize();
      pointer.get(to, 0, count);
    }
  }

  /** Closes the buffer; a second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      NativeStatus.check(AlexnetAbi.alexnet_buffer_close(handle));
    }
  }
}
