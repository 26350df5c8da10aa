package org.alexnet4j.engine;

import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.Stream;
import org.alexnet4j.shape.FcShape;
import org.alexnet4j.shape.SgdShape;

/**
 * What our operations do beside a library's product, one operation after the other: the rectifier's
 * mask, the sum for the biases, the weight update.
 *
 * <p>Threads: as {@link Engine}.
 */
abstract class LibraryEngine extends KernelEngine {
  private final Device device;
  private Arena gradients;
  private Buffer gradient;

  LibraryEngine(Device device) {
    this.device = device;
  }

  @Override
  public boolean pairable() {
    return false;
  }

  /** Clears {@code dx} where {@code mask}, unless it is null, is not positive. */
  final void applyMask(Stream stream, long count, Buffer mask, Buffer dx) {
    if (mask != null) {
      reluBprop(stream, count, mask, dx, dx);
    }
  }

  /** Sums {@code dy} over its rows into {@code db} unless that is null. */
  final void sumBias(Stream stream, long rows, int channels, Buffer dy, Buffer db) {
    if (db != null) {
      biasGrad(stream, rows, channels, dy, db);
    }
  }

  /** The library has no such operation: the gradient goes through memory of the engine's own. */
  @Override
  public void fcWgradUpdate(
      Stream stream,
      FcShape s,
      SgdShape update,
      Buffer settings,
      Buffer x,
      Buffer dy,
      Buffer w,
      Buffer v,
      Buffer db) {
    Buffer dw = gradient(4 * s.wCount());
    fcWgrad(stream, s, x, dy, dw, db);
    sgdUpdate(stream, SgdUpdate.of(update, w, v, dw), settings);
  }

  private Buffer gradient(long bytes) {
    if (gradient == null || gradient.bytes() < bytes) {
      if (gradient != null) {
        forget(gradient);
        gradients.close();
      }
      gradients = device.newArena(Arena.Memory.DEVICE, bytes);
      gradient = gradients.buffer(0, bytes);
    }
    return gradient;
  }

  /** A library's product expects its memory on its own device. */
  @Override
  public boolean storesOnPeers() {
    return false;
  }

  /** Drops what the engine keeps of a buffer that is about to be closed. */
  abstract void forget(Buffer buffer);

  @Override
  public void close() {
    if (gradients != null) {
      gradients.close();
    }
    super.close();
  }
}
