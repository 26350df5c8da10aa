package org.alexnet4j.io;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** An element type, with its names in the two array formats; always little-endian. */
public enum DType {
  /** 32-bit float. */
  FLOAT32("F32", "<f4", 4),
  /** 64-bit float; NumPy files only. */
  FLOAT64(null, "<f8", 8),
  /** Unsigned byte. */
  UINT8("U8", "|u1", 1),
  /** 32-bit signed integer; NumPy files only. */
  INT32(null, "<i4", 4),
  /** 64-bit signed integer. */
  INT64("I64", "<i8", 8);

  private final String safetensorsName;
  private final String npyName;
  private final int bytes;

  DType(String safetensorsName, String npyName, int bytes) {
    this.safetensorsName = safetensorsName;
    this.npyName = npyName;
    this.bytes = bytes;
  }

  /** Returns the size of one element in bytes. */
  public int bytes() {
    return bytes;
  }

  /** Returns the name in a safetensors header, if that format may hold this type. */
  Optional<String> safetensorsName() {
    return Optional.ofNullable(safetensorsName);
  }

  /** Returns the {@code descr} of a NumPy header. */
  String npyName() {
    return npyName;
  }

  static Optional<DType> ofSafetensors(String name) {
    return Arrays.stream(values()).filter(t -> name.equals(t.safetensorsName)).findFirst();
  }

  static Optional<DType> ofNpy(String name) {
    return Arrays.stream(values()).filter(t -> name.equals(t.npyName)).findFirst();
  }

  static String safetensorsNames() {
    return Arrays.stream(values())
        .flatMap(t -> t.safetensorsName().stream())
        .collect(Collectors.joining(", "));
  }

  static String npyNames() {
    return Arrays.stream(values()).map(DType::npyName).collect(Collectors.joining(", "));
  }
}
