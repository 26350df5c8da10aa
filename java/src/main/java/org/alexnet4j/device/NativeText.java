package org.alexnet4j.device;

import java.nio.charset.StandardCharsets;

/** Texts that the native library writes into an array. */
final class NativeText {
  /** Room for any of them. */
  static final int BYTES = 4096;

  private NativeText() {}

  /** Returns the text before the first zero. */
  static String of(byte[] bytes) {
    int length = 0;
    while (length < bytes.length && bytes[length] != 0) {
      length++;
    }
    return new String(bytes, 0, length, StandardCharsets.UTF_8);
  }
}
