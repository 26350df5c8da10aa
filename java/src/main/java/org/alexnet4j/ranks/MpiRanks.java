package org.alexnet4j.ranks;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.device.NativeStatus;
import org.alexnet4j.shape.Pieces;
import org.bytedeco.javacpp.Pointer;

/**
 * Ranks that are processes which an MPI launcher has started. A process joins once.
 *
 * <p>Threads: joining and closing by one and the same.
 */
public final class MpiRanks implements Ranks {
  private static final int TEXT_BYTES = 1024;

  private final int rank;
  private final int count;
  private final String engine;
  private boolean closed;

  private MpiRanks(int rank, int count, String engine) {
    this.rank = rank;
    this.count = count;
    this.engine = engine;
  }

  /**
   * Returns whether a launcher of several processes has started this one.
   *
   * @param environment as {@link System#getenv()}
   */
  public static boolean isLaunched(Map<String, String> environment) {
    return environment.containsKey("OMPI_COMM_WORLD_SIZE");
  }

  /**
   * Joins the processes that were started together.
   *
   * @param lanes how many are used
   * @throws RankException if this build knows no MPI, or MPI fails
   */
  public static MpiRanks join(int lanes) {
    int[] rank = new int[1];
    int[] count = new int[1];
    check(AlexnetAbi.alexnet_ranks_join(lanes, rank, count));
    byte[] text = new byte[TEXT_BYTES];
    check(AlexnetAbi.alexnet_ranks_engine(text, text.length));
    String engine = new String(text, StandardCharsets.UTF_8);
    return new MpiRanks(rank[0], count[0], engine.substring(0, engine.indexOf('\0')));
  }

  private static void check(int status) {
    try {
      NativeStatus.check(status);
    } catch (NativeException e) {
      throw new RankException(e.getMessage(), e);
    }
  }

  @Override
  public int rank() {
    return rank;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public String engine() {
    return engine;
  }

  private static long[] firsts(Pieces pieces) {
    return pieces.firstBytes().stream().mapToLong(l -> l).toArray();
  }

  private static long[] lengths(Pieces pieces) {
    return pieces.bytes().stream().mapToLong(l -> l).toArray();
  }

  @Override
  public void allgather(int lane, Pointer memory, Pieces pieces) {
    check(
        AlexnetAbi.alexnet_ranks_allgather(
            lane, memory, firsts(pieces), lengths(pieces), pieces.ranks()));
  }

  @Override
  public void alltoall(int lane, Pointer from, Pieces sent, Pointer to, Pieces received) {
    check(
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

  @Override
  public void broadcast(int lane, Pointer memory, long bytes, int root) {
    check(AlexnetAbi.alexnet_ranks_broadcast(lane, memory, bytes, root));
  }

  @Override
  public void barrier(int lane) {
    check(AlexnetAbi.alexnet_ranks_barrier(lane));
  }

  /** Ends all processes with a code; does not return. */
  public void abort(int code) {
    check(AlexnetAbi.alexnet_ranks_abort(code));
  }

  /** Leaves when all others do; a second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      check(AlexnetAbi.alexnet_ranks_leave());
    }
  }
}
