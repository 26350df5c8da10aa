package org.alexnet4j.ranks;

import com.google.common.collect.ImmutableList;
import java.nio.charset.StandardCharsets;
import org.alexnet4j.shape.Pieces;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.LongPointer;

/** Moves bytes and texts of any length between ranks. */
public final class RankTexts {
  private RankTexts() {}

  /** Returns the texts of all ranks, in their order. */
  public static ImmutableList<String> gather(Ranks ranks, int lane, String own) {
    byte[] bytes = own.getBytes(StandardCharsets.UTF_8);
    int count = ranks.count();
    long[] lengths = new long[count];
    try (LongPointer all = new LongPointer((long) count)) {
      all.put(ranks.rank(), bytes.length);
      ranks.allgather(lane, all, Pieces.side(count, r -> Long.BYTES));
      all.get(lengths);
    }
    Pieces pieces = Pieces.side(count, r -> lengths[r]);
    byte[] whole = new byte[Math.toIntExact(pieces.end())];
    try (BytePointer memory = new BytePointer(Math.max(1, pieces.end()))) {
      new BytePointer(memory)
          .position(pieces.firstBytes().get(ranks.rank()))
          .put(bytes, 0, bytes.length);
      ranks.allgather(lane, memory, pieces);
      memory.get(whole);
    }
    ImmutableList.Builder<String> texts = ImmutableList.builder();
    for (int r = 0; r < count; r++) {
      int first = Math.toIntExact(pieces.firstBytes().get(r));
      texts.add(new String(whole, first, (int) lengths[r], StandardCharsets.UTF_8));
    }
    return texts.build();
  }

  /**
   * Gives every rank what rank 0 has.
   *
   * @param bytes at rank 0; nobody looks at the others'
   */
  public static byte[] ofFirst(Ranks ranks, int lane, byte[] bytes) {
    boolean first = ranks.rank() == 0;
    long length;
    try (LongPointer one = new LongPointer(1)) {
      one.put(0, first ? bytes.length : 0);
      ranks.broadcast(lane, one, Long.BYTES, 0);
      length = one.get(0);
    }
    if (length > Integer.MAX_VALUE - Long.BYTES) {
      throw new RankException("rank 0 sends " + length + " bytes; allowed: up to 2^31");
    }
    byte[] received = new byte[(int) length];
    try (BytePointer memory = new BytePointer(Math.max(1, length))) {
      if (first) {
        memory.put(bytes, 0, bytes.length);
      }
      ranks.broadcast(lane, memory, length, 0);
      memory.get(received);
    }
    return received;
  }

  /** The same for a text. */
  public static String ofFirst(Ranks ranks, int lane, String text) {
    byte[] bytes = text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    return new String(ofFirst(ranks, lane, bytes), StandardCharsets.UTF_8);
  }
}
