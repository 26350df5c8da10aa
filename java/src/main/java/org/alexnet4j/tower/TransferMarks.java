package org.alexnet4j.tower;

import org.alexnet4j.device.Device;
import org.alexnet4j.device.Event;
import org.alexnet4j.device.Stream;

/**
 * The times of one transfer in a pass: on the sender's clock when its source was complete, on the
 * receiver's when the plane was needed, when it began to arrive and when it had arrived.
 */
final class TransferMarks implements AutoCloseable {
  final Event sent;
  final Event needed;
  final Event begun;
  final Event arrived;

  TransferMarks(Device from, Device to) {
    sent = from.newEvent();
    needed = to.newEvent();
    begun = to.newEvent();
    arrived = to.newEvent();
  }

  /** The sender's compute stream has the source. */
  void sent(Stream compute) {
    sent.mark(compute);
  }

  /** The receiver's compute stream has nothing left to do before it reads the plane. */
  void needed(Stream compute) {
    needed.mark(compute);
  }

  /** The first byte may move. */
  void begun(Stream copy) {
    begun.mark(copy);
  }

  /** The last byte has moved. */
  void arrived(Stream copy) {
    arrived.mark(copy);
  }

  @Override
  public void close() {
    sent.close();
    needed.close();
    begun.close();
    arrived.close();
  }
}
