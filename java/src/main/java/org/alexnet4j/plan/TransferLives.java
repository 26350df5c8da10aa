package org.alexnet4j.plan;

import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * How long the two ends of transfers need their memory. A tower fetches a plane at a time of its
 * own, and a plane may be stored in it before it asks, so that without knowing more the source is
 * needed to the end of the step and the target from its start. What towers send each other tells
 * more: a tower that has received something of another one knows that all is done which the other
 * did before it sent that.
 */
final class TransferLives {
  /** An operation index after everything. */
  static final int END = Integer.MAX_VALUE;

  private final List<Transfer> transfers;
  private final int[] sent; // index of the operation on the sending tower
  private final int[] received; // on the receiving tower
  private final int[] made; // the first operation that has to do with the source

  TransferLives(List<TowerDraft> towers, List<Transfer> transfers) {
    this.transfers = transfers;
    this.sent = new int[transfers.size()];
    this.received = new int[transfers.size()];
    this.made = new int[transfers.size()];
    for (TowerDraft draft : towers) {
      Map<Integer, Integer> first = new HashMap<>();
      List<Operation> all =
          Stream.of(draft.forward, draft.backward).flatMap(Collection::stream).toList();
      for (int i = 0; i < all.size(); i++) {
        for (int buffer : all.get(i).buffers()) {
          first.putIfAbsent(buffer, i);
        }
        if (all.get(i) instanceof Operation.Send send) {
          sent[send.transfer()] = i;
          made[send.transfer()] = first.get(send.buffer());
        } else if (all.get(i) instanceof Operation.Receive receive) {
          received[receive.transfer()] = i;
        }
      }
    }
  }

  /** Returns the last operation of the sending tower that the source of a transfer must see. */
  int sourceEnd(int transfer) {
    int end = END;
    for (Transfer answer : transfers) {
      if (answers(answer, transfer) && sent[answer.id()] > received[transfer]) {
        end = Math.min(end, received[answer.id()]);
      }
    }
    return end;
  }

  /** Returns the first operation of the receiving tower that the target of a transfer must see. */
  int targetStart(int transfer) {
    int start = 0;
    for (Transfer earlier : transfers) {
      if (answers(earlier, transfer) && received[earlier.id()] < made[transfer]) {
        start = Math.max(start, sent[earlier.id()]);
      }
    }
    return start;
  }

  /** Returns whether a transfer goes the other way between the same towers. */
  private boolean answers(Transfer one, int other) {
    Transfer to = transfers.get(other);
    return one.from() == to.to() && one.to() == to.from();
  }
}
