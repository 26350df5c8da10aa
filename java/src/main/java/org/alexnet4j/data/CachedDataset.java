package org.alexnet4j.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReferenceArray;

/**
 * Keeps decoded images in memory up to a limit, so that they are decoded once. The first images
 * read are kept for good: when every epoch visits every image, throwing one out to admit another
 * would win nothing.
 */
final class CachedDataset implements Dataset {
  private final Dataset images;
  private final AtomicReferenceArray<byte[]> kept;
  private final AtomicLong bytesLeft;

  CachedDataset(Dataset images, long limitBytes) {
    this.images = images;
    this.kept = new AtomicReferenceArray<>(images.size());
    this.bytesLeft = new AtomicLong(limitBytes);
  }

  @Override
  public void read(int index, ByteBuffer to) throws IOException {
    byte[] pixels = kept.get(index);
    if (pixels != null) {
      to.put(pixels);
      return;
    }
    int start = to.position();
    images.read(index, to);
    int bytes = imageBytes();
    if (bytesLeft.get() < bytes) {
      return;
    }
    if (bytesLeft.addAndGet(-bytes) < 0) {
      bytesLeft.addAndGet(bytes);
      return;
    }
    pixels = new byte[bytes];
    to.get(start, pixels);
    if (!kept.compareAndSet(index, null, pixels)) {
      bytesLeft.addAndGet(bytes); // another thread has just kept the same image
    }
  }

  @Override
  public int size() {
    return images.size();
  }

  @Override
  public List<String> classes() {
    return images.classes();
  }

  @Override
  public int label(int index) {
    return images.label(index);
  }

  @Override
  public String name(int index) {
    return images.name(index);
  }

  @Override
  public int source() {
    return images.source();
  }

  @Override
  public List<String> skipped() {
    return images.skipped();
  }

  @Override
  public void close() throws IOException {
    images.close();
  }
}
