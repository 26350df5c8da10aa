package org.alexnet4j.device;

import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.bindings.AlexnetAbi.EventHandle;

/**
 * A point in a stream that others can wait for. Threads: recorded by one thread, awaited by any.
 *
 * @hidden
 */
public final class Event extends NativeObject<EventHandle> {
  private final Device device;

  Event(Device device) {
    super(new EventHandle());
    this.device = device;
    NativeStatus.check(AlexnetAbi.alexnet_event_create(device.handle(), empty()));
  }

  /**
   * Marks the present end of a stream of the same device.
   *
   * @param stream whose end is meant
   */
  public void record(Stream stream) {
    NativeStatus.check(AlexnetAbi.alexnet_event_record(handle(), stream.handle()));
  }

  /**
   * Takes the time at which a stream of the same device gets here, for {@link EventTimes} only:
   * nobody can wait for it. In a {@link Graph} every launch takes it anew.
   *
   * @param stream that gets here
   */
  public void mark(Stream stream) {
    NativeStatus.check(AlexnetAbi.alexnet_event_mark(handle(), stream.handle()));
  }

  /** Blocks the caller until the last record is reached. */
  public void synchronize() {
    NativeStatus.check(AlexnetAbi.alexnet_event_synchronize(handle()));
  }

  /**
   * Returns the time from this event to another, both reached.
   *
   * @param later the later one
   * @return microseconds
   */
  public double microsecondsTo(Event later) {
    double[] micros = new double[1];
    NativeStatus.check(AlexnetAbi.alexnet_event_elapsed(handle(), later.handle(), micros));
    return micros[0];
  }

  @Override
  String what() {
    return "event of " + device;
  }

  @Override
  int release(EventHandle given) {
    return AlexnetAbi.alexnet_event_close(given);
  }
}
