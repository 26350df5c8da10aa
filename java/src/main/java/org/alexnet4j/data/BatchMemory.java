package org.alexnet4j.data;

import java.nio.ByteBuffer;

/**
 * Where the images of a loader's batches lie: memory from which a device can copy by itself, so
 * that pixels are written once, or any direct memory. It belongs to the loader, which closes it.
 *
 * <p>Threads: any may call {@link #awaitUnread}; the rest is called by one at a time.
 */
@FunctionalInterface
public interface BatchMemory extends AutoCloseable {

  /**
   * {@return a direct buffer of at least so many bytes, contents undefined}
   *
   * @param bytes least size
   */
  ByteBuffer allocate(int bytes);

  /**
   * Returns once nobody reads a buffer any more that was given back; every thread that is about to
   * write it asks.
   *
   * @param images one that {@link #allocate} returned
   */
  default void awaitUnread(ByteBuffer images) {}

  /** Frees all buffers; nobody may touch them any more. */
  @Override
  default void close() {}
}
