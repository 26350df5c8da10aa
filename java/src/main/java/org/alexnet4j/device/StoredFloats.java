package org.alexnet4j.device;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ShortBuffer;

/**
 * Numbers in a buffer as float32 or, in two bytes each, as bfloat16: a float32 without its lower 16
 * bits. Java's side has floats in either case; what is written is rounded to nearest, of two the
 * even one, as kernels do.
 *
 * @hidden
 */
public final class StoredFloats {
  private static final int BITS = 16;

  private StoredFloats() {}

  /**
   * Copies numbers into a buffer.
   *
   * @param to destination
   * @param stream of the same device
   * @param valueBytes of a number there: 4 or 2
   * @param first number of the buffer to write
   * @param from source, from its start
   * @param count numbers
   */
  public static void write(
      Buffer to, Stream stream, int valueBytes, long first, float[] from, int count) {
    if (valueBytes == Float.BYTES) {
      to.copyIn(stream, Float.BYTES * first, from, count);
      return;
    }
    ByteBuffer bytes = bytes(count);
    ShortBuffer values = bytes.asShortBuffer();
    for (int i = 0; i < count; i++) {
      values.put(rounded(from[i]));
    }
    to.copyIn(stream, Short.BYTES * first, bytes);
  }

  /**
   * Copies numbers out of a buffer after everything queued before.
   *
   * @param from source
   * @param stream of the same device
   * @param valueBytes of a number there: 4 or 2
   * @param first number of the buffer to read
   * @param to receives them at its start
   * @param count numbers
   */
  public static void read(
      Buffer from, Stream stream, int valueBytes, long first, float[] to, int count) {
    if (valueBytes == Float.BYTES) {
      from.copyOut(stream, Float.BYTES * first, to, count);
      return;
    }
    ByteBuffer bytes = bytes(count);
    from.copyOut(stream, Short.BYTES * first, bytes);
    ShortBuffer values = bytes.asShortBuffer();
    for (int i = 0; i < count; i++) {
      to[i] = Float.intBitsToFloat(values.get(i) << BITS);
    }
  }

  private static ByteBuffer bytes(int count) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(count, Short.BYTES))
        .order(ByteOrder.nativeOrder());
  }

  /** Returns the upper half of the nearest number with 8 significant bits. */
  private static short rounded(float value) {
    int bits = Float.floatToRawIntBits(value);
    if (Float.isNaN(value)) {
      return (short) (bits >>> BITS | 0x40);
    }
    int odd = bits >>> BITS & 1;
    return (short) (bits + 0x7fff + odd >>> BITS);
  }
}
