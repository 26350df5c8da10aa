package org.alexnet4j.tower.link;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.alexnet4j.ranks.Ranks;
import org.alexnet4j.shape.Pieces;

/** Moves values between ranks outside of steps. */
public final class RankValues {
  private RankValues() {}

  /**
   * Gives every rank the first values of an array.
   *
   * @param root who has them
   */
  public static void broadcast(Ranks ranks, int lane, float[] values, int count, int root) {
    ByteBuffer memory =
        ByteBuffer.allocateDirect(Float.BYTES * count).order(ByteOrder.nativeOrder());
    if (ranks.rank() == root) {
      memory.asFloatBuffer().put(values, 0, count);
    }
    ranks.broadcast(lane, memory, root);
    memory.asFloatBuffer().get(values, 0, count);
  }

  /**
   * Gives rank 0 what another one has; the others take no part but come here.
   *
   * @param bytes direct memory with so many bytes left, at that rank and at rank 0; null elsewhere
   */
  public static void toFirst(Ranks ranks, int lane, ByteBuffer bytes, long count, int from) {
    int rank = ranks.rank();
    Pieces nothing = Pieces.side(ranks.count(), r -> 0);
    Pieces sent = rank == from ? Pieces.side(ranks.count(), r -> r == 0 ? count : 0) : nothing;
    Pieces received = rank == 0 ? Pieces.side(ranks.count(), r -> r == from ? count : 0) : nothing;
    ranks.alltoall(lane, rank == from ? bytes : null, sent, rank == 0 ? bytes : null, received);
  }
}
