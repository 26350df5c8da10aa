package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.util.stream.IntStream;
import org.alexnet4j.tower.time.ExchangeTime;
import org.alexnet4j.tower.time.OperationTime;
import org.alexnet4j.tower.time.Timeline;

/**
 * What passes cost: every transfer in every pass, every operation on request. All times come from
 * marks in the towers' streams, recorded passes included, and are read when a pass has ended.
 *
 * <p>Threads: the coordinator.
 */
final class PassTimes implements AutoCloseable {
  private final ImmutableList<Tower> towers;
  private final PassClock clock;
  private final ExchangeLog exchange;
  private ImmutableList<OperationMarks> operations = ImmutableList.of();
  private Timeline timeline;

  PassTimes(ImmutableList<Tower> towers, Exchange exchange) {
    this.towers = towers;
    this.clock = new PassClock(towers);
    this.exchange = new ExchangeLog(exchange, clock, towers.size());
  }

  /** Switches the measuring of operations on or off, and forgets what was measured. */
  void operations(boolean on) {
    towers.forEach(tower -> tower.measure(null));
    operations.forEach(OperationMarks::close);
    operations = ImmutableList.of();
    if (on) {
      operations =
          IntStream.range(0, towers.size())
              .mapToObj(t -> new OperationMarks(towers.get(t), clock, t))
              .collect(ImmutableList.toImmutableList());
      IntStream.range(0, towers.size()).forEach(t -> towers.get(t).measure(operations.get(t)));
    }
  }

  /** Returns whether operations are measured, which lets no two passes be under way. */
  boolean measuresOperations() {
    return !operations.isEmpty();
  }

  /** A pass is about to be queued. */
  void begin(int turn) {
    clock.set(turn);
  }

  /**
   * A pass has ended well.
   *
   * @param turn which of the marks it has
   * @param backward whether it went back as well
   * @param logged whether its transfers count
   */
  void end(int turn, boolean backward, boolean logged) {
    if (logged || !operations.isEmpty()) {
      exchange.read(turn, backward, logged);
    }
    for (OperationMarks marks : operations) {
      marks.read(turn, backward);
    }
    timeline = operations.isEmpty() ? null : build(backward);
  }

  /** Returns what was measured of the operations. */
  ImmutableList<OperationTime> operations() {
    return operations.stream()
        .flatMap(OperationMarks::sums)
        .collect(ImmutableList.toImmutableList());
  }

  /** Returns what was measured of the transfers, and begins anew. */
  ImmutableList<ExchangeTime> takeExchange() {
    return exchange.take();
  }

  /** Returns the last pass. */
  Timeline timeline() {
    if (timeline == null) {
      throw new IllegalStateException("the last pass was not measured; switch time on before it");
    }
    return timeline;
  }

  private Timeline build(boolean backward) {
    double start = operations.get(0).beginMicros();
    for (int t = 1; t < operations.size(); t++) {
      start = Math.min(start, operations.get(t).beginMicros() + clock.offsetMicros(t));
    }
    ImmutableList.Builder<Timeline.Span> spans = ImmutableList.builder();
    for (int t = 0; t < operations.size(); t++) {
      operations.get(t).spans(backward, clock.offsetMicros(t) - start).forEach(spans::add);
    }
    long startNanos = clock.nanos() + Math.round(1e3 * start);
    return new Timeline(
        startNanos,
        spans.build(),
        exchange.crossings(backward, start),
        towers.stream()
            .flatMap(tower -> tower.movesOfLast(backward, startNanos).stream())
            .collect(ImmutableList.toImmutableList()));
  }

  @Override
  public void close() {
    operations(false);
    clock.close();
  }
}
