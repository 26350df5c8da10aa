package org.alexnet4j.ranks;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.device.RankLibrary;
import org.alexnet4j.shape.Pieces;

/**
 * Ranks that are processes which an MPI launcher has started. A process joins once.
 *
 * <p>Threads: joining and closing by one and the same.
 */
public final class MpiRanks implements Ranks {
  private final int rank;
  private final int count;
  private final String engine;
  private final RankWay way;
  private boolean closed;

  private MpiRanks(int rank, int count, String engine, RankWay way) {
    this.rank = rank;
    this.count = count;
    this.engine = engine;
    this.way = way;
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
   * @param patience how long a move may wait for other ranks
   * @throws IllegalArgumentException if {@code ALEXNET_MOVES} is no way
   * @throws RankException if this build knows no MPI, or MPI fails
   */
  public static MpiRanks join(int lanes, Duration patience) {
    RankWay way = RankWay.of(System.getenv());
    int[] place = new int[2];
    check(() -> RankLibrary.join(lanes, patience, place));
    return new MpiRanks(place[0], place[1], RankLibrary.engine(), way);
  }

  private static void check(Runnable call) {
    try {
      call.run();
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

  @Override
  public RankWay way() {
    return way;
  }

  @Override
  public void allgather(int lane, ByteBuffer memory, Pieces pieces) {
    check(() -> RankLibrary.allgather(lane, memory, pieces));
  }

  @Override
  public void alltoall(int lane, ByteBuffer from, Pieces sent, ByteBuffer to, Pieces received) {
    check(() -> RankLibrary.alltoall(lane, from, sent, to, received));
  }

  @Override
  public void broadcast(int lane, ByteBuffer memory, int root) {
    check(() -> RankLibrary.broadcast(lane, memory, root));
  }

  @Override
  public void barrier(int lane) {
    check(() -> RankLibrary.barrier(lane));
  }

  /** Leaves when all others do; a second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      check(RankLibrary::leave);
    }
  }
}
