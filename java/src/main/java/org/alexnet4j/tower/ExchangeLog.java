package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alexnet4j.device.Event;
import org.alexnet4j.device.EventTimes;
import org.alexnet4j.plan.Transfer;
import org.alexnet4j.plan.Transfer.Direction;
import org.alexnet4j.tower.time.ExchangeTime;
import org.alexnet4j.tower.time.Timeline;

/**
 * Adds up how long each transfer took, and how much of that was hidden behind computing. A pass
 * costs four marks per transfer and one call per tower to read them.
 *
 * <p>Threads: the coordinator, between passes.
 */
final class ExchangeLog {
  private final ImmutableList<Transfer> transfers;
  private final PassClock clock;
  private final EventTimes[][] ofTurn; // of each turn, by tower
  private EventTimes[] times; // of the pass that was read last
  private final int[] forwardMarks;
  private final int[] allMarks;

  /** Place of a transfer's first mark among those of the sending and of the receiving tower. */
  private final int[] sentAt;

  private final int[] neededAt;
  private final double[] micros;
  private final double[] hidden;
  private final double[] waited;
  private long passes;

  ExchangeLog(Exchange exchange, PassClock clock, int towers) {
    this.transfers = exchange.transfers();
    this.clock = clock;
    this.sentAt = new int[transfers.size()];
    this.neededAt = new int[transfers.size()];
    this.micros = new double[transfers.size()];
    this.hidden = new double[transfers.size()];
    this.waited = new double[transfers.size()];
    this.ofTurn = new EventTimes[Passes.TURNS][towers];
    this.times = ofTurn[0];
    this.forwardMarks = new int[towers];
    this.allMarks = new int[towers];
    for (int turn = 0; turn < ofTurn.length; turn++) {
      List<TransferMarks> marks = exchange.marks(turn);
      for (int t = 0; t < towers; t++) {
        List<Event> events = new ArrayList<>();
        place(t, Direction.FORWARD, marks, events);
        forwardMarks[t] = events.size();
        place(t, Direction.BACKWARD, marks, events);
        allMarks[t] = events.size();
        ofTurn[turn][t] = new EventTimes(clock.origin(t, turn), events);
      }
    }
  }

  private void place(
      int tower, Direction direction, List<TransferMarks> marks, List<Event> events) {
    for (int i = 0; i < transfers.size(); i++) {
      Transfer transfer = transfers.get(i);
      if (transfer.direction() != direction) {
        continue;
      }
      if (transfer.from() == tower) {
        sentAt[i] = events.size();
        events.add(marks.get(i).sent);
      }
      if (transfer.to() == tower) {
        neededAt[i] = events.size();
        events.addAll(List.of(marks.get(i).needed, marks.get(i).begun, marks.get(i).arrived));
      }
    }
  }

  /**
   * Reads the marks of a pass that has ended.
   *
   * @param turn which of the marks it has
   * @param logged whether to add them up
   */
  void read(int turn, boolean withBackward, boolean logged) {
    times = ofTurn[turn];
    for (int t = 0; t < times.length; t++) {
      times[t].read(withBackward ? allMarks[t] : forwardMarks[t]);
    }
    if (logged) {
      add(withBackward);
    }
  }

  private void add(boolean withBackward) {
    for (int i = 0; i < transfers.size(); i++) {
      if (withBackward || transfers.get(i).direction() == Direction.FORWARD) {
        double needed = time(i, 0);
        double begun = time(i, 1);
        double arrived = time(i, 2);
        micros[i] += arrived - begun;
        hidden[i] += Math.max(0, Math.min(needed, arrived) - begun);
        waited[i] += Math.max(0, arrived - needed);
      }
    }
    passes++;
  }

  private double time(int transfer, int mark) {
    return times[transfers.get(transfer).to()].micros(neededAt[transfer] + mark);
  }

  /** Returns what was added up, and begins anew. */
  ImmutableList<ExchangeTime> take() {
    ImmutableList.Builder<ExchangeTime> taken = ImmutableList.builder();
    for (int i = 0; i < transfers.size(); i++) {
      taken.add(new ExchangeTime(transfers.get(i), passes, micros[i], hidden[i], waited[i]));
    }
    passes = 0;
    Arrays.fill(micros, 0);
    Arrays.fill(hidden, 0);
    Arrays.fill(waited, 0);
    return taken.build();
  }

  /**
   * Returns the transfers of the pass that was read last, counted from a time of tower a's clock.
   */
  ImmutableList<Timeline.Crossing> crossings(boolean withBackward, double start) {
    ImmutableList.Builder<Timeline.Crossing> crossings = ImmutableList.builder();
    for (int i = 0; i < transfers.size(); i++) {
      Transfer transfer = transfers.get(i);
      if (withBackward || transfer.direction() == Direction.FORWARD) {
        int from = transfer.from();
        double sent = times[from].micros(sentAt[i]) + clock.offsetMicros(from) - start;
        double offset = clock.offsetMicros(transfer.to()) - start;
        crossings.add(
            new Timeline.Crossing(transfer, sent, time(i, 1) + offset, time(i, 2) + offset));
      }
    }
    return crossings.build();
  }
}
