package org.alexnet4j.device;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntSupplier;
import org.alexnet4j.bindings.AlexnetAbi;

/** The status codes of {@code status.h}, in their order, and their translation into exceptions. */
public enum NativeStatus {
  /** It is done. */
  OK,
  /** An argument that no call of this kind takes, or a closed handle. */
  BAD_ARGUMENT,
  /** Extents that do not fit each other. */
  BAD_SHAPE,
  /** A call before or after its time. */
  WRONG_STATE,
  /** The device, or the host, has not so much memory. */
  OUT_OF_MEMORY,
  /** There is no such device. */
  NO_DEVICE,
  /** The device failed; every later call on it fails. */
  DEVICE_LOST,
  /** The device, or this build, cannot do it. */
  UNSUPPORTED,
  /** A library behind the device failed. */
  BACKEND,
  /** A mistake of the native part. */
  INTERNAL;

  private static final NativeStatus[] VALUES = values();
  private static final long PATIENCE_NANOS = Duration.ofSeconds(5).toNanos();
  private static final long PAUSE_NANOS = Duration.ofNanos(50_000).toNanos();

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

  /**
   * Makes a call that must not be refused because another thread is in a call on the same stream or
   * graph: again and again, until that one is over. Gives up after some seconds, which no call
   * takes that waits for nothing.
   *
   * @param call returns a status
   * @return its last status
   */
  static int onceIdle(IntSupplier call) {
    long end = System.nanoTime() + PATIENCE_NANOS;
    int status = call.getAsInt();
    while (status == WRONG_STATE.ordinal() && System.nanoTime() < end) {
      LockSupport.parkNanos(PAUSE_NANOS);
      status = call.getAsInt();
    }
    return status;
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
