package org.alexnet4j.tower.image;

import com.google.common.collect.ImmutableList;
import java.nio.ByteBuffer;
import java.util.List;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.Event;
import org.alexnet4j.device.Stream;
import org.alexnet4j.shape.InputShape;

/**
 * The stored images of one device, which all of its towers read: two batches side by side, so that
 * one arrives on a stream of its own while a pass reads the other, or one alone. Events order both:
 * an upload waits for the passes that read the slot last, a pass waits for the upload. A step in
 * slices has all slots of each slice side by side.
 *
 * <p>Threads: the coordinator.
 */
public final class ImageSlots implements AutoCloseable {
  private final Device device;
  private final Stream upload;
  private final Event[] arrived = new Event[InputShape.SLOTS];
  private final boolean[] filled = new boolean[InputShape.SLOTS];
  private final ImmutableList<?>[] readers = new ImmutableList<?>[InputShape.SLOTS];
  private Arena arena;
  private Buffer[] images; // by slice
  private int slots;

  /** Creates the stream; see {@link #allocate}. */
  public ImageSlots(Device device) {
    this.device = device;
    this.upload = device.newStream();
    for (int slot = 0; slot < arrived.length; slot++) {
      arrived[slot] = device.newEvent();
      readers[slot] = ImmutableList.of();
    }
  }

  /**
   * Allocates the slots.
   *
   * @param slices how many pieces a batch is in
   * @param count how many slots there are
   * @param bytes of all slots of one piece
   */
  public void allocate(int slices, int count, long bytes) {
    slots = count;
    long stride =
        (bytes + Arena.ALIGNMENT_BYTES - 1) / Arena.ALIGNMENT_BYTES * Arena.ALIGNMENT_BYTES;
    arena = device.newArena(Arena.Memory.DEVICE, (slices - 1) * stride + bytes);
    images = new Buffer[slices];
    for (int i = 0; i < slices; i++) {
      images[i] = arena.buffer(i * stride, bytes);
    }
  }

  /** Returns whose slots these are. */
  public Device device() {
    return device;
  }

  /** Returns the slots of a slice, one behind the other. */
  public Buffer images(int slice) {
    return images[slice];
  }

  /**
   * Queues the copy of a batch from memory of the host that stays until an event says it may go.
   */
  public void upload(int slot, Buffer from, long bytes, Event copied) {
    begin(slot);
    for (int i = 0; i < images.length && i * slotBytes() < bytes; i++) {
      long first = i * slotBytes();
      long piece = Math.min(slotBytes(), bytes - first);
      upload.copy(images[i], slot * slotBytes(), from, first, piece);
    }
    copied.record(upload);
    end(slot);
  }

  /** Copies a batch from anywhere; it has been read when the call returns. */
  public void upload(int slot, ByteBuffer from) {
    begin(slot);
    int start = from.position();
    int end = from.limit();
    for (int i = 0; i < images.length && start + i * slotBytes() < end; i++) {
      int first = Math.toIntExact(start + i * slotBytes());
      ByteBuffer piece = from.duplicate().limit((int) Math.min(end, first + slotBytes()));
      images[i].copyIn(upload, slot * slotBytes(), piece.position(first));
    }
    end(slot);
  }

  /** Returns the bytes of one batch's piece. */
  private long slotBytes() {
    return images[0].bytes() / slots;
  }

  private void begin(int slot) {
    for (Object reader : readers[slot]) {
      upload.waitFor((Event) reader); // its pass reads what is about to be written
    }
  }

  private void end(int slot) {
    arrived[slot].record(upload);
    filled[slot] = true;
  }

  /** Lets a tower's stream wait for what a slot holds. */
  public void awaitArrival(int slot, Stream compute) {
    if (filled[slot]) {
      compute.waitFor(arrived[slot]);
    }
  }

  /**
   * A pass reads a slot.
   *
   * @param ends recorded by the towers of this device at its end
   */
  public void read(int slot, List<Event> ends) {
    readers[slot] = ImmutableList.copyOf(ends);
  }

  @Override
  public void close() {
    if (arena != null) {
      arena.close();
    }
    for (Event event : arrived) {
      event.close();
    }
    upload.close();
  }
}
