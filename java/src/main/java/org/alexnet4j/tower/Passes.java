package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Purpose;

/**
 * Runs passes: each tower's thread walks its plan, or one thread runs the graph of all.
 *
 * <p>Threads: the coordinator, whose turn it is.
 */
final class Passes implements AutoCloseable {
  private final Plan plan;
  private final ImmutableList<Tower> towers;
  private final AbortSignal abort;
  private final StepMode mode;
  private final StepGraphs graphs;
  private final PassTimes times;
  private final List<TowerThread> threads = new ArrayList<>();
  private final List<Runnable> passes = new ArrayList<>();
  private final Runnable graphPass = this::runGraph;
  private final Watchdog watchdog;
  private final ByteBuffer metrics;
  private boolean withBackward;
  private long pass;

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
    boolean recordable = towers.stream().allMatch(t -> t.engine().recordable());
    this.mode =
        options.mode() != null
            ? options.mode()
            : StepMode.choose(towers.get(0).device().id().kind(), recordable);
    this.metrics = ByteBuffer.allocateDirect(12 * plan.batch()).order(ByteOrder.nativeOrder());
    this.graphs = new StepGraphs(towers, exchange);
    this.times = new PassTimes(towers, exchange);
    for (Tower tower : towers) {
      threads.add(new TowerThread("tower-" + NetworkSpec.towerName(tower.plan().tower())));
      passes.add(() -> runTower(tower));
    }
    this.watchdog = new Watchdog(List.copyOf(towers), threads, abort, options.patience());
  }

  StepMode mode() {
    return mode;
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

  /**
   * Runs a pass to its end.
   *
   * @param kind for messages
   * @param training whether dropout drops
   * @param backward whether it goes back as well
   * @param input what is loaded
   */
  StepResult run(
      String kind, StepSettings settings, boolean training, boolean backward, TowerInput input) {
    pass++;
    withBackward = backward;
    for (Tower tower : towers) {
      PassState state = tower.state();
      state.kind = kind;
      state.step = settings.step();
      state.training = training;
      state.weightRates = settings.weightRates();
      state.pass = pass;
      tower.prepare(settings, input.slot());
    }
    if (mode == StepMode.WALK || graphs.mustWalk(backward)) {
      for (int t = 0; t < threads.size(); t++) {
        threads.get(t).begin(passes.get(t));
      }
    } else {
      threads.get(0).begin(graphPass);
    }
    watchdog.await();
    throwFailure();
    // The streams are idle; from here on this thread's own work comes behind theirs.
    towers.forEach(Tower::synchronize);
    times.end(backward, backward || plan.purpose() == Purpose.INFER);
    return towers.get(0).state().labelled ? result(input.loaded()) : StepResult.NONE;
  }

  private void runGraph() {
    try {
      towers.get(0).enterGraph();
      graphs.run(withBackward);
    } catch (RuntimeException e) {
      abort.raise(new TowerException(towers.get(0).where(), e));
    } catch (Error e) {
      abort.raise(e);
    }
  }

  private void runTower(Tower tower) {
    try {
      tower.run(withBackward, abort);
    } catch (RuntimeException | Error e) {
      abort.raise(e);
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

  /** Adds up the metrics of the images, in their order. */
  private StepResult result(int images) {
    Tower first = towers.get(0);
    first.buffer(plan.metrics()).copyOut(first.stream(), metrics.clear());
    double loss = 0;
    double top1 = 0;
    double top5 = 0;
    for (int i = 0; i < images; i++) {
      loss += metrics.getFloat(12 * i);
      top1 += metrics.getFloat(12 * i + 4);
      top5 += metrics.getFloat(12 * i + 8);
    }
    return new StepResult(images, loss, top1, top5);
  }

  /** Ends the threads; returns whether all have left their devices. */
  boolean end() {
    threads.forEach(TowerThread::close);
    return threads.stream().allMatch(thread -> thread.await(0));
  }

  @Override
  public void close() {
    graphs.close();
    times.close();
  }
}
