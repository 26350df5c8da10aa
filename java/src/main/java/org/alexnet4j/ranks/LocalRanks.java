package org.alexnet4j.ranks;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.stream.IntStream;
import org.alexnet4j.shape.Pieces;

/** Ranks that are threads of one process: each copies out of the others' memory. */
public final class LocalRanks implements Ranks {
  private static final long LOOK_MILLIS = 50;

  /** What all ranks of a process share. */
  private static final class Board {
    private final int ranks;
    private final Map<Integer, Meeting> lanes = new HashMap<>();
    private String gone; // who left, or null

    Board(int ranks) {
      this.ranks = ranks;
    }

    synchronized Meeting lane(int lane) {
      return lanes.computeIfAbsent(lane, key -> new Meeting());
    }

    synchronized void leave(int rank) {
      if (gone == null) {
        gone = "rank " + rank + " has left";
      }
    }

    synchronized void requireAll() {
      if (gone != null) {
        throw new RankException(gone);
      }
    }

    /** Where ranks meet on one lane. */
    private final class Meeting {
      private final List<Offer> offers = new ArrayList<>();
      private int come;
      private int copying;
      private long round;

      Meeting() {
        IntStream.range(0, ranks).forEach(rank -> offers.add(null));
      }

      /** Puts something where the others find it. */
      synchronized void offer(int rank, Offer offer) {
        offers.set(rank, offer);
      }

      synchronized Offer offer(int rank) {
        return offers.get(rank);
      }

      /**
       * Returns when all have copied what they take. Nobody leaves before, whatever has happened:
       * the others read its memory.
       */
      synchronized void copied() {
        if (--copying == 0) {
          notifyAll();
        }
        boolean interrupted = false;
        while (copying > 0) {
          try {
            wait(LOOK_MILLIS);
          } catch (InterruptedException e) {
            interrupted = true;
          }
        }
        if (interrupted) {
          Thread.currentThread().interrupt();
        }
      }

      /** Returns when all are here. */
      synchronized void meet() {
        long mine = round;
        if (++come == ranks) {
          come = 0;
          round++;
          copying = ranks;
          notifyAll();
        }
        while (round == mine) {
          requireAll();
          try {
            wait(LOOK_MILLIS);
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RankException("interrupted while waiting for other ranks", e);
          }
        }
      }
    }
  }

  /** What a rank lets others read. */
  private record Offer(String move, ByteBuffer memory, Pieces pieces) {}

  private final Board board;
  private final int rank;
  private final RankWay way;

  private LocalRanks(Board board, int rank, RankWay way) {
    this.board = board;
    this.rank = rank;
    this.way = way;
  }

  /** Returns some ranks of one process; each belongs to a thread of its own. */
  public static ImmutableList<Ranks> of(int ranks) {
    return of(ranks, RankWay.AUTO);
  }

  /** The same with a way from device to device. */
  public static ImmutableList<Ranks> of(int ranks, RankWay way) {
    Board board = new Board(ranks);
    return IntStream.range(0, ranks)
        .mapToObj(rank -> (Ranks) new LocalRanks(board, rank, way))
        .collect(ImmutableList.toImmutableList());
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int count() {
    return board.ranks;
  }

  @Override
  public String engine() {
    return "threads";
  }

  @Override
  public RankWay way() {
    return way;
  }

  /** Takes something from every rank between two meetings. */
  private void move(int lane, Offer mine, BiConsumer<Integer, Offer> take) {
    board.requireAll();
    Board.Meeting meeting = board.lane(lane);
    meeting.offer(rank, mine);
    meeting.meet();
    try {
      for (int other = 0; other < board.ranks; other++) {
        Offer offer = meeting.offer(other);
        if (!offer.move.equals(mine.move)) {
          throw new RankException(
              "rank " + other + " is at " + offer.move + ", rank " + rank + " at " + mine.move);
        }
        take.accept(other, offer);
      }
    } finally {
      meeting.copied();
    }
  }

  private static void copy(
      ByteBuffer from, long fromByte, ByteBuffer to, long toByte, long bytes, long expected) {
    if (bytes != expected) {
      throw new RankException("a piece has " + bytes + " bytes; expected: " + expected);
    }
    if (bytes > 0) {
      slice(to, toByte, bytes).put(slice(from, fromByte, bytes));
    }
  }

  private static ByteBuffer slice(ByteBuffer memory, long firstByte, long bytes) {
    return memory.slice(memory.position() + Math.toIntExact(firstByte), Math.toIntExact(bytes));
  }

  @Override
  public void allgather(int lane, ByteBuffer memory, Pieces pieces) {
    move(
        lane,
        new Offer("allgather", memory, pieces),
        (other, offer) -> {
          if (other != rank) {
            long first = pieces.firstBytes().get(other);
            long bytes = pieces.bytes().get(other);
            copy(offer.memory, first, memory, first, bytes, offer.pieces.bytes().get(other));
          }
        });
  }

  @Override
  public void alltoall(int lane, ByteBuffer from, Pieces sent, ByteBuffer to, Pieces received) {
    move(
        lane,
        new Offer("alltoall", from, sent),
        (other, offer) ->
            copy(
                offer.memory,
                offer.pieces.firstBytes().get(rank),
                to,
                received.firstBytes().get(other),
                received.bytes().get(other),
                offer.pieces.bytes().get(rank)));
  }

  @Override
  public void broadcast(int lane, ByteBuffer memory, int root) {
    long bytes = memory.remaining();
    Pieces all = Pieces.side(1, r -> bytes);
    move(
        lane,
        new Offer("broadcast of " + root, memory, all),
        (other, offer) -> {
          if (other == root && rank != root) {
            copy(offer.memory, 0, memory, 0, bytes, offer.pieces.bytes().get(0));
          }
        });
  }

  @Override
  public void barrier(int lane) {
    move(lane, new Offer("barrier", null, Pieces.side(1, r -> 0)), (other, offer) -> {});
  }

  @Override
  public void close() {
    board.leave(rank);
  }
}
