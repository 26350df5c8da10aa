package org.alexnet4j.tower.time;

import com.google.common.collect.ImmutableList;
import org.alexnet4j.plan.Transfer;

/**
 * One pass as it happened: every operation of every tower, every exchange and every move between
 * ranks, in microseconds since the pass began.
 *
 * @param startNanos when the pass began, by {@link System#nanoTime}
 * @param spans operations, by tower and in their order
 * @param crossings what moved between towers
 * @param moves what moved between ranks
 */
public record Timeline(
    long startNanos,
    ImmutableList<Span> spans,
    ImmutableList<Crossing> crossings,
    ImmutableList<Move> moves) {

  /**
   * One operation on a tower's compute stream. Where towers meet it is the time for which the tower
   * stood still.
   *
   * @param tower index
   * @param layer its layer
   * @param operation kind: ConvFprop, Receive, ...
   * @param transfer what it sends or receives, an index into the exchange plan; -1 if nothing
   * @param backward whether it belongs to the way back
   * @param begin its start
   * @param end its end
   */
  public record Span(
      int tower,
      String layer,
      String operation,
      int transfer,
      boolean backward,
      double begin,
      double end) {}

  /**
   * One exchange.
   *
   * @param transfer what moved, and between whom
   * @param sent when the source was complete on the sending tower
   * @param begin when it began to arrive, on the receiving tower's copy stream
   * @param end when it had arrived
   */
  public record Crossing(Transfer transfer, double sent, double begin, double end) {}

  /**
   * One move between this tower and the same tower of other ranks.
   *
   * @param tower index
   * @param layer for which it moves
   * @param kind allgather, alltoall
   * @param plane name of what is sent
   * @param bytes sent to other ranks
   * @param backward whether it belongs to the way back
   * @param begin when this rank began
   * @param end when it had sent and received all, waiting for other ranks included
   */
  public record Move(
      int tower,
      String layer,
      String kind,
      String plane,
      long bytes,
      boolean backward,
      double begin,
      double end) {}
}
