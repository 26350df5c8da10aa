package org.alexnet4j.ranks;

import java.nio.ByteBuffer;
import org.alexnet4j.shape.Pieces;

/**
 * The processes that train one network together, as one of them sees them. Moves have lanes: on
 * each, all ranks begin the same moves in the same order; lanes do not wait for each other.
 *
 * <p>Memory is direct, from its position to its limit, which stay, and belongs to the move until
 * the call returns.
 *
 * <p>Threads: any; one at a time on each lane.
 */
public interface Ranks extends AutoCloseable {
  /** The lane of what happens outside of steps. */
  int CONTROL = 0;

  /** Returns the lane of the moves that a tower waits for. */
  static int lane(int tower) {
    return CONTROL + 1 + 2 * tower;
  }

  /** Returns the lane of the moves beside which a tower goes on. */
  static int besideLane(int tower) {
    return lane(tower) + 1;
  }

  /** Returns how many lanes so many towers use. */
  static int lanes(int towers) {
    return lane(towers);
  }

  /** Returns which one this process is, from 0 on. */
  int rank();

  /** Returns how many there are. */
  int count();

  /** Returns what carries the bytes, for a person: {@code Open MPI 4.1.4}. */
  String engine();

  /** Returns how bytes should get from a device of one rank to that of another. */
  default RankWay way() {
    return RankWay.AUTO;
  }

  /**
   * Gives every rank the pieces of all; its own lies in place.
   *
   * @throws RankException if a rank has failed or gone
   */
  void allgather(int lane, ByteBuffer memory, Pieces pieces);

  /**
   * Gives every rank a piece of every rank's memory.
   *
   * @param from sent, a piece for each rank; null if none has a byte
   * @param to received, a piece of each rank: as long as what that one sends here; null if none has
   *     a byte
   * @throws RankException if a rank has failed or gone
   */
  void alltoall(int lane, ByteBuffer from, Pieces sent, ByteBuffer to, Pieces received);

  /**
   * Gives every rank what one has.
   *
   * @throws RankException if a rank has failed or gone
   */
  void broadcast(int lane, ByteBuffer memory, int root);

  /**
   * Returns when all ranks have come here.
   *
   * @throws RankException if a rank has failed or gone
   */
  void barrier(int lane);

  /**
   * Leaves the others. Who is left waiting in a move, or begins one, gets a {@link RankException}.
   */
  @Override
  void close();
}
