package org.alexnet4j.foreign;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Floats in the order of bytes that all these formats have. */
final class LittleEndian {
  private LittleEndian() {}

  static ByteBuffer bytes(float[] values) {
    ByteBuffer bytes =
        ByteBuffer.allocate(values.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    bytes.asFloatBuffer().put(values);
    return bytes;
  }
}
