package org.alexnet4j.tower.link;

import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.Event;
import org.alexnet4j.device.Stream;
import org.alexnet4j.device.Transport;

/**
 * A way for bytes from a buffer of one device to a buffer of another, or of the same, and the
 * events that order both sides. Used once a pass: {@link #depart} by the sender, then by the
 * receiver {@link #follow}, {@link #fetch} and {@link #deliver}.
 *
 * <p>The target is written once a pass, and a pass ends with all streams idle, so nothing can
 * overtake the reader of the pass before.
 */
public final class Route implements AutoCloseable {
  private final Transport transport;
  private final Buffer from;
  private final Buffer to;
  private final long bytes;
  private final Event ready;
  private final Event arrived;
  private Event staged;
  private Arena host;
  private Buffer via;

  /**
   * Creates the events, and the host memory that the way may need.
   *
   * @param transport decided: not {@link Transport#AUTO}
   */
  public Route(Transport transport, Buffer from, Buffer to, long bytes) {
    this.transport = transport;
    this.from = from;
    this.to = to;
    this.bytes = bytes;
    this.ready = from.device().newEvent();
    this.arrived = to.device().newEvent();
    if (transport == Transport.STAGED) {
      try {
        stage(from.device());
      } catch (RuntimeException e) {
        close();
        throw e;
      }
    }
  }

  private void stage(Device sender) {
    staged = sender.newEvent();
    host = sender.newArena(Arena.Memory.HOST, bytes);
    via = host.buffer(0, bytes);
  }

  /** Returns how the plane goes. */
  public Transport transport() {
    return transport;
  }

  /** Returns where the bytes go. */
  public Buffer to() {
    return to;
  }

  /** The source is queued on the sender's compute stream; what the sender itself has to copy. */
  public void depart(Stream compute, Stream copy) {
    ready.record(compute);
    if (via != null) {
      copy.waitFor(ready);
      copy.copy(via, from, bytes);
      staged.record(copy);
    }
  }

  /** Lets the receiver's copy stream wait for the source. */
  public void follow(Stream copy) {
    copy.waitFor(via == null ? ready : staged);
  }

  /** Copies on the receiver's copy stream, unless the bytes are there already. */
  public void fetch(Stream copy) {
    if (transport != Transport.STORE) {
      copy.copy(to, via == null ? from : via, bytes);
    }
  }

  /** Lets the receiver's compute stream wait for the target. */
  public void deliver(Stream compute, Stream copy) {
    arrived.record(copy);
    compute.waitFor(arrived);
  }

  @Override
  public void close() {
    ready.close();
    arrived.close();
    if (staged != null) {
      staged.close();
    }
    if (host != null) {
      host.close();
    }
  }
}
