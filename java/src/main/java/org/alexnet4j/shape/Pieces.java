package org.alexnet4j.shape;

import com.google.common.collect.ImmutableList;
import java.util.function.IntToLongFunction;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Where the pieces of all ranks lie in a buffer.
 *
 * @param firstBytes where each rank's piece begins
 * @param bytes how long it is; 0 if a rank has none
 * @hidden
 */
public record Pieces(ImmutableList<Long> firstBytes, ImmutableList<Long> bytes) {
  /** Where pieces that kernels read begin: at multiples of this. */
  private static final long ALIGNMENT = 256;

  /**
   * Checks that both have a value for each rank.
   *
   * @param firstBytes where each rank's piece begins
   * @param bytes how long it is; 0 if a rank has none
   */
  public Pieces {
    if (firstBytes.size() != bytes.size()
        || LongStream.concat(
                firstBytes.stream().mapToLong(l -> l), bytes.stream().mapToLong(l -> l))
            .anyMatch(l -> l < 0)) {
      throw new IllegalArgumentException("pieces " + firstBytes + ", " + bytes + " do not fit");
    }
  }

  /**
   * {@return pieces one behind the other}
   *
   * @param ranks how many
   * @param bytes of each rank
   */
  public static Pieces side(int ranks, IntToLongFunction bytes) {
    return of(ranks, bytes, 1);
  }

  /**
   * {@return pieces one behind the other, each at a place where a buffer may begin}
   *
   * @param ranks how many
   * @param bytes of each rank
   */
  public static Pieces apart(int ranks, IntToLongFunction bytes) {
    return of(ranks, bytes, ALIGNMENT);
  }

  private static Pieces of(int ranks, IntToLongFunction bytes, long alignment) {
    ImmutableList.Builder<Long> firsts = ImmutableList.builder();
    ImmutableList.Builder<Long> sizes = ImmutableList.builder();
    long at = 0;
    for (int rank = 0; rank < ranks; rank++) {
      long size = bytes.applyAsLong(rank);
      firsts.add(at);
      sizes.add(size);
      at += (size + alignment - 1) / alignment * alignment;
    }
    return new Pieces(firsts.build(), sizes.build());
  }

  /**
   * {@return the pieces of an array that ranks share as evenly as the places where a buffer may
   * begin allow}
   *
   * @param ranks how many
   * @param bytes of all ranks together
   */
  public static Pieces shares(int ranks, long bytes) {
    long each = (bytes + ranks - 1) / ranks;
    long share = (each + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    return side(ranks, rank -> Math.max(0, Math.min(share, bytes - rank * share)));
  }

  /** {@return how many ranks there are} */
  public int ranks() {
    return bytes.size();
  }

  /** {@return the bytes from the start to the end of the last piece} */
  public long end() {
    return IntStream.range(0, ranks())
        .mapToLong(rank -> firstBytes.get(rank) + bytes.get(rank))
        .max()
        .orElse(0);
  }

  /** {@return the bytes of all pieces} */
  public long sum() {
    return bytes.stream().mapToLong(l -> l).sum();
  }
}
