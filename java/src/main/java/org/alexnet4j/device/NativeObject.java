package org.alexnet4j.device;

import org.alexnet4j.bindings.AlexnetAbi;
import org.bytedeco.javacpp.Pointer;

/**
 * Something that the native library keeps for us until it is closed.
 *
 * <p>Threads: any thread may close it, also while others use it: whoever comes later hears that it
 * is closed, and the native side keeps the object until a call that has it is over.
 *
 * @param <H> its handle
 */
abstract class NativeObject<H extends Pointer> implements AutoCloseable {
  static {
    // Before a handle initializes Pointer, the binding has something to say about memory.
    AlexnetAbi.alexnet_live_handles();
  }

  private final H handle;
  private volatile boolean closed;

  /** Takes an empty handle, which the subclass fills. */
  NativeObject(H empty) {
    handle = empty;
  }

  /** Returns what it is, for messages: {@code stream of cpu:0}. */
  abstract String what();

  /** Gives the handle back to the native library and returns its status. */
  abstract int release(H given);

  /**
   * Returns the native handle.
   *
   * @throws IllegalStateException if this is closed
   */
  H handle() {
    if (closed) {
      throw new IllegalStateException("the " + what() + " is closed");
    }
    return handle;
  }

  /** Returns the handle for a call that fills it. */
  final H empty() {
    return handle;
  }

  /** Closes it; waits for a call that another thread is in, where {@link #close} refuses. */
  final synchronized void closeOnceIdle() {
    if (!closed) {
      NativeStatus.check(NativeStatus.onceIdle(() -> release(handle)));
      closed = true;
    }
  }

  /**
   * Closes it; a second call does nothing.
   *
   * @throws IllegalStateException if something that lives on it is still open, or is using it;
   *     nothing has changed then
   */
  @Override
  public synchronized void close() {
    if (!closed) {
      int status = release(handle);
      closed = status != NativeStatus.WRONG_STATE.ordinal();
      NativeStatus.check(status);
    }
  }
}
