package org.alexnet4j.tower.link;

import java.nio.ByteBuffer;
import java.util.function.BiConsumer;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.Stream;

/** A move of memory that the host sees; what lies on a GPU is copied there and back. */
final class HostWay implements MoveWay {
  private final Stream stream;
  private final Side source;
  private final Side target;
  private final BiConsumer<ByteBuffer, ByteBuffer> move;

  /**
   * Prepares a move.
   *
   * @param from what is sent, or null; the same as {@code to} if its pieces lie there
   * @param to what is received, or null
   * @param move gets the memory of both, null if there is none
   */
  HostWay(Stream stream, Buffer from, Buffer to, BiConsumer<ByteBuffer, ByteBuffer> move) {
    this.stream = stream;
    this.source = Side.of(from);
    this.target = to == from ? source : Side.of(to);
    this.move = move;
  }

  /** A buffer that a move reads or writes, as the host sees it. */
  private static final class Side implements AutoCloseable {
    static final Side NONE = new Side();

    private final Buffer buffer; // null if no byte of it moves
    private final Arena host; // null if the host sees the buffer itself
    private final Buffer via;
    private final ByteBuffer memory;

    private Side() {
      this.buffer = null;
      this.host = null;
      this.via = null;
      this.memory = null;
    }

    private Side(Buffer buffer) {
      boolean seen = buffer.device().id().kind() != DeviceKind.CUDA;
      this.buffer = buffer;
      this.host = seen ? null : buffer.device().newArena(Arena.Memory.HOST, buffer.bytes());
      this.via = seen ? null : host.buffer(0, buffer.bytes());
      this.memory = (seen ? buffer : via).hostBytes();
    }

    static Side of(Buffer buffer) {
      return buffer == null ? NONE : new Side(buffer);
    }

    void fetch(Stream stream) {
      if (via != null) {
        stream.copy(via, buffer, buffer.bytes());
      }
    }

    void store(Stream stream) {
      if (via != null) {
        stream.copy(buffer, via, buffer.bytes());
      }
    }

    @Override
    public void close() {
      if (host != null) {
        host.close();
      }
    }
  }

  @Override
  public void begin() {
    source.fetch(stream);
    stream.synchronize();
  }

  @Override
  public long move() {
    long start = System.nanoTime();
    move.accept(source.memory, target.memory);
    return System.nanoTime() - start;
  }

  @Override
  public void end() {
    target.store(stream);
  }

  @Override
  public void close() {
    source.close();
    target.close();
  }
}
