package org.alexnet4j.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.bindings.AlexnetAbi.BufferHandle;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.Pointer;

/**
 * A range of an arena. The native side checks its size against every operation's shape.
 *
 * <p>Every copy comes behind what was queued on its stream before, and is done when the call
 * returns. What does not fit is refused before a byte moves: {@link IndexOutOfBoundsException}. An
 * array is copied in place; the bytes of a {@link ByteBuffer} go through memory of the stream.
 *
 * <p>Threads: as the stream that uses it.
 *
 * @hidden
 */
public final class Buffer extends NativeObject<BufferHandle> {
  private final Arena arena;
  private final long bytes;

  Buffer(Arena arena, long offsetBytes, long bytes) {
    super(new BufferHandle());
    this.arena = arena;
    this.bytes = bytes;
    NativeStatus.check(
        AlexnetAbi.alexnet_buffer_create(arena.handle(), offsetBytes, bytes, empty()));
  }

  /** {@return the device that owns the memory} */
  public Device device() {
    return arena.device();
  }

  /** {@return the size in bytes} */
  public long bytes() {
    return bytes;
  }

  /**
   * Returns the native handle for the engines.
   *
   * @throws IllegalStateException if the buffer is closed
   */
  @Override
  public BufferHandle handle() {
    return super.handle();
  }

  /**
   * Returns the host address on {@code emu} and {@code cpu}, or of host memory.
   *
   * @return valid until the arena is closed; nobody checks what is done with it
   * @throws NativeException with {@link NativeStatus#UNSUPPORTED} for memory of a GPU
   */
  public Pointer hostAddress() {
    Pointer address = new Pointer();
    NativeStatus.check(AlexnetAbi.alexnet_buffer_host(handle(), address));
    return address;
  }

  /**
   * Returns this buffer of host memory for Java to read and write, in the machine's order of bytes.
   * Who does so says it before ({@link #touch}) and has waited for the streams that use it.
   *
   * @return valid until the arena is closed; nobody checks what is done with it
   */
  public ByteBuffer hostBytes() {
    return new BytePointer(hostAddress())
        .capacity(bytes)
        .asByteBuffer()
        .order(ByteOrder.nativeOrder());
  }

  /**
   * Says that the calling thread is about to read or write this buffer of host memory by itself,
   * which the search for races sees only so.
   *
   * @param writes whether it is about to write
   * @throws NativeException if the search is on, and the thread has not waited for a stream that
   *     uses the buffer
   */
  public void touch(boolean writes) {
    NativeStatus.check(AlexnetAbi.alexnet_buffer_touch(handle(), writes ? 1 : 0));
  }

  /**
   * Returns the address wherever the memory is, for other libraries on the same device.
   *
   * @return valid until the arena is closed; nobody checks what is done with it
   */
  public Pointer address() {
    Pointer address = new Pointer();
    NativeStatus.check(AlexnetAbi.alexnet_buffer_address(handle(), address));
    return address;
  }

  /**
   * Copies the remaining bytes of a buffer of Java, whose position stays.
   *
   * @param stream of the same device
   * @param toOffsetBytes where to write
   * @param from source; a mapped file may be cut meanwhile
   * @throws java.io.UncheckedIOException if the mapped file no longer reaches so far; the text
   *     names it
   */
  public void copyIn(Stream stream, long toOffsetBytes, ByteBuffer from) {
    Bounds.check("bytes of the buffer", toOffsetBytes, from.remaining(), bytes);
    stream.staging().in(this, toOffsetBytes, from.duplicate());
  }

  /**
   * Copies floats to the start of this buffer.
   *
   * @param stream of the same device
   * @param from source
   */
  public void copyIn(Stream stream, float[] from) {
    copyIn(stream, 0, from, from.length);
  }

  /**
   * Copies floats into this buffer.
   *
   * @param stream of the same device
   * @param toOffsetBytes where to write
   * @param from source, from its start
   * @param count floats
   */
  public void copyIn(Stream stream, long toOffsetBytes, float[] from, int count) {
    Bounds.check("floats of the array", 0, count, from.length);
    Bounds.check("bytes of the buffer", toOffsetBytes, 4L * count, bytes);
    NativeStatus.check(
        AlexnetAbi.alexnet_copy_in(stream.idle(), handle(), toOffsetBytes, from, 4L * count));
    stream.synchronize();
  }

  /**
   * Copies ints to the start of this buffer.
   *
   * @param stream of the same device
   * @param from source
   */
  public void copyIn(Stream stream, int[] from) {
    Bounds.check("bytes of the buffer", 0, 4L * from.length, bytes);
    NativeStatus.check(
        AlexnetAbi.alexnet_copy_in(stream.idle(), handle(), 0, from, 4L * from.length));
    stream.synchronize();
  }

  /**
   * Fills the rest of a buffer of Java from the start of this one; its position stays.
   *
   * @param stream of the same device
   * @param to receives the bytes
   * @throws ReadOnlyBufferException if it is one that cannot be written
   * @throws java.io.UncheckedIOException if it is a mapped file that no longer reaches so far; the
   *     text names it
   */
  public void copyOut(Stream stream, ByteBuffer to) {
    copyOut(stream, 0, to);
  }

  /**
   * The same from somewhere in this buffer on.
   *
   * @param stream of the same device
   * @param fromOffsetBytes where to read
   * @param to receives the bytes
   * @throws ReadOnlyBufferException if it is one that cannot be written
   * @throws java.io.UncheckedIOException if it is a mapped file that no longer reaches so far; the
   *     text names it
   */
  public void copyOut(Stream stream, long fromOffsetBytes, ByteBuffer to) {
    if (to.isReadOnly()) {
      throw new ReadOnlyBufferException();
    }
    Bounds.check("bytes of the buffer", fromOffsetBytes, to.remaining(), bytes);
    stream.staging().out(this, fromOffsetBytes, to.duplicate());
  }

  /**
   * {@return the first floats of this buffer after everything queued before}
   *
   * @param stream of the same device
   * @param count floats
   */
  public float[] floats(Stream stream, int count) {
    Bounds.check("bytes of the buffer", 0, 4L * count, bytes);
    float[] result = new float[count];
    copyOut(stream, 0, result, count);
    return result;
  }

  /**
   * Copies floats out of this buffer after everything queued before.
   *
   * @param stream of the same device
   * @param fromOffsetBytes where to read
   * @param to receives the floats at its start
   * @param count floats
   */
  public void copyOut(Stream stream, long fromOffsetBytes, float[] to, int count) {
    Bounds.check("floats of the array", 0, count, to.length);
    Bounds.check("bytes of the buffer", fromOffsetBytes, 4L * count, bytes);
    NativeStatus.check(
        AlexnetAbi.alexnet_copy_out(stream.idle(), to, handle(), fromOffsetBytes, 4L * count));
    stream.synchronize();
  }

  @Override
  String what() {
    return "buffer of " + arena.device();
  }

  @Override
  int release(BufferHandle given) {
    return AlexnetAbi.alexnet_buffer_close(given);
  }
}
