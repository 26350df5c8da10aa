package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Stream;
import org.alexnet4j.device.Transport;
import org.alexnet4j.plan.ExchangePlan;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.Transfer;
import org.alexnet4j.tower.link.Link;
import org.alexnet4j.tower.link.Links;
import org.alexnet4j.tower.link.Route;

/**
 * Moves planes and partial gradients between towers, as the plan lists them, each by its {@link
 * Route}. The receiving tower fetches: it waits for the announcement, copies on its copy stream
 * behind the sender's event, and makes its compute stream wait for the copy.
 */
final class Exchange implements AutoCloseable {

  /** The run-time side of one transfer. */
  private static final class Lane {
    final Transfer transfer;
    final Mailbox mailbox = new Mailbox();
    final TransferMarks[] marks = new TransferMarks[Passes.TURNS];
    Transport wanted;
    Route route;

    Lane(Transfer transfer) {
      this.transfer = transfer;
    }
  }

  /** A plane of a tower. */
  private record Place(int tower, int buffer) {}

  private final ImmutableList<Lane> lanes;
  private final AbortSignal abort;
  private final Map<Place, Buffer> stored = new HashMap<>();

  Exchange(ExchangePlan plan, AbortSignal abort) {
    this.lanes = plan.transfers().stream().map(Lane::new).collect(ImmutableList.toImmutableList());
    this.abort = abort;
  }

  /** Creates the routes, after all towers have their memory. */
  void connect(ImmutableList<Tower> towers, Links links, Purpose purpose) {
    for (Lane lane : lanes) {
      Transfer transfer = lane.transfer;
      Tower from = towers.get(transfer.from());
      Tower to = towers.get(transfer.to());
      Link link = links.of(from.device().id(), to.device().id());
      Place source = new Place(transfer.from(), transfer.fromBuffer());
      lane.wanted = link.transport();
      Transport transport = lane.wanted;
      // A plane is stored in one other place at most. Who inspects wants to read it on both towers.
      if (transport == Transport.STORE
          && (purpose == Purpose.INSPECT || stored.containsKey(source) || !stores(from, source))) {
        transport = from.device() == to.device() ? Transport.SAME : Transport.PEER;
      }
      lane.route =
          new Route(
              transport,
              from.buffer(transfer.fromBuffer()),
              to.buffer(transfer.toBuffer()),
              transfer.bytes());
      for (int turn = 0; turn < Passes.TURNS; turn++) {
        lane.marks[turn] = new TransferMarks(from.device(), to.device());
      }
      if (transport == Transport.STORE) {
        stored.put(source, lane.route.to());
      }
    }
  }

  /** Returns whether the operation that makes a plane can store it into another tower's memory. */
  private static boolean stores(Tower tower, Place plane) {
    return tower.engine().storesOnPeers()
        && tower.plan().operations().anyMatch(o -> o.storable() == plane.buffer());
  }

  /** Returns where the operation that makes a plane shall store it on another tower, or null. */
  Buffer storedAt(int tower, int buffer) {
    return stored.get(new Place(tower, buffer));
  }

  /** Returns how a transfer gets across. */
  Transport transport(int transfer) {
    return lanes.get(transfer).route.transport();
  }

  /** Returns lines for a person: each link, and what goes another way. */
  ImmutableList<String> notes(Links links) {
    ImmutableList.Builder<String> notes = ImmutableList.builder();
    links.all().forEach(link -> notes.add("exchange " + link));
    List<String> copied = copiedInsteadOfStored();
    if (!copied.isEmpty()) {
      notes.add("exchange copies " + String.join(", ", copied) + ", which no kernel can store");
    }
    return notes.build();
  }

  private List<String> copiedInsteadOfStored() {
    return lanes.stream()
        .filter(lane -> lane.wanted == Transport.STORE && lane.wanted != lane.route.transport())
        .map(lane -> lane.transfer.plane())
        .distinct()
        .toList();
  }

  /** Returns what moves, by its id. */
  ImmutableList<Transfer> transfers() {
    return lanes.stream().map(lane -> lane.transfer).collect(ImmutableList.toImmutableList());
  }

  /** Returns the times of each transfer, by its id, in passes of one turn. */
  ImmutableList<TransferMarks> marks(int turn) {
    return lanes.stream().map(lane -> lane.marks[turn]).collect(ImmutableList.toImmutableList());
  }

  private static TransferMarks marks(Lane lane, long pass) {
    return lane.marks[(int) (pass % Passes.TURNS)];
  }

  /** Called by the sending tower's thread once the source is queued. */
  void send(int transfer, Stream compute, Stream copy, long pass) {
    Lane lane = lanes.get(transfer);
    marks(lane, pass).sent(compute);
    lane.route.depart(compute, copy);
    lane.mailbox.post(pass);
  }

  /**
   * Returns whether a transfer's source has been announced, so that receiving it waits for nothing.
   */
  boolean isSent(int transfer, long pass) {
    return lanes.get(transfer).mailbox.has(pass);
  }

  /** Called by the receiving tower's thread. */
  void receive(int transfer, Stream compute, Stream copy, long pass) {
    Lane lane = lanes.get(transfer);
    TransferMarks marks = marks(lane, pass);
    marks.needed(compute);
    lane.mailbox.await(pass, abort);
    lane.route.follow(copy);
    marks.begun(copy);
    lane.route.fetch(copy);
    marks.arrived(copy);
    lane.route.deliver(compute, copy);
  }

  @Override
  public void close() {
    for (Lane lane : lanes) {
      if (lane.route != null) {
        lane.route.close();
      }
      for (TransferMarks marks : lane.marks) {
        if (marks != null) {
          marks.close();
        }
      }
    }
  }
}
