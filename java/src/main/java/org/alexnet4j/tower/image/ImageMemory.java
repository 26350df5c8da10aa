package org.alexnet4j.tower.image;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.alexnet4j.device.Arena;
import org.alexnet4j.device.Buffer;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.Event;
import org.alexnet4j.device.NativeException;

/**
 * Memory for images from which the devices of {@code Towers} copy by themselves: pinned on {@code
 * cuda}, plain elsewhere. {@code Towers.load} of a buffer of it only queues the copies; it may be
 * written again when they are done ({@link #awaitUnread}).
 *
 * <p>It has handles of its own to its devices, so that towers may be closed before it.
 *
 * <p>Threads: any.
 */
public final class ImageMemory implements AutoCloseable {

  /** The images of one batch. */
  public static final class Slot {
    private final Arena arena;
    private final Buffer host;
    private final ByteBuffer bytes;
    private final List<Event> copied = new ArrayList<>(); // by device, in the order of ImageMemory
    private volatile boolean sent;

    private Slot(List<Device> devices, int size) {
      arena = devices.get(0).newArena(Arena.Memory.HOST, size);
      host = arena.buffer(0, size);
      bytes = host.hostBytes();
      devices.forEach(device -> copied.add(device.newEvent()));
    }

    /** Returns where the images are. */
    public Buffer host() {
      return host;
    }

    /** Returns what is to be recorded when a device has copied them, by its place in the memory. */
    public Event copied(int device) {
      return copied.get(device);
    }

    /** Every device's copy is queued. */
    public void sent() {
      sent = true;
    }

    private void await() {
      for (int d = 0; d < copied.size() && sent; d++) {
        try {
          copied.get(d).synchronize();
        } catch (NativeException e) {
          if (!e.isDeviceLost()) {
            throw e;
          }
          // It copies no more; its tower says what happened.
        }
      }
    }

    private void close() {
      try {
        await();
      } finally {
        arena.close();
        copied.forEach(Event::close);
      }
    }
  }

  private final List<Device> devices = new ArrayList<>();
  private final List<Slot> slots = new ArrayList<>();
  private boolean closed;

  /** Opens the devices that will copy; the memory is the first one's. */
  public ImageMemory(Collection<DeviceId> ids) {
    try {
      ids.forEach(id -> devices.add(Device.open(id)));
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /**
   * Returns a buffer, contents undefined, that is valid until this is closed.
   *
   * @throws IllegalStateException if this is closed
   */
  public synchronized ByteBuffer allocate(int size) {
    if (closed) {
      throw new IllegalStateException("the memory for images is closed");
    }
    Slot slot = new Slot(devices, size);
    slots.add(slot);
    return slot.bytes;
  }

  /**
   * Returns once no device copies from a buffer any more. Every thread that is about to write it
   * asks for itself.
   *
   * @param images what {@link #allocate} returned
   * @throws IllegalArgumentException if they lie elsewhere
   */
  public void awaitUnread(ByteBuffer images) {
    Slot slot = find(images);
    if (slot == null) {
      throw new IllegalArgumentException("these images lie in other memory");
    }
    slot.await();
    slot.host.touch(true);
  }

  /** Returns where images lie, or null if that is elsewhere. */
  public synchronized Slot find(ByteBuffer images) {
    for (Slot slot : slots) {
      if (slot.bytes == images) {
        return slot;
      }
    }
    return null;
  }

  /** Returns whether this was closed. */
  public synchronized boolean isClosed() {
    return closed;
  }

  /** Waits for the copies, and frees all buffers; a second call does nothing. */
  @Override
  public synchronized void close() {
    closed = true;
    slots.forEach(Slot::close);
    slots.clear();
    devices.forEach(Device::close);
    devices.clear();
  }
}
