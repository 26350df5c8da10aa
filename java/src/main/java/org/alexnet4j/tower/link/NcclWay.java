package org.alexnet4j.tower.link;

import org.alexnet4j.device.Communicator;
import org.alexnet4j.device.Stream;

/** A move from device to device, by NCCL. */
final class NcclWay implements MoveWay {
  private final Communicator communicator;
  private final Stream stream;
  private final Begin begin;
  private long ticket; // of the move under way

  /** How the move is begun. */
  interface Begin {
    /** Returns its ticket. */
    long begin();
  }

  NcclWay(Communicator communicator, Stream stream, Begin begin) {
    this.communicator = communicator;
    this.stream = stream;
    this.begin = begin;
  }

  @Override
  public void begin() {
    ticket = begin.begin();
  }

  @Override
  public long move() {
    return communicator.await(ticket).toNanos();
  }

  @Override
  public void end() {
    communicator.join(ticket, stream);
  }

  @Override
  public void close() {} // the communicator is everybody's
}
