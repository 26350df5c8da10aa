package org.alexnet4j.tower.link;

import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Communicator;
import org.alexnet4j.device.Stream;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.shape.Pieces;

/**
 * A move between a tower and the same tower of other ranks. It comes behind what the tower's stream
 * has queued, and is done when the call returns.
 *
 * <p>Threads: the tower's.
 */
public final class RankMove implements AutoCloseable {
  private final MoveWay way;
  private final long bytes;
  private boolean counts;
  private long endOfLast;
  private long nanosOfLast;
  private long times;
  private long nanos;
  private long waitNanos;

  private RankMove(long bytes, MoveWay way) {
    this.bytes = bytes;
    this.way = way;
  }

  private static long bytesOfGather(int rank, Pieces pieces) {
    return (pieces.ranks() - 1L) * pieces.bytes().get(rank);
  }

  private static long bytesSent(int rank, Pieces sent) {
    return sent.sum() - sent.bytes().get(rank);
  }

  /**
   * Prepares {@link Ranks#allgather} by way of the host.
   *
   * @param lane of this tower, the same on every rank
   */
  public static RankMove allgather(
      Ranks ranks, int lane, Stream stream, Buffer buffer, Pieces pieces) {
    return new RankMove(
        bytesOfGather(ranks.rank(), pieces),
        new HostWay(stream, buffer, buffer, (from, to) -> ranks.allgather(lane, from, pieces)));
  }

  /** Prepares {@link Ranks#alltoall}, likewise. */
  static RankMove alltoall(
      Ranks ranks, int lane, Stream stream, Buffer from, Pieces sent, Buffer to, Pieces received) {
    return new RankMove(
        bytesSent(ranks.rank(), sent),
        new HostWay(
            stream,
            from,
            to,
            (source, target) -> ranks.alltoall(lane, source, sent, target, received)));
  }

  /** Prepares an allgather from device to device. */
  static RankMove allgather(
      Communicator by, int rank, Stream stream, Buffer buffer, Pieces pieces) {
    return new RankMove(
        bytesOfGather(rank, pieces),
        new NcclWay(by, stream, () -> by.allgather(stream, buffer, pieces)));
  }

  /**
   * Prepares an alltoall from device to device.
   *
   * @param from what is sent, or null if no byte is; one of both buffers is there
   */
  static RankMove alltoall(
      Communicator by,
      int rank,
      Stream stream,
      Buffer from,
      Pieces sent,
      Buffer to,
      Pieces received) {
    Buffer source = from == null ? to : from;
    Buffer target = to == null ? from : to;
    return new RankMove(
        bytesSent(rank, sent),
        new NcclWay(by, stream, () -> by.alltoall(stream, source, sent, target, received)));
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

  /** Comes behind what the stream has queued. */
  void begin(boolean isCounted) {
    counts = isCounted;
    way.begin();
  }

  /** Moves; the one part that another thread may do. */
  void move() {
    nanosOfLast = way.move();
    endOfLast = System.nanoTime();
    if (counts) {
      times++;
      nanos += nanosOfLast;
    }
  }

  /** Brings what was received to where the stream reads it. */
  void end() {
    way.end();
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

  /** Returns when it last ended, by {@link System#nanoTime}; no pass is under way. */
  public long endOfLast() {
    return endOfLast;
  }

  /** Returns how long it took then, whether its time counts or not. */
  public long nanosOfLast() {
    return nanosOfLast;
  }

  @Override
  public void close() {
    way.close();
  }
}
