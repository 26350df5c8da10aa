package org.alexnet4j.device;

import java.util.List;
import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.bindings.AlexnetAbi.EventHandle;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.PointerPointer;

/**
 * The times of some events, read by one call that allocates nothing.
 *
 * <p>Threads: one caller.
 */
public final class EventTimes implements AutoCloseable {
  private final Event from;
  private final PointerPointer<EventHandle> handles;
  private final DoublePointer micros;
  private final double[] values;

  /**
   * Prepares to read.
   *
   * @param from the event from which time is counted
   * @param events of the same device, or all of host devices
   */
  public EventTimes(Event from, List<Event> events) {
    this.from = from;
    this.values = new double[events.size()];
    // Of length 0 there is no array.
    this.handles = new PointerPointer<>(Math.max(1, events.size()));
    this.micros = new DoublePointer(Math.max(1, events.size()));
    for (int i = 0; i < events.size(); i++) {
      handles.put(i, events.get(i).handle());
    }
  }

  /**
   * Reads the times of the first events, all of which have been reached.
   *
   * @param count how many
   */
  public void read(int count) {
    NativeStatus.check(AlexnetAbi.alexnet_event_times(from.handle(), handles, count, micros));
    micros.get(values, 0, count);
  }

  /** Returns the time of an event as it was read, microseconds. */
  public double micros(int index) {
    return values[index];
  }

  /** Frees the memory; the events stay. */
  @Override
  public void close() {
    handles.close();
    micros.close();
  }
}
