package org.alexnet4j.device;

import org.alexnet4j.bindings.AlexnetAbi;

/** The status codes of {@code status.h}, in their order, and their translation into exceptions. */
public enum NativeStatus {
  OK,
  BAD_ARGUMENT,
  BAD_SHAPE,
  WRONG_STATE,
  OUT_OF_MEMORY,
  NO_DEVICE,
  DEVICE_LOST,
  UNSUPPORTED,
  BACKEND,
  INTERNAL;

  private static final NativeStatus[] VALUES = values();

  /**
   * Returns if the code is OK, else throws what it means.
   *
   * @param code what a native call returned
   * @throws IllegalArgumentException for BAD_ARGUMENT and BAD_SHAPE
   * @throws IllegalStateException for WRONG_STATE
   * @throws NativeException for everything else
   */
  public static void check(int code) {
    if (code != 0) {
      fail(code);
    }
  }

  private static void fail(int code) {
    String text = AlexnetAbi.alexnet_last_error();
    if (code < 0 || code >= VALUES.length) {
      throw new NativeException(INTERNAL, "unknown native status " + code + ": " + text);
    }
    switch (VALUES[code]) {
      case BAD_ARGUMENT, BAD_SHAPE -> throw new IllegalArgumentException(text);
      case WRONG_STATE -> throw new IllegalStateException(text);
      default -> throw new NativeException(VALUES[code], text);
    }
  }
}
