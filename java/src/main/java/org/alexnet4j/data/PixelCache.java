package org.alexnet4j.data;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Keeps decoded images in memory up to a limit of bytes, so that they are decoded once. The first
 * ones read stay for good: when every epoch visits every image, throwing one out to admit another
 * would win nothing. For several threads.
 */
final class PixelCache {
  private final AtomicReferenceArray<byte[]> kept;
  private final AtomicLong bytesLeft;

  PixelCache(int images, long limitBytes) {
    this.kept = new AtomicReferenceArray<>(images);
    this.bytesLeft = new AtomicLong(limitBytes);
  }

  /** Returns the pixels of an image, or null if they are not kept. */
  byte[] get(int index) {
    return kept.get(index);
  }

  /**
   * Takes so many bytes of what is left for an image that will be put; false if there is no room.
   */
  boolean reserve(int bytes) {
    if (bytesLeft.get() < bytes) {
      return false;
    }
    if (bytesLeft.addAndGet(-bytes) < 0) {
      bytesLeft.addAndGet(bytes);
      return false;
    }
    return true;
  }

  /** Keeps the pixels of an image for which room was reserved. */
  void put(int index, byte[] pixels) {
    if (!kept.compareAndSet(index, null, pixels)) {
      bytesLeft.addAndGet(pixels.length); // another thread has just kept the same image
    }
  }
}
