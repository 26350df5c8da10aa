package org.alexnet4j.io;

import java.nio.ByteBuffer;

/**
 * Reads elements of all types as floats or integers; what would not be the same is refused.
 *
 * @hidden
 */
public final class Elements {
  private static final float TWO_TO_63 = 0x1p63f;
  private static final int HALF_BIAS_TO_FLOAT = 112; // 127 - 15

  private Elements() {}

  /**
   * Says that an element has no equal in the type asked for: its value and why.
   *
   * @hidden
   */
  public static final class NoEqualException extends Exception {
    private static final long serialVersionUID = 1L;

    NoEqualException(String message) {
      super(message);
    }
  }

  /**
   * {@return an element as a float: exactly, or, of 64-bit floats, rounded to nearest even}
   *
   * @param type of the element
   * @param bytes in the byte order of the elements
   * @param at index of its first byte
   * @throws NoEqualException for an integer between two floats, and a finite value over their range
   */
  public static float toFloat(DType type, ByteBuffer bytes, int at) throws NoEqualException {
    return switch (type) {
      case FLOAT32 -> bytes.getFloat(at);
      case FLOAT16 -> half(bytes.getShort(at));
      case BFLOAT16 -> Float.intBitsToFloat(bytes.getShort(at) << 16);
      case FLOAT64 -> {
        double value = bytes.getDouble(at);
        if (Double.isFinite(value) && Float.isInfinite((float) value)) {
          throw new NoEqualException("is " + value + ", over the range of 32-bit floats");
        }
        yield (float) value;
      }
      default -> {
        long value = toInteger(type, bytes, at);
        if ((long) (float) value != value || (float) value == TWO_TO_63) {
          throw new NoEqualException("is " + value + ", which is no 32-bit float");
        }
        yield value;
      }
    };
  }

  /**
   * Returns an element as an integer.
   *
   * @param bytes in the byte order of the elements
   * @param at index of its first byte
   * @throws NoEqualException if it is not whole, or over 2^63 - 1
   */
  static long toInteger(DType type, ByteBuffer bytes, int at) throws NoEqualException {
    return switch (type) {
      case BOOL -> bytes.get(at) == 0 ? 0 : 1;
      case UINT8 -> Byte.toUnsignedInt(bytes.get(at));
      case INT8 -> bytes.get(at);
      case UINT16 -> Short.toUnsignedInt(bytes.getShort(at));
      case INT16 -> bytes.getShort(at);
      case UINT32 -> Integer.toUnsignedLong(bytes.getInt(at));
      case INT32 -> bytes.getInt(at);
      case INT64 -> bytes.getLong(at);
      case UINT64 -> {
        long value = bytes.getLong(at);
        if (value < 0) {
          throw new NoEqualException("is " + Long.toUnsignedString(value) + ", over 2^63 - 1");
        }
        yield value;
      }
      case FLOAT64 -> whole(bytes.getDouble(at));
      case FLOAT32, FLOAT16, BFLOAT16 -> whole(toFloat(type, bytes, at));
    };
  }

  private static long whole(double value) throws NoEqualException {
    if (value != Math.rint(value) || Math.abs(value) >= TWO_TO_63) { // true for NaN as well
      throw new NoEqualException("is " + value + ", no whole number");
    }
    return (long) value;
  }

  /** Widens a 16-bit float: sign, five bits of exponent, ten of the fraction. */
  static float half(short bits) {
    int sign = bits & 0x8000;
    int exponent = bits >> 10 & 0x1f;
    int fraction = bits & 0x3ff;
    if (exponent == 0) { // zero and the subnormal numbers: multiples of 2^-24
      return Math.copySign(fraction * 0x1p-24f, sign == 0 ? 1f : -1f);
    }
    int wide = exponent == 0x1f ? 0xff : exponent + HALF_BIAS_TO_FLOAT;
    return Float.intBitsToFloat(sign << 16 | wide << 23 | fraction << 13);
  }
}
