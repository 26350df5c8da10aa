package org.alexnet4j.device;

/** A native call failed for a reason that is not the caller's argument. Unchecked. */
public final class NativeException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** How it failed. */
  private final NativeStatus status;

  /**
   * Creates the exception.
   *
   * @param status what the call returned
   * @param text operation, value and reason, from the native side
   */
  public NativeException(NativeStatus status, String text) {
    super(text);
    this.status = status;
  }

  /**
   * Says more about another one.
   *
   * @param status of the cause
   * @param text the cause's, and what is known about it
   * @param cause the first one
   */
  public NativeException(NativeStatus status, String text, NativeException cause) {
    super(text, cause);
    this.status = status;
  }

  /** {@return what the call returned} */
  public NativeStatus status() {
    return status;
  }

  /** {@return whether the device is lost: every later call on it fails} */
  public boolean isDeviceLost() {
    return status == NativeStatus.DEVICE_LOST;
  }
}
