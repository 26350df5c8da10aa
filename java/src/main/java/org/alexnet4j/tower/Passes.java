package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.Event;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.shape.Precision;

/**
 * Runs passes: each tower's thread walks its plan, or one thread runs the graph of all. A pass is
 * queued, and later awaited; the next one may be queued before that, so that a GPU goes from one to
 * the next. On {@code cpu} and {@code emu} the towers' threads compute meanwhile.
 *
 * <p>What belongs to one pass alone (events at its end, marks, results) is there twice and used in
 * turns; so a pass is queued only when the last but one has ended.
 *
 * <p>Threads: the coordinator, whose turn it is.
 */
final class Passes implements AutoCloseable {
  /** Passes that may be under way. */
  static final int TURNS = 2;

  /** A pass from when it is queued to when it is awaited. */
  private static final class Flight {
    final Event[] ends; // by tower
    boolean backward;
    boolean labelled;
    int images;
    boolean begun; // queued, and not known to have ended
    StepResult result = StepResult.NONE;

    Flight(List<Tower> towers) {
      ends = towers.stream().map(tower -> tower.device().newEvent()).toArray(Event[]::new);
    }
  }

  private final Plan plan;
  private final ImmutableList<Tower> towers;
  private final AbortSignal abort;
  private final StepMode mode;
  private final StepGraphs graphs;
  private final PassTimes times;
  private final List<TowerThread> threads = new ArrayList<>();
  private final List<Runnable> walks = new ArrayList<>();
  private final Runnable graphPass = this::runGraph;
  private final TowerThread waiter = new TowerThread("tower-wait");
  private final Watchdog queueing;
  private final Watchdog computing;
  private final Flight[] flights = new Flight[TURNS];
  private final Runnable[] waits = new Runnable[TURNS];
  private final LossRead losses;
  private boolean withBackward;
  private long pass;
  private Throwable unsaid;

  /** Starts the towers' threads; the towers are bound. */
  Passes(
      Plan plan,
      ImmutableList<Tower> towers,
      Exchange exchange,
      AbortSignal abort,
      TowerOptions options) {
    this.plan = plan;
    this.towers = towers;
    this.abort = abort;
    // What ranks move is no part of a recording.
    boolean recordable =
        plan.part().isWhole() && towers.stream().allMatch(t -> t.engine().recordable());
    this.mode =
        options.mode() != null
            ? options.mode()
            : StepMode.choose(towers.get(0).device().id().kind(), recordable);
    boolean pairs = mode == StepMode.PAIRS && whyNoPairs().isEmpty();
    this.graphs = new StepGraphs(towers, exchange, pairs);
    this.times = new PassTimes(towers, exchange);
    this.losses = new LossRead(towers.get(0), plan);
    for (int turn = 0; turn < TURNS; turn++) {
      Flight flight = new Flight(towers);
      flights[turn] = flight;
      waits[turn] = () -> awaitEnds(flight);
    }
    for (int t = 0; t < towers.size(); t++) {
      int tower = t;
      String name = NetworkSpec.towerName(towers.get(t).plan().tower());
      threads.add(new TowerThread("tower-" + name));
      walks.add(() -> walk(tower));
    }
    List<Tower> all = List.copyOf(towers);
    this.queueing = new Watchdog(all, threads, abort, options.patience());
    this.computing =
        new Watchdog(all, all.stream().map(t -> waiter).toList(), abort, options.patience());
  }

  StepMode mode() {
    return mode;
  }

  /**
   * Returns why no launch can be of two towers, as far as devices, engines and precision tell,
   * where {@link StepMode#PAIRS} asks for that; else nothing.
   */
  Optional<String> whyNoPairs() {
    String why = null;
    if (mode != StepMode.PAIRS) {
      return Optional.empty();
    } else if (towers.stream().map(Tower::device).distinct().count() == towers.size()) {
      why = "each tower has a device of its own";
    } else if (!towers.stream().allMatch(tower -> tower.engine().pairable())) {
      why = "this engine queues its products by itself";
    } else if (towers.get(0).device().id().kind() == DeviceKind.CPU) {
      why = "kernels of cpu are called, not launched";
    } else if (plan.arithmetic().precision() == Precision.FP32) {
      why = "the kernels of fp32 are for one tower each; allowed: tf32, bf16, 3xtf32";
    }
    return Optional.ofNullable(why);
  }

  /** Returns how many forms of a pass have been recorded. */
  int recordedForms() {
    return graphs.recorded();
  }

  PassTimes times() {
    return times;
  }

  /** Switches the measuring of operations on or off; marks are part of recordings. */
  void time(boolean on) {
    graphs.forget();
    times.operations(on);
  }

  private static int turn(long pass) {
    return (int) (pass % TURNS);
  }

  /**
   * Lets the towers' threads begin a pass; on {@code cuda} they queue it, elsewhere they compute.
   * The one before has been queued, or computed, by then.
   *
   * @param kind for messages
   * @param training whether dropout drops
   * @param backward whether it goes back as well
   * @param input where the batch is
   * @param ready what is loaded
   * @return its number, to {@link #await} it
   */
  long queue(
      String kind,
      StepSettings settings,
      boolean training,
      boolean backward,
      TowerInput input,
      Readiness ready) {
    awaitQueued();
    if (times.measuresOperations()) {
      end(pass); // the marks between operations are there once
    }
    end(pass + 1 - TURNS);
    pass++;
    withBackward = backward;
    Flight flight = flights[turn(pass)];
    flight.backward = backward;
    flight.labelled = ready.isLabelled();
    flight.images = ready.images();
    flight.result = StepResult.NONE;
    for (Tower tower : towers) {
      PassState state = tower.state();
      state.kind = kind;
      state.step = settings.step();
      state.training = training;
      state.labelled = flight.labelled;
      state.missing = ready.missing();
      state.skipInput = ready.isPrepared();
      state.factors = settings.factors();
      state.pass = pass;
    }
    followLastPass();
    times.begin(turn(pass));
    input.send(settings, flight.ends);
    flight.begun = true;
    if (mode == StepMode.WALK || graphs.mustWalk(backward)) {
      for (int t = 0; t < threads.size(); t++) {
        threads.get(t).begin(walks.get(t));
      }
    } else {
      threads.get(0).begin(graphPass);
    }
    return pass;
  }

  /** No tower begins before the pass before has ended on all: it may still read their planes. */
  private void followLastPass() {
    Flight last = flights[turn(pass - 1)];
    for (int t = 0; t < towers.size(); t++) {
      for (int other = 0; other < towers.size(); other++) {
        if (other != t && pass > 1) {
          towers.get(t).stream().waitFor(last.ends[other]);
        }
      }
    }
  }

  private void runGraph() {
    try {
      Tower first = towers.get(0);
      first.enterGraph();
      graphs.run(withBackward);
      Flight flight = flights[turn(pass)];
      losses.queue(turn(pass), flight.labelled);
      flight.ends[0].record(first.stream());
      for (int t = 1; t < towers.size(); t++) {
        towers.get(t).stream().waitFor(flight.ends[0]);
        flight.ends[t].record(towers.get(t).stream());
      }
    } catch (RuntimeException e) {
      abort.raise(new TowerException(towers.get(0).where(), e));
    } catch (Error e) {
      abort.raise(e);
    }
  }

  private void walk(int tower) {
    try {
      Tower one = towers.get(tower);
      Flight flight = flights[turn(pass)];
      one.run(
          withBackward,
          abort,
          () -> {
            if (tower == 0) {
              losses.queue(turn(pass), flight.labelled);
            }
            flight.ends[tower].record(one.stream());
          });
    } catch (RuntimeException | Error e) {
      abort.raise(e);
    }
  }

  /** Waits until the towers' threads have done their part of the last pass. */
  private void awaitQueued() {
    queueing.await();
    throwFailure();
  }

  /** Waits for the devices; called by the waiting thread. */
  private void awaitEnds(Flight flight) {
    try {
      for (Event end : flight.ends) {
        end.synchronize();
      }
    } catch (RuntimeException e) {
      abort.raise(new TowerException(towers.get(0).where(), e));
    } catch (Error e) {
      abort.raise(e);
    }
  }

  /** Waits for the end of a pass that was queued, and reads what it gave. */
  StepResult await(long number) {
    end(number);
    return flights[turn(number)].result;
  }

  /** Waits for the end of all passes. */
  void settle() {
    end(pass - 1);
    end(pass);
  }

  private void end(long number) {
    Flight flight = flights[turn(Math.max(0, number))];
    if (number < 1 || !flight.begun) {
      return;
    }
    if (number == pass) {
      awaitQueued();
    }
    waiter.begin(waits[turn(number)]);
    computing.await();
    throwFailure();
    for (Event end : flight.ends) {
      end.synchronize(); // from here on this thread's own work comes behind the pass
    }
    flight.begun = false;
    times.end(turn(number), flight.backward, flight.backward || plan.purpose() == Purpose.INFER);
    if (flight.labelled) {
      flight.result = losses.read(turn(number), flight.images);
    }
  }

  /** Throws what ended a pass before, whose threads may still be at work. */
  void throwFailure() {
    Throwable failure = abort.cause();
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
  }

  /**
   * Ends the threads, after what they still have to do unless something has failed.
   *
   * @return whether all have left their devices
   */
  boolean end() {
    if (abort.cause() == null) {
      try {
        settle();
      } catch (RuntimeException | Error e) {
        unsaid = e; // by close(), as nobody will await that pass
      }
    }
    threads.forEach(TowerThread::close);
    waiter.close();
    return waiter.await(0) && threads.stream().allMatch(thread -> thread.await(0));
  }

  @Override
  public void close() {
    graphs.close();
    times.close();
    losses.close();
    for (Flight flight : flights) {
      for (Event end : flight.ends) {
        end.close();
      }
    }
    Throwable failure = unsaid;
    unsaid = null;
    if (failure != null) {
      throw failure instanceof RuntimeException e
          ? e
          : new IllegalStateException("a step that was queued failed", failure);
    }
  }
}
