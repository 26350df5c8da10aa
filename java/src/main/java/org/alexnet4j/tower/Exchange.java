package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.time.Duration;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Event;
import org.alexnet4j.device.Stream;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.ExchangePlan;
import org.alexnet4j.plan.Transfer;

/**
 * Moves planes and partial gradients between towers, as the plan lists them. The receiving tower
 * fetches: it waits for the announcement, copies on its copy stream behind the sender's event, and
 * makes its compute stream wait for the copy.
 *
 * <p>A target buffer is written once a pass and a pass ends with all streams idle, so no copy can
 * overtake the reader of the pass before.
 */
final class Exchange implements AutoCloseable {

  /** The run-time side of one transfer. */
  private static final class Lane {
    final Transfer transfer;
    final String text;
    final Mailbox mailbox = new Mailbox();
    Buffer from;
    Buffer to;
    Event ready;
    Event copied;
    TransferMarks marks;

    Lane(Transfer transfer) {
      this.transfer = transfer;
      this.text =
          transfer.plane()
              + " "
              + NetworkSpec.towerName(transfer.from())
              + " -> "
              + NetworkSpec.towerName(transfer.to())
              + " for "
              + transfer.layer();
    }
  }

  private final ImmutableList<Lane> lanes;
  private final AbortSignal abort;
  private final Duration patience;

  Exchange(ExchangePlan plan, AbortSignal abort, Duration patience) {
    this.lanes = plan.transfers().stream().map(Lane::new).collect(ImmutableList.toImmutableList());
    this.abort = abort;
    this.patience = patience;
  }

  /** Binds the buffers and creates the events, after all towers have their memory. */
  void connect(ImmutableList<Tower> towers) {
    for (Lane lane : lanes) {
      Tower from = towers.get(lane.transfer.from());
      Tower to = towers.get(lane.transfer.to());
      lane.from = from.buffer(lane.transfer.fromBuffer());
      lane.to = to.buffer(lane.transfer.toBuffer());
      lane.ready = from.device().newEvent();
      lane.copied = to.device().newEvent();
      lane.marks = new TransferMarks(from.device(), to.device());
    }
  }

  /** Returns what moves, by its id. */
  ImmutableList<Transfer> transfers() {
    return lanes.stream().map(lane -> lane.transfer).collect(ImmutableList.toImmutableList());
  }

  /** Returns the times of each transfer, by its id. */
  ImmutableList<TransferMarks> marks() {
    return lanes.stream().map(lane -> lane.marks).collect(ImmutableList.toImmutableList());
  }

  /** Called by the sending tower's thread once the source is queued. */
  void send(int transfer, Stream compute, long pass) {
    Lane lane = lanes.get(transfer);
    lane.marks.sent(compute);
    lane.ready.record(compute);
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
    lane.marks.needed(compute);
    lane.mailbox.await(pass, abort, patience, lane.text);
    copy.waitFor(lane.ready);
    lane.marks.begun(copy);
    copy.copy(lane.to, lane.from, lane.transfer.bytes());
    lane.marks.arrived(copy);
    lane.copied.record(copy);
    compute.waitFor(lane.copied);
  }

  @Override
  public void close() {
    for (Lane lane : lanes) {
      if (lane.ready != null) {
        lane.ready.close();
      }
      if (lane.copied != null) {
        lane.copied.close();
      }
      if (lane.marks != null) {
        lane.marks.close();
      }
    }
  }
}
