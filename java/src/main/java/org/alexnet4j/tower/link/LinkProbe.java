package org.alexnet4j.tower.link;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.Stream;
import org.alexnet4j.device.Transport;
import org.alexnet4j.engine.Engine;
import org.alexnet4j.engine.Engines;
import org.alexnet4j.shape.LrnPoolShape;
import org.alexnet4j.shape.PoolShape;

/**
 * Sends a pattern from one device to another and compares every byte: peer access that reports
 * success and delivers something else exists. Also measures how fast a way is.
 *
 * <p>Threads: one caller.
 */
public final class LinkProbe implements AutoCloseable {
  /** Pages enough to see a wrong one, and sent in no time. */
  public static final int PATTERN_BYTES = 1 << 18;

  private static final int REPETITIONS = 5;

  private final int bytes;
  private final List<Runnable> closers = new ArrayList<>();
  private final Engine engine;
  private final Stream compute;
  private final Stream copy;
  private final Stream receiver;
  private final Stream receiverCopy;
  private final Buffer source;
  private final Buffer stored;
  private final Buffer target;

  /**
   * Allocates the pattern on one device and room for it on the other.
   *
   * @param bytes a multiple of 256
   */
  public LinkProbe(Device from, Device to, int bytes) {
    this.bytes = bytes;
    try {
      engine = own(Engines.open(from, 1), Engine::close);
      compute = own(from.newStream(), Stream::close);
      copy = own(from.newStream(), Stream::close);
      receiver = own(to.newStream(), Stream::close);
      receiverCopy = own(to.newStream(), Stream::close);
      Arena ours = own(from.newArena(Arena.Memory.DEVICE, 2L * bytes), Arena::close);
      source = ours.buffer(0, bytes);
      stored = ours.buffer(bytes, bytes);
      Arena theirs = own(to.newArena(Arena.Memory.DEVICE, bytes), Arena::close);
      target = theirs.buffer(0, bytes);
      source.copyIn(compute, 0, pattern());
      compute.synchronize();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private <T> T own(T object, Consumer<T> close) {
    closers.add(() -> close.accept(object));
    return object;
  }

  /** Returns finite floats of all sizes, so that a kernel hands them on unchanged. */
  private ByteBuffer pattern() {
    ByteBuffer pattern = ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    for (int i = 0; i < bytes / 4; i++) {
      pattern.putInt(4 * i, (i + 1) * 0x9E3779B1 & 0xBFFFFFFF | 0x20000000);
    }
    return pattern;
  }

  /**
   * Sends the pattern and compares every byte.
   *
   * @return index of the first byte that arrived changed, or -1
   */
  public int firstWrongByte(Transport transport) {
    target.copyIn(receiver, 0, ByteBuffer.allocateDirect(bytes));
    receiver.synchronize();
    try (Route route = route(transport)) {
      send(route);
    }
    ByteBuffer arrived = ByteBuffer.allocateDirect(bytes);
    target.copyOut(receiver, arrived);
    receiver.synchronize();
    return arrived.mismatch(pattern());
  }

  /** Returns the quickest of some sendings, bytes per second. */
  public double bytesPerSecond(Transport transport) {
    long best = Long.MAX_VALUE;
    try (Route route = route(transport)) {
      send(route);
      for (int i = 0; i < REPETITIONS; i++) {
        long before = System.nanoTime();
        send(route);
        best = Math.min(best, System.nanoTime() - before);
      }
    }
    return bytes * 1e9 / best;
  }

  /**
   * Creates a way for the pattern; the caller closes it before this.
   *
   * @param transport decided: not {@link Transport#AUTO}
   */
  public Route route(Transport transport) {
    return new Route(transport, source, target, bytes);
  }

  /** Sends the pattern by a way of {@link #route} and waits for it. */
  public void send(Route route) {
    if (route.transport() == Transport.STORE) {
      store();
    }
    route.depart(compute, copy);
    route.follow(receiverCopy);
    route.fetch(receiverCopy);
    route.deliver(receiver, receiverCopy);
    receiver.synchronize();
    // The next sending writes what this one reads.
    copy.synchronize();
    receiverCopy.synchronize();
  }

  /** A kernel of the sender that writes to both devices: windows of one pixel. */
  private void store() {
    int pixels = bytes / 4 / 64;
    PoolShape windows =
        new PoolShape(1, 1, pixels, 64, 1, 1, PoolShape.Mode.MAX, PoolShape.Ties.ALL);
    LrnPoolShape shape = new LrnPoolShape(null, windows, false);
    engine.lrnPoolFprop(compute, shape, source, stored, target);
  }

  @Override
  public void close() {
    for (int i = closers.size() - 1; i >= 0; i--) {
      closers.get(i).run();
    }
    closers.clear();
  }
}
