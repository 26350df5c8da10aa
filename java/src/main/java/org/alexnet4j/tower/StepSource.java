package org.alexnet4j.tower;

import java.nio.ByteBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.util.List;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.Event;
import org.alexnet4j.device.Stream;
import org.alexnet4j.engine.SettingsSource;
import org.alexnet4j.plan.BufferSpec;
import org.alexnet4j.plan.TowerPlan;
import org.alexnet4j.shape.InputShape;
import org.alexnet4j.shape.RankPart;

/**
 * The host's side of what comes to a tower with a pass in one copy: settings, crops, noise and, on
 * tower a, labels; once for each slot of images, so that the next batch is written while a pass
 * still takes the one before.
 *
 * <ul>
 *   <li>crops: int32 [N,3], noise: float [N,4], labels: int32 [N]
 * </ul>
 *
 * <p>Threads: the coordinator.
 */
final class StepSource implements AutoCloseable {

  /** One slot in memory that the device can copy from by itself. */
  private static final class Slot {
    final Buffer host;
    final SettingsSource settings;
    final List<IntBuffer> crops; // by slice
    final List<FloatBuffer> noise;
    final IntBuffer labels; // null on other towers than a
    final Event copied;
    boolean sent;

    Slot(Buffer host, TowerPlan plan, Event copied) {
      this.host = host;
      this.settings = new SettingsSource(host);
      this.crops =
          plan.slices("crops").stream().map(b -> part(host, plan, b).asIntBuffer()).toList();
      this.noise =
          plan.slices("noise").stream().map(b -> part(host, plan, b).asFloatBuffer()).toList();
      boolean labelled = plan.buffers().stream().anyMatch(b -> b.name().equals("labels"));
      this.labels = labelled ? part(host, plan, plan.buffer("labels")).asIntBuffer() : null;
      this.copied = copied;
    }

    private static ByteBuffer part(Buffer host, TowerPlan plan, BufferSpec spec) {
      ByteBuffer all = host.hostBytes();
      return all.slice(Math.toIntExact(plan.memory().offsets().get(spec.id())), (int) spec.bytes())
          .order(all.order());
    }

    /** Waits until the device has taken what was here, which may now be overwritten. */
    void begin() {
      if (sent) {
        copied.synchronize();
      }
      host.touch(true);
    }
  }

  private final Arena arena;
  private final Slot[] slots = new Slot[InputShape.SLOTS];
  private final long bytes;
  private final int firstSlice; // of this rank

  StepSource(Device device, TowerPlan plan, RankPart part) {
    firstSlice = part.rank() * plan.slices("crops").size();
    if (plan.memory().offsets().get(plan.buffer("settings").id()) != 0) {
      throw new IllegalArgumentException("the settings do not come first in the plan");
    }
    bytes = plan.stepBytes();
    long stride =
        (bytes + Arena.ALIGNMENT_BYTES - 1) / Arena.ALIGNMENT_BYTES * Arena.ALIGNMENT_BYTES;
    arena = device.newArena(Arena.Memory.HOST, slots.length * stride);
    for (int i = 0; i < slots.length; i++) {
      slots[i] = new Slot(arena.buffer(i * stride, bytes), plan, device.newEvent());
    }
  }

  /**
   * Writes what belongs to a batch; images that it does not have get no shift and no noise.
   *
   * @param crops {@code [count,3]}, or null if the input itself was loaded
   * @param noise {@code [count,4]}, or null for none
   * @param labels {@code [count]}, or null if unknown
   */
  void batch(int slot, int count, int[] crops, float[] noise, int[] labels) {
    Slot to = slots[slot];
    to.begin();
    for (int s = 0; s < to.crops.size(); s++) {
      IntBuffer slice = to.crops.get(s);
      int first = (firstSlice + s) * slice.limit();
      for (int i = 0; i < slice.limit(); i++) {
        slice.put(i, crops != null && first + i < 3 * count ? crops[first + i] : 0);
      }
    }
    for (int s = 0; s < to.noise.size(); s++) {
      FloatBuffer slice = to.noise.get(s);
      int first = (firstSlice + s) * slice.limit();
      for (int i = 0; i < slice.limit(); i++) {
        float none = i % 4 == 3 ? 1 : 0; // to add, and to multiply by
        slice.put(i, noise == null ? none : first + i < 4 * count ? noise[first + i] : 0);
      }
    }
    for (int i = 0; to.labels != null && i < to.labels.limit(); i++) {
      to.labels.put(i, labels != null && i < count ? labels[i] : 0);
    }
  }

  /**
   * Writes what a pass is told, and queues the copy of it all to the start of the tower's arena.
   */
  void send(StepSettings next, int slot, Stream compute, Buffer to) {
    Slot from = slots[slot];
    from.begin();
    from.settings.write(next.step(), next.rate(), next.biasRate(), next.momentum(), slot);
    compute.copy(to, from.host, bytes);
    from.copied.record(compute);
    from.sent = true;
  }

  @Override
  public void close() {
    arena.close();
    for (Slot slot : slots) {
      slot.copied.close();
    }
  }
}
