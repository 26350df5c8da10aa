package org.alexnet4j.ranks;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.alexnet4j.shape.Pieces;

/** Moves bytes and texts of any length between ranks. */
public final class RankTexts {
  private RankTexts() {}

  /** Returns the texts of all ranks, in their order. */
  public static ImmutableList<String> gather(Ranks ranks, int lane, String own) {
    byte[] bytes = own.getBytes(StandardCharsets.UTF_8);
    ByteBuffer lengths = direct(Math.multiplyExact(Long.BYTES, ranks.count()));
    lengths.putLong(Long.BYTES * ranks.rank(), bytes.length);
    ranks.allgather(lane, lengths, Pieces.side(ranks.count(), r -> Long.BYTES));
    Pieces pieces = Pieces.side(ranks.count(), r -> lengths.getLong(Long.BYTES * r));
    ByteBuffer all = direct(Math.toIntExact(pieces.end()));
    int first = Math.toIntExact(pieces.firstBytes().get(ranks.rank()));
    all.slice(first, bytes.length).put(bytes);
    ranks.allgather(lane, all, pieces);
    ImmutableList.Builder<String> texts = ImmutableList.builder();
    for (long length : pieces.bytes()) {
      byte[] text = new byte[(int) length];
      all.get(text);
      texts.add(new String(text, StandardCharsets.UTF_8));
    }
    return texts.build();
  }

  private static ByteBuffer direct(int bytes) {
    return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
  }

  /** Returns whether any rank says yes; all ask together. */
  public static boolean any(Ranks ranks, int lane, boolean yes) {
    ByteBuffer answers = direct(ranks.count());
    answers.put(ranks.rank(), (byte) (yes ? 1 : 0));
    ranks.allgather(lane, answers, Pieces.side(ranks.count(), rank -> 1));
    boolean any = false;
    while (answers.hasRemaining()) {
      any |= answers.get() != 0;
    }
    return any;
  }

  /**
   * Gives every rank what rank 0 has.
   *
   * @param bytes at rank 0; nobody looks at the others'
   */
  public static byte[] ofFirst(Ranks ranks, int lane, byte[] bytes) {
    boolean first = ranks.rank() == 0;
    ByteBuffer length = direct(Integer.BYTES);
    length.putInt(0, first ? bytes.length : 0);
    ranks.broadcast(lane, length, 0);
    ByteBuffer all = direct(length.getInt(0));
    if (first) {
      all.duplicate().put(bytes);
    }
    ranks.broadcast(lane, all, 0);
    byte[] received = new byte[all.remaining()];
    all.get(received);
    return received;
  }

  /** The same for a text. */
  public static String ofFirst(Ranks ranks, int lane, String text) {
    byte[] bytes = text == null ? null : text.getBytes(StandardCharsets.UTF_8);
    return new String(ofFirst(ranks, lane, bytes), StandardCharsets.UTF_8);
  }
}
