package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.alexnet4j.device.Event;
import org.alexnet4j.device.EventTimes;
import org.alexnet4j.plan.Operation;
import org.alexnet4j.tower.time.OperationTime;
import org.alexnet4j.tower.time.Timeline;

/**
 * The times between a tower's operations. An operation begins where the one before it ends. One
 * that is queued together with another tower's has, on each tower, the time of both and of the wait
 * for the other one, so that a sum over towers has it twice.
 *
 * <p>Threads: marked by whoever queues the operations, read by the coordinator between passes.
 */
final class OperationMarks implements AutoCloseable {
  private final Tower tower;
  private final ImmutableList<Event> events;
  private final EventTimes[] times = new EventTimes[Passes.TURNS]; // from each turn's origin
  private EventTimes last;
  private final double[] sums;
  private long passes;

  OperationMarks(Tower tower, PassClock clock, int index) {
    this.tower = tower;
    int count = tower.count(true);
    this.events =
        IntStream.rangeClosed(0, count)
            .mapToObj(i -> tower.device().newEvent())
            .collect(ImmutableList.toImmutableList());
    for (int turn = 0; turn < times.length; turn++) {
      times[turn] = new EventTimes(clock.origin(index, turn), events);
    }
    this.sums = new double[count];
  }

  /** Marks the end of the first operations of a pass. */
  void after(int operations) {
    events.get(operations).mark(tower.stream());
  }

  /** Reads the marks of a pass that has ended, and adds them up. */
  void read(int turn, boolean withBackward) {
    int count = tower.count(withBackward);
    last = times[turn];
    last.read(count + 1);
    for (int i = 0; i < count; i++) {
      sums[i] += last.micros(i + 1) - last.micros(i);
    }
    passes++;
  }

  /** Returns the sums of all passes. */
  Stream<OperationTime> sums() {
    return IntStream.range(0, sums.length)
        .mapToObj(
            i ->
                new OperationTime(
                    tower.plan().tower(),
                    tower.operation(i).layer(),
                    tower.operation(i).getClass().getSimpleName(),
                    i >= tower.count(false),
                    Math.round(1e3 * sums[i]),
                    passes));
  }

  /** Returns when the pass that was read last began on this tower. */
  double beginMicros() {
    return last.micros(0);
  }

  /** Returns the operations of the pass that was read last. */
  Stream<Timeline.Span> spans(boolean withBackward, double offset) {
    return IntStream.range(0, tower.count(withBackward))
        .mapToObj(
            i ->
                new Timeline.Span(
                    tower.plan().tower(),
                    tower.operation(i).layer(),
                    tower.operation(i).getClass().getSimpleName(),
                    transfer(tower.operation(i)),
                    i >= tower.count(false),
                    last.micros(i) + offset,
                    last.micros(i + 1) + offset));
  }

  private static int transfer(Operation operation) {
    if (operation instanceof Operation.Send send) {
      return send.transfer();
    }
    return operation instanceof Operation.Receive receive ? receive.transfer() : -1;
  }

  @Override
  public void close() {
    events.forEach(Event::close);
  }
}
