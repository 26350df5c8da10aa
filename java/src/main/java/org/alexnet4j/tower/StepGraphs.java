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
  private final boolean pairs;
  private final ImmutableList<Event> prepared;
  private final Set<Form> walked = new HashSet<>();
  private final Map<Form, Graph> graphs = new HashMap<>();

  /**
   * @param pairs whether equal products of two towers of one device are queued together
   */
  StepGraphs(ImmutableList<Tower> towers, Exchange exchange, boolean pairs) {
    this.towers = towers;
    this.exchange = exchange;
    this.pairs = pairs;
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

  /**
   * Queues each tower's operations as far as they go without waiting for another tower. With pairs
   * a tower also stops at a product that another one of its device has still to come, until that
   * one stands there too, or nothing else goes on.
   */
  private void walk(boolean withBackward) {
    int[] next = new int[towers.size()];
    while (advance(next, withBackward)
        || queuePair(next, withBackward)
        || queueAlone(next, withBackward)) {}
    for (int t = 0; t < next.length; t++) {
      if (next[t] < towers.get(t).count(withBackward)) {
        throw new IllegalStateException(
            "no order of the towers' operations: one waits at " + towers.get(t).operation(next[t]));
      }
    }
  }

  /** Queues what waits for nothing; returns whether there was something. */
  private boolean advance(int[] next, boolean withBackward) {
    boolean moved = false;
    for (int t = 0; t < next.length; t++) {
      Tower tower = towers.get(t);
      while (next[t] < tower.count(withBackward)
          && !waits(tower, next[t])
          && partner(t, next, withBackward) < 0) {
        tower.queue(next[t]++);
        moved = true;
      }
    }
    return moved;
  }

  /** Queues equal products at which two towers stand; returns whether there were some. */
  private boolean queuePair(int[] next, boolean withBackward) {
    for (int t = 0; t < next.length; t++) {
      for (int other = t + 1; other < next.length; other++) {
        Tower one = towers.get(t);
        Tower two = towers.get(other);
        boolean goOn = next[t] < one.count(withBackward) && next[other] < two.count(withBackward);
        if (goOn && together(one, two)) {
          Operation mine = product(one.operation(next[t]));
          if (mine != null && mine.equals(product(two.operation(next[other])))) {
            Tower.queueTogether(one, next[t]++, two, next[other]++);
            return true;
          }
        }
      }
    }
    return false;
  }

  private static boolean together(Tower one, Tower other) {
    return one.device() == other.device() && one.engine().pairable() && other.engine().pairable();
  }

  /** Queues the product of the tower that is least far; returns whether one stands before one. */
  private boolean queueAlone(int[] next, boolean withBackward) {
    int last = -1;
    for (int t = 0; t < next.length; t++) {
      if (partner(t, next, withBackward) >= 0 && (last < 0 || next[t] < next[last])) {
        last = t;
      }
    }
    if (last >= 0) {
      towers.get(last).queue(next[last]++);
    }
    return last >= 0;
  }

  /** Returns the tower of the same device that will have the product a tower stands at, or -1. */
  private int partner(int tower, int[] next, boolean withBackward) {
    Tower one = towers.get(tower);
    if (!pairs || next[tower] >= one.count(withBackward)) {
      return -1;
    }
    Operation product = product(one.operation(next[tower]));
    for (int t = 0; t < next.length && product != null; t++) {
      Tower other = towers.get(t);
      if (t != tower && together(one, other)) {
        for (int i = next[t]; i < other.count(withBackward); i++) {
          if (product.equals(product(other.operation(i)))) {
            return t;
          }
        }
      }
    }
    return -1;
  }

  /**
   * Returns a product without its buffers, so that those of two towers are equal if one launch can
   * do both; null for what is none.
   */
  private static Operation product(Operation o) {
    if (o instanceof Operation.ConvFprop p) {
      return new Operation.ConvFprop(p.layer(), p.shape(), 0, 0, 0, 0, 0, p.accumulate(), p.relu());
    } else if (o instanceof Operation.ConvDgrad p) {
      return new Operation.ConvDgrad(p.layer(), p.shape(), 0, 0, 0, 0);
    } else if (o instanceof Operation.ConvWgrad p) {
      return new Operation.ConvWgrad(p.layer(), p.shape(), 0, 0, 0, 0);
    } else if (o instanceof Operation.FcFprop p) {
      return new Operation.FcFprop(
          p.layer(), p.shape(), 0, 0, 0, 0, 0, p.accumulate(), p.relu(), null);
    } else if (o instanceof Operation.FcDgrad p) {
      return new Operation.FcDgrad(p.layer(), p.shape(), 0, 0, 0, 0);
    } else if (o instanceof Operation.FcWgrad p) {
      return new Operation.FcWgrad(p.layer(), p.shape(), 0, 0, 0, 0);
    } else if (o instanceof Operation.FcWgradUpdate p) {
      return new Operation.FcWgradUpdate(p.layer(), p.shape(), 0, 0, null, 0);
    }
    return null;
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
