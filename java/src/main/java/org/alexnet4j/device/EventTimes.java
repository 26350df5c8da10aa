package org.alexnet4j.device;

import java.util.List;
import org.alexnet4j.bindings.AlexnetAbi;

/**
 * The times of some events, read by one call that allocates nothing.
 *
 * <p>Threads: one caller.
 *
 * @hidden
 */
public final class EventTimes {
  private final Event from;
  private final long[] handles;
  private final double[] micros;

  /**
   * Prepares to read.
   *
   * @param from the event from which time is counted
   * @param events of the same device, or all of host devices
   */
  public EventTimes(Event from, List<Event> events) {
    this.from = from;
    this.handles = events.stream().mapToLong(event -> event.handle().address()).toArray();
    this.micros = new double[handles.length];
  }

  /**
   * Reads the times of the first events, all of which have been reached.
   *
   * @param count how many
   */
  public void read(int count) {
    Bounds.check("events", 0, count, handles.length);
    NativeStatus.check(AlexnetAbi.alexnet_event_times(from.handle(), handles, count, micros));
  }

  /**
   * {@return the time of an event as it was read, microseconds}
   *
   * @param index of the event among those that were read, from 0
   */
  public double micros(int index) {
    return micros[index];
  }
}
