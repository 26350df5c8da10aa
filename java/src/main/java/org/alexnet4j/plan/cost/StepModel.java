package org.alexnet4j.plan.cost;

import com.google.common.collect.ImmutableList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.alexnet4j.plan.Operation;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Transfer;
import org.alexnet4j.plan.cost.Work.DeviceRates;

/**
 * Predicts the time of a step from a plan, the rates of a device and of the link between devices.
 *
 * <p>Model: an operation takes the longer of its arithmetic and its memory traffic at the device's
 * rates ({@link Work}). A tower runs its operations one after another. A transfer starts when its
 * source is complete and the link in its direction is free, takes the latency and then its bytes at
 * the link's rate, and runs beside the computation; the receiver stands still only if it needs the
 * plane before it has arrived. Launch times and the loading of images are not in the model.
 *
 * @param seconds time until the last tower is done
 * @param computeSeconds computing time of each tower
 * @param waitSeconds time that each tower stands still for planes of the others
 * @param transferSeconds time of each transfer on its link, latency included
 */
public record StepModel(
    double seconds,
    ImmutableList<Double> computeSeconds,
    ImmutableList<Double> waitSeconds,
    ImmutableList<Double> transferSeconds) {

  /**
   * The connection between two devices, the same in both directions at once.
   *
   * @param bytesPerSecond rate in one direction; infinite for towers on one device
   * @param latencySeconds time before the first byte
   */
  public record Link(double bytesPerSecond, double latencySeconds) {
    /** Towers on one device: a plane is where it is needed. */
    public static final Link NONE = new Link(Double.POSITIVE_INFINITY, 0);

    /** Checks the values. */
    public Link {
      if (!(bytesPerSecond > 0) || !(latencySeconds >= 0)) {
        throw new IllegalArgumentException(
            "link has "
                + bytesPerSecond
                + " B/s and "
                + latencySeconds
                + " s of latency; allowed: above 0, 0 or more");
      }
    }
  }

  /** Returns the time if every tower has a device of its own. */
  public static StepModel apart(Plan plan, DeviceRates rates, Link link) {
    return new Simulation(plan, rates, link).run();
  }

  /** Returns the time if one device carries all towers, one after another. */
  public static double together(Plan plan, DeviceRates rates) {
    return apart(plan, rates, Link.NONE).computeSeconds.stream().mapToDouble(s -> s).sum();
  }

  /** Walks the towers' operations by turns; each stops only where it must receive. */
  private static final class Simulation {
    private final Plan plan;
    private final DeviceRates rates;
    private final Link link;
    private final int towers;
    private final double[] now;
    private final double[] computing;
    private final double[] waiting;
    private final double[] arrival;
    private final double[] duration;
    private final double[][] linkFree;

    Simulation(Plan plan, DeviceRates rates, Link link) {
      this.plan = plan;
      this.rates = rates;
      this.link = link;
      this.towers = plan.towers().size();
      this.now = new double[towers];
      this.computing = new double[towers];
      this.waiting = new double[towers];
      this.linkFree = new double[towers][towers];
      int transfers = plan.exchange().transfers().size();
      this.arrival = new double[transfers];
      this.duration = new double[transfers];
      Arrays.fill(arrival, Double.NaN);
    }

    StepModel run() {
      List<List<Operation>> operations =
          plan.towers().stream()
              .map(t -> Stream.concat(t.forward().stream(), t.backward().stream()).toList())
              .toList();
      int[] next = new int[towers];
      boolean moved = true;
      while (moved) {
        moved = false;
        for (int t = 0; t < towers; t++) {
          List<Operation> list = operations.get(t);
          while (next[t] < list.size() && step(t, list.get(next[t]))) {
            next[t]++;
            moved = true;
          }
        }
      }
      return new StepModel(
          Arrays.stream(now).max().orElse(0), list(computing), list(waiting), list(duration));
    }

    /** Returns false if the operation must wait for one that another tower has not reached yet. */
    private boolean step(int tower, Operation operation) {
      if (operation instanceof Operation.Receive receive) {
        double ready = arrival[receive.transfer()];
        if (Double.isNaN(ready)) {
          return false;
        }
        double wait = Math.max(0, ready - now[tower]);
        waiting[tower] += wait;
        now[tower] += wait;
      } else if (operation instanceof Operation.Send send) {
        post(plan.exchange().transfers().get(send.transfer()), now[tower]);
      } else {
        double seconds = Work.of(operation, plan.towers().get(tower)).seconds(rates);
        computing[tower] += seconds;
        now[tower] += seconds;
      }
      return true;
    }

    private void post(Transfer transfer, double ready) {
      double start = Math.max(ready, linkFree[transfer.from()][transfer.to()]);
      double time = link.latencySeconds() + transfer.bytes() / link.bytesPerSecond();
      arrival[transfer.id()] = start + time;
      duration[transfer.id()] = time;
      linkFree[transfer.from()][transfer.to()] = start + time;
    }

    private static ImmutableList<Double> list(double[] values) {
      return Arrays.stream(values).boxed().collect(ImmutableList.toImmutableList());
    }
  }
}
