package org.alexnet4j.tower.link;

import java.nio.ByteBuffer;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.Stream;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.shape.Pieces;

/**
 * A move between a tower and the same tower of other ranks. It comes behind what the tower's stream
 * has queued, and is done when the call returns. From a GPU it goes by way of the host.
 *
 * <p>Threads: the tower's.
 */
public final class RankMove implements AutoCloseable {
  private final Stream stream;
  private final Side source;
  private final Side target;
  private final Runnable move;
  private long nanos;

  private RankMove(Stream stream, Side source, Side target, Runnable move) {
    this.stream = stream;
    this.source = source;
    this.target = target;
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

  /**
   * Prepares {@link Ranks#allgather}.
   *
   * @param lane of this tower, the same on every rank
   */
  public static RankMove allgather(
      Ranks ranks, int lane, Stream stream, Buffer buffer, Pieces pieces) {
    Side side = Side.of(buffer);
    return new RankMove(stream, side, side, () -> ranks.allgather(lane, side.memory, pieces));
  }

  /** Prepares {@link Ranks#alltoall}. */
  public static RankMove alltoall(
      Ranks ranks, int lane, Stream stream, Buffer from, Pieces sent, Buffer to, Pieces received) {
    Side source = Side.of(from);
    Side target = Side.of(to);
    return new RankMove(
        stream,
        source,
        target,
        () -> ranks.alltoall(lane, source.memory, sent, target.memory, received));
  }

  /** Moves, and returns when this rank has sent and received all of its pieces. */
  public void run() {
    begin();
    move();
    end();
  }

  /** Waits until the stream has made what is sent. */
  void begin() {
    source.fetch(stream);
    stream.synchronize();
  }

  /** Moves; the one part that another thread may do. */
  void move() {
    long start = System.nanoTime();
    move.run();
    nanos += System.nanoTime() - start;
  }

  /** Brings what was received to where the stream reads it. */
  void end() {
    target.store(stream);
  }

  /** Returns how long the moves took since this was asked last, and forgets it. */
  public long takeNanos() {
    long taken = nanos;
    nanos = 0;
    return taken;
  }

  @Override
  public void close() {
    source.close();
    target.close();
  }
}
