package org.alexnet4j.tower;

import java.nio.ByteBuffer;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.plan.Plan;

/**
 * Brings loss and shares of a pass to the host: a copy behind the pass into memory that the device
 * writes by itself, read once the pass has ended, when the next one may be under way.
 *
 * <p>Threads: queued by tower a's thread, read by the coordinator.
 */
final class LossRead implements AutoCloseable {
  /** Loss, top-1 and top-5 share of an image. */
  private static final int BYTES_PER_IMAGE = 12;

  private final Tower first;
  private final Buffer metrics;
  private final Arena arena;
  private final Buffer[] hosts = new Buffer[Passes.TURNS];
  private final ByteBuffer[] bytes = new ByteBuffer[Passes.TURNS];

  LossRead(Tower first, Plan plan) {
    this.first = first;
    this.metrics = first.buffer(plan.metrics());
    long stride =
        (metrics.bytes() + Arena.ALIGNMENT_BYTES - 1)
            / Arena.ALIGNMENT_BYTES
            * Arena.ALIGNMENT_BYTES;
    this.arena = first.device().newArena(Arena.Memory.HOST, Passes.TURNS * stride);
    for (int turn = 0; turn < hosts.length; turn++) {
      hosts[turn] = arena.buffer(turn * stride, metrics.bytes());
      bytes[turn] = hosts[turn].hostBytes();
    }
  }

  /** Queues the copy behind tower a's part of a pass. */
  void queue(int turn, boolean labelled) {
    if (labelled) {
      first.stream().copy(hosts[turn], metrics, metrics.bytes());
    }
  }

  /** Adds up the metrics of the images of a pass that has ended, in their order. */
  StepResult read(int turn, int images) {
    hosts[turn].touch(false);
    double loss = 0;
    double top1 = 0;
    double top5 = 0;
    for (int i = 0; i < images; i++) {
      loss += bytes[turn].getFloat(BYTES_PER_IMAGE * i);
      top1 += bytes[turn].getFloat(BYTES_PER_IMAGE * i + 4);
      top5 += bytes[turn].getFloat(BYTES_PER_IMAGE * i + 8);
    }
    return new StepResult(images, loss, top1, top5);
  }

  @Override
  public void close() {
    arena.close();
  }
}
