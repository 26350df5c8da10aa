package org.alexnet4j.device;

import java.nio.ByteBuffer;
import java.time.Duration;
import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.shape.Pieces;

/**
 * The connection of this process to others that a launcher has started with it, by a library that
 * knows MPI. One for the process. Memory is direct and lies from its position to its limit.
 *
 * <p>Every method throws {@link NativeException} if MPI fails, {@link IllegalStateException} before
 * joining and after leaving, and {@link IndexOutOfBoundsException} if pieces do not lie in memory.
 *
 * <p>Threads: any, one at a time on each lane; the one that joins leaves.
 *
 * @hidden
 */
public final class RankLibrary {
  private RankLibrary() {}

  /**
   * Joins the others.
   *
   * @param lanes orders of moves that do not wait for each other
   * @param patience how long a move may wait for other ranks
   * @param place receives which rank this is, and how many there are
   * @throws NativeException if there is no MPI
   */
  public static void join(int lanes, Duration patience, int[] place) {
    int[] rank = new int[1];
    int[] count = new int[1];
    NativeStatus.check(AlexnetAbi.alexnet_ranks_join(lanes, patience.toMillis(), rank, count));
    place[0] = rank[0];
    place[1] = count[0];
  }

  /** {@return name and version of what carries the bytes} */
  public static String engine() {
    byte[] text = new byte[NativeText.BYTES];
    NativeStatus.check(AlexnetAbi.alexnet_ranks_engine(text, text.length));
    return NativeText.of(text);
  }

  private static long[] firsts(Pieces pieces) {
    return pieces.firstBytes().stream().mapToLong(l -> l).toArray();
  }

  private static long[] lengths(Pieces pieces) {
    return pieces.bytes().stream().mapToLong(l -> l).toArray();
  }

  private static void requireInside(ByteBuffer memory, Pieces pieces) {
    Bounds.check("bytes of the memory", 0, pieces.end(), memory == null ? 0 : memory.remaining());
    if (memory != null && !memory.isDirect()) {
      throw new IllegalArgumentException("the memory is on Java's heap; allowed: direct memory");
    }
  }

  /**
   * Gives every rank the pieces of all; its own lies in place.
   *
   * @param lane which tower's moves these are
   * @param memory of this rank
   * @param pieces where each rank's piece lies
   */
  public static void allgather(int lane, ByteBuffer memory, Pieces pieces) {
    requireInside(memory, pieces);
    NativeStatus.check(
        AlexnetAbi.alexnet_ranks_allgather(
            lane, memory, firsts(pieces), lengths(pieces), pieces.ranks()));
  }

  /**
   * Gives every rank a piece of every rank's memory; null where no byte moves.
   *
   * @param lane which tower's moves these are
   * @param from what is sent
   * @param sent where what each rank gets lies
   * @param to receives
   * @param received where what each rank gave lies
   */
  public static void alltoall(
      int lane, ByteBuffer from, Pieces sent, ByteBuffer to, Pieces received) {
    requireInside(from, sent);
    requireInside(to, received);
    NativeStatus.check(
        AlexnetAbi.alexnet_ranks_alltoall(
            lane,
            from,
            firsts(sent),
            lengths(sent),
            to,
            firsts(received),
            lengths(received),
            sent.ranks()));
  }

  /**
   * Gives every rank what one has.
   *
   * @param lane which tower's moves these are
   * @param memory what is sent, or receives
   * @param root the rank that has it
   */
  public static void broadcast(int lane, ByteBuffer memory, int root) {
    requireInside(memory, Pieces.side(1, r -> memory.remaining()));
    NativeStatus.check(AlexnetAbi.alexnet_ranks_broadcast(lane, memory, memory.remaining(), root));
  }

  /**
   * Returns when all ranks have come here.
   *
   * @param lane which tower's moves these are
   */
  public static void barrier(int lane) {
    NativeStatus.check(AlexnetAbi.alexnet_ranks_barrier(lane));
  }

  /** Ends all moves, when all ranks come here. */
  public static void leave() {
    NativeStatus.check(AlexnetAbi.alexnet_ranks_leave());
  }
}
