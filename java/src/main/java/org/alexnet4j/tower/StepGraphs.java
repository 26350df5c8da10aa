package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.alexnet4j.device.Event;
import org.alexnet4j.device.Graph;
import org.alexnet4j.device.Stream;
import org.alexnet4j.plan.Operation;

/**
 * Passes as graphs: all towers' operations of a pass in one, recorded by one thread that walks the
 * plans in turns. What changes between passes of a form lies in the towers' memory: settings,
 * images, labels, mean.
 *
 * <p>The first pass of each form is walked, because it loads every kernel, and a recording must not
 * allocate.
 *
 * <p>Threads: one that runs passes, while the coordinator waits.
 */
final class StepGraphs implements AutoCloseable {

  /** What is decided while queueing, hence part of a recording. */
  private record Form(
      boolean training,
      boolean backward,
      boolean skipInput,
      boolean labelled,
      int missing, // of a pass with gradients: of a short batch they are means over fewer
      int turn, // a pass has marks of its turn
      RateFactors factors) {}

  private final ImmutableList<Tower> towers;
  private final Exchange exchange;
  private final ImmutableList<Event> prepared;
  private final Set<Form> walked = new HashSet<>();
  private final Map<Form, Graph> graphs = new HashMap<>();

  StepGraphs(ImmutableList<Tower> towers, Exchange exchange) {
    this.towers = towers;
    this.exchange = exchange;
    this.prepared =
        towers.stream().map(t -> t.device().newEvent()).collect(ImmutableList.toImmutableList());
  }

  /** Returns how many forms of a pass have been recorded. */
  int recorded() {
    return graphs.size();
  }

  /** Throws the recordings away: what they contain besides the operations has changed. */
  void forget() {
    graphs.values().forEach(Graph::close);
    graphs.clear();
  }

  /** Returns whether the prepared pass has to be walked, because none of its form was before. */
  boolean mustWalk(boolean withBackward) {
    return walked.add(form(withBackward, 0)); // every turn has the same kernels
  }

  private Form form(boolean withBackward, int turn) {
    PassState state = towers.get(0).state();
    return new Form(
        state.training,
        withBackward,
        state.skipInput,
        state.labelled,
        state.training ? state.missing : 0,
        turn,
        state.factors);
  }

  /** Queues a prepared pass on tower a's stream; one thread, always the same. */
  void run(boolean withBackward) {
    Form form = form(withBackward, (int) (towers.get(0).state().pass % Passes.TURNS));
    Graph graph = graphs.get(form);
    if (graph == null) {
      graph = record(withBackward);
      graphs.put(form, graph);
    }
    Stream first = towers.get(0).stream();
    for (int t = 1; t < towers.size(); t++) {
      prepared.get(t).record(towers.get(t).stream());
      first.waitFor(prepared.get(t));
    }
    graph.launch();
  }

  private Graph record(boolean withBackward) {
    List<Stream> streams = new ArrayList<>();
    for (Tower tower : towers) {
      streams.addAll(tower.streams());
    }
    return Graph.record(streams, () -> walk(withBackward));
  }

  /** Queues each tower's operations as far as they go without waiting for another tower. */
  private void walk(boolean withBackward) {
    int[] next = new int[towers.size()];
    boolean moved = true;
    while (moved) {
      moved = false;
      for (int t = 0; t < next.length; t++) {
        Tower tower = towers.get(t);
        while (next[t] < tower.count(withBackward) && !waits(tower, next[t])) {
          tower.queue(next[t]++);
          moved = true;
        }
      }
    }
    for (int t = 0; t < next.length; t++) {
      if (next[t] < towers.get(t).count(withBackward)) {
        throw new IllegalStateException(
            "no order of the towers' operations: one waits at " + towers.get(t).operation(next[t]));
      }
    }
  }

  private boolean waits(Tower tower, int index) {
    return tower.operation(index) instanceof Operation.Receive receive
        && !exchange.isSent(receive.transfer(), tower.state().pass);
  }

  @Override
  public void close() {
    forget();
    prepared.forEach(Event::close);
  }
}
