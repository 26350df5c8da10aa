package org.alexnet4j.data.archive;

import java.util.Arrays;
import java.util.List;
import org.alexnet4j.data.Draws;

/** Files changed at random; the n-th is a pure function of n, so that a failure can be repeated. */
public final class Mutation {
  private static final int MOST_BYTES = 1 << 16;

  /** Values at which sizes and counts change their meaning. */
  private static final long[] EDGES = {
    0,
    1,
    -1,
    127,
    128,
    255,
    256,
    0x7fff,
    0xffff,
    Integer.MAX_VALUE,
    Integer.MIN_VALUE,
    Long.MAX_VALUE,
    Long.MIN_VALUE
  };

  private Mutation() {}

  /** Returns one of some files with up to five changes: bits, bytes, numbers, pieces. */
  public static byte[] of(List<byte[]> seeds, int n) {
    Draws random = new Draws(2012, 1, n);
    byte[] input = seeds.get(random.below(seeds.size())).clone();
    int changes = random.below(6);
    for (int i = 0; i < changes && input.length > 0; i++) {
      int reach = random.below(3) > 0 ? Math.min(600, input.length) : input.length;
      int at = random.below(reach);
      switch (random.below(8)) {
        case 0 -> input[at] ^= (byte) (1 << random.below(8));
        case 1 -> input[at] = (byte) random.bits();
        case 2 -> input = Arrays.copyOf(input, at);
        case 3 -> input = splice(input, at, input, random.below(input.length), random.below(40));
        case 4 -> {
          byte[] other = seeds.get(random.below(seeds.size()));
          input = splice(input, at, other, random.below(other.length), random.below(200));
        }
        case 5 -> edge(input, at, EDGES[random.below(EDGES.length)], 1 << random.below(4));
        case 6 -> input = without(input, at, random.below(40));
        default -> digit(input, at, random);
      }
    }
    return input.length > MOST_BYTES ? Arrays.copyOf(input, MOST_BYTES) : input;
  }

  static byte[] splice(byte[] into, int at, byte[] from, int start, int count) {
    int length = Math.min(count, from.length - start);
    byte[] longer = new byte[into.length + length];
    System.arraycopy(into, 0, longer, 0, at);
    System.arraycopy(from, start, longer, at, length);
    System.arraycopy(into, at, longer, at + length, into.length - at);
    return longer;
  }

  private static byte[] without(byte[] input, int at, int count) {
    int length = Math.min(count, input.length - at);
    byte[] shorter = new byte[input.length - length];
    System.arraycopy(input, 0, shorter, 0, at);
    System.arraycopy(input, at + length, shorter, at, shorter.length - at);
    return shorter;
  }

  static void edge(byte[] input, int at, long value, int bytes) {
    for (int i = 0; i < bytes && at + i < input.length; i++) {
      input[at + i] = (byte) (value >> 8 * i);
    }
  }

  /** Changes the next digit in a text, so that numbers and not words change. */
  private static void digit(byte[] input, int at, Draws random) {
    for (int i = at; i < input.length; i++) {
      if (input[i] >= '0' && input[i] <= '9') {
        input[i] = (byte) ("0123456789-e.x".charAt(random.below(14)));
        return;
      }
    }
  }
}
