package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.Event;

/**
 * A moment before each pass on the clock of each tower's device, from which its times are counted.
 * Host devices have one clock. Each GPU has its own, which is set by the host's while its streams
 * are idle: two GPUs agree within the time of a few calls, some microseconds.
 *
 * <p>Threads: the coordinator.
 */
final class PassClock implements AutoCloseable {

  /** One clock, and the first tower that it belongs to. */
  private static final class Origin {
    final Tower tower;
    final Event[] events = new Event[Passes.TURNS];
    long nanos;

    Origin(Tower tower) {
      this.tower = tower;
      for (int turn = 0; turn < events.length; turn++) {
        events[turn] = tower.device().newEvent();
      }
    }
  }

  private final List<Origin> origins = new ArrayList<>();
  private final Origin[] ofTower;

  PassClock(ImmutableList<Tower> towers) {
    ofTower = new Origin[towers.size()];
    for (int t = 0; t < ofTower.length; t++) {
      Tower tower = towers.get(t);
      ofTower[t] = shared(tower.device());
      if (ofTower[t] == null) {
        ofTower[t] = new Origin(tower);
        origins.add(ofTower[t]);
      }
    }
  }

  private Origin shared(Device device) {
    for (Origin origin : origins) {
      if (origin.tower.device() == device || device.id().kind() != DeviceKind.CUDA) {
        return origin;
      }
    }
    return null;
  }

  /**
   * Sets the clocks anew, in front of a pass. Where the pass before is still under way they are set
   * later than the host's, so only times of one device may be compared then.
   */
  void set(int turn) {
    for (Origin origin : origins) {
      origin.nanos = System.nanoTime();
      origin.events[turn].mark(origin.tower.stream());
    }
  }

  /** Returns the event from which a tower's times are counted in passes of a turn. */
  Event origin(int tower, int turn) {
    return ofTower[tower].events[turn];
  }

  /** Returns when tower a's clock was last set, by {@link System#nanoTime}. */
  long nanos() {
    return origins.get(0).nanos;
  }

  /** Returns what to add to a tower's time to have it on tower a's clock, microseconds. */
  double offsetMicros(int tower) {
    return (ofTower[tower].nanos - nanos()) / 1e3;
  }

  @Override
  public void close() {
    for (Origin origin : origins) {
      for (Event event : origin.events) {
        event.close();
      }
    }
  }
}
