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
  private final long bytes;
  private boolean counts;
  private long nanosOfLast;
  private long times;
  private long nanos;
  private long waitNanos;

  private RankMove(Stream stream, Side source, Side target, long bytes, Runnable move) {
    this.stream = stream;
    this.source = source;
    this.target = target;
    this.bytes = bytes;
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
    long bytes = (ranks.count() - 1L) * pieces.bytes().get(ranks.rank());
    return new RankMove(
        stream, side, side, bytes, () -> ranks.allgather(lane, side.memory, pieces));
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
        sent.sum() - sent.bytes().get(ranks.rank()),
        () -> ranks.alltoall(lane, source.memory, sent, target.memory, received));
  }

  /**
   * Moves, and returns when this rank has sent and received all of its pieces.
   *
   * @param counts whether its time is added up
   */
  public void run(boolean counts) {
    begin(counts);
    move();
    waitNanos += counts ? nanosOfLast : 0;
    end();
  }

  /** Waits until the stream has made what is sent. */
  void begin(boolean isCounted) {
    counts = isCounted;
    source.fetch(stream);
    stream.synchronize();
  }

  /** Moves; the one part that another thread may do. */
  void move() {
    long start = System.nanoTime();
    move.run();
    nanosOfLast = System.nanoTime() - start;
    if (counts) {
      times++;
      nanos += nanosOfLast;
    }
  }

  /** Brings what was received to where the stream reads it. */
  void end() {
    target.store(stream);
  }

  /** The tower stood still for the move. */
  void waited(long forNanos) {
    waitNanos += counts ? forNanos : 0;
  }

  /** Returns how often it was made; no pass is under way. */
  public long times() {
    return times;
  }

  /** Returns what is sent to other ranks each time, bytes. */
  public long bytes() {
    return bytes;
  }

  /** Returns how long the moves took so far. */
  public long nanos() {
    return nanos;
  }

  /** Returns how long the tower stood still for them. */
  public long waitNanos() {
    return waitNanos;
  }

  @Override
  public void close() {
    source.close();
    target.close();
  }
}
