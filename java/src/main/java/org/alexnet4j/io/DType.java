package org.alexnet4j.io;

import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** An element type, with its names in the two array formats. */
public enum DType {
  /** 32-bit float. */
  FLOAT32("F32", "f4", 4),
  /** 64-bit float. */
  FLOAT64("F64", "f8", 8),
  /** 16-bit float of IEEE 754. */
  FLOAT16("F16", "f2", 2),
  /** The upper half of a 32-bit float; safetensors only. */
  BFLOAT16("BF16", null, 2),
  /** False or true in a byte, 0 or 1. */
  BOOL("BOOL", "b1", 1),
  /** Unsigned byte. */
  UINT8("U8", "u1", 1),
  /** Signed byte. */
  INT8("I8", "i1", 1),
  /** 16-bit unsigned integer. */
  UINT16("U16", "u2", 2),
  /** 16-bit signed integer. */
  INT16("I16", "i2", 2),
  /** 32-bit unsigned integer. */
  UINT32("U32", "u4", 4),
  /** 32-bit signed integer. */
  INT32("I32", "i4", 4),
  /** 64-bit unsigned integer. */
  UINT64("U64", "u8", 8),
  /** 64-bit signed integer. */
  INT64("I64", "i8", 8);

  private final String safetensorsName;
  private final String npyName;
  private final int bytes;

  DType(String safetensorsName, String npyName, int bytes) {
    this.safetensorsName = safetensorsName;
    this.npyName = npyName;
    this.bytes = bytes;
  }

  /** {@return the size of one element in bytes} */
  public int bytes() {
    return bytes;
  }

  /**
   * Says whether its values are floating-point numbers.
   *
   * @return whether they are
   */
  public boolean isFloat() {
    return this == FLOAT32 || this == FLOAT64 || this == FLOAT16 || this == BFLOAT16;
  }

  /** Returns the name in a safetensors header. */
  String safetensorsName() {
    return safetensorsName;
  }

  /**
   * Returns the {@code descr} of a NumPy header, little-endian.
   *
   * @throws IllegalArgumentException if NumPy has no such type
   */
  String npyName() {
    if (npyName == null) {
      throw new IllegalArgumentException("NumPy has no " + this + "; it has " + npyNames());
    }
    return (bytes == 1 ? "|" : "<") + npyName;
  }

  static Optional<DType> ofSafetensors(String name) {
    return Arrays.stream(values()).filter(t -> name.equals(t.safetensorsName)).findFirst();
  }

  /** Finds a type by its NumPy name without the sign of its byte order. */
  static Optional<DType> ofNpy(String name) {
    return Arrays.stream(values()).filter(t -> name.equals(t.npyName)).findFirst();
  }

  static String npyNames() {
    return Stream.of(values())
        .map(t -> t.npyName)
        .filter(Objects::nonNull)
        .collect(Collectors.joining(", "));
  }
}
