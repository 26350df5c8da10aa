package org.alexnet4j.io;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Encodes one protobuf message, field by field.
 *
 * @hidden
 */
public final class Proto {
  private static final int VARINT = 0;
  private static final int FIXED64 = 1;
  private static final int BYTES = 2;
  private static final int FIXED32 = 5;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  private void key(int field, int type) {
    number((long) field << 3 | type);
  }

  /** Seven bits a byte, the lowest first; the eighth bit says that more follow. */
  private void number(long value) {
    long rest = value;
    while ((rest & ~0x7fL) != 0) {
      out.write((int) (rest & 0x7f | 0x80));
      rest >>>= 7;
    }
    out.write((int) rest);
  }

  /**
   * Adds a number, seven bits a byte.
   *
   * @param field number of the field
   * @param value what it holds
   * @return this
   */
  public Proto varint(int field, long value) {
    key(field, VARINT);
    number(value);
    return this;
  }

  /**
   * Adds a double.
   *
   * @param field number of the field
   * @param value what it holds
   * @return this
   */
  public Proto float64(int field, double value) {
    key(field, FIXED64);
    ByteBuffer bytes = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putDouble(value);
    out.writeBytes(bytes.array());
    return this;
  }

  /**
   * Adds a float.
   *
   * @param field number of the field
   * @param value what it holds
   * @return this
   */
  public Proto float32(int field, float value) {
    key(field, FIXED32);
    ByteBuffer bytes = ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(value);
    out.writeBytes(bytes.array());
    return this;
  }

  /**
   * Adds bytes: a text in UTF-8, packed numbers or another message.
   *
   * @param field number of the field
   * @param value what it holds
   * @return this
   */
  public Proto bytes(int field, byte[] value) {
    key(field, BYTES);
    number(value.length);
    out.writeBytes(value);
    return this;
  }

  /** {@return the message} */
  public byte[] toBytes() {
    return out.toByteArray();
  }
}
