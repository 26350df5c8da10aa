package org.alexnet4j.device;

import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.bindings.AlexnetAbi.EventHandle;
import org.bytedeco.javacpp.DoublePointer;

/**
 * A point in a stream that others can wait for. Threads: recorded by one thread, awaited by any.
 */
public final class Event implements AutoCloseable {
  private final EventHandle handle = new EventHandle();
  private boolean closed;

  Event(Device device) {
    NativeStatus.check(AlexnetAbi.alexnet_event_create(device.handle(), handle));
  }

  EventHandle handle() {
    return handle;
  }

  /** Marks the present end of a stream of the same device. */
  public void record(Stream stream) {
    NativeStatus.check(AlexnetAbi.alexnet_event_record(handle, stream.handle()));
  }

  /**
   * Takes the time at which a stream of the same device gets here, for {@link EventTimes} only:
   * nobody can wait for it. In a {@link Graph} every launch takes it anew.
   */
  public void mark(Stream stream) {
    NativeStatus.check(AlexnetAbi.alexnet_event_mark(handle, stream.handle()));
  }

  /** Blocks the caller until the last record is reached. */
  public void synchronize() {
    NativeStatus.check(AlexnetAbi.alexnet_event_synchronize(handle));
  }

  /**
   * Returns the time from this event to another, both reached.
   *
   * @return microseconds
   */
  public double microsecondsTo(Event later) {
    try (DoublePointer time = new DoublePointer(1)) {
      NativeStatus.check(AlexnetAbi.alexnet_event_elapsed(handle, later.handle, time));
      return time.get();
    }
  }

  /** Closes the event; a second call does nothing. */
  @Override
  public void close() {
    if (!closed) {
      closed = true;
      NativeStatus.check(AlexnetAbi.alexnet_event_close(handle));
    }
  }
}
