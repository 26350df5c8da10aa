package org.alexnet4j.device;

import java.util.Objects;
import org.alexnet4j.bindings.AlexnetAbi;
import org.alexnet4j.bindings.AlexnetAbi.DeviceHandle;

/**
 * An open device. Creates streams, events and arenas; all of them must be closed before it.
 *
 * <p>Threads: any thread may call it.
 *
 * @hidden
 */
public final class Device extends NativeObject<DeviceHandle> {
  private final DeviceId id;

  private Device(DeviceId id) {
    super(new DeviceHandle());
    this.id = Objects.requireNonNull(id, "device id");
  }

  /**
   * Opens a device.
   *
   * @param id which
   * @return the device; the caller closes it
   * @throws NativeException with {@link NativeStatus#NO_DEVICE} if it is not there; the text says
   *     what is missing
   */
  public static Device open(DeviceId id) {
    Device device = new Device(id);
    NativeStatus.check(
        AlexnetAbi.alexnet_device_open(id.kind().ordinal(), id.index(), device.empty()));
    return device;
  }

  /**
   * {@return how many devices of a kind there are}
   *
   * @param kind the kind
   */
  public static int count(DeviceKind kind) {
    int[] count = new int[1];
    NativeStatus.check(AlexnetAbi.alexnet_device_count(kind.ordinal(), count));
    return count[0];
  }

  /** {@return the name of this device} */
  public DeviceId id() {
    return id;
  }

  /** {@return what the device is, as one JSON object} */
  public String describe() {
    byte[] text = new byte[NativeText.BYTES];
    NativeStatus.check(AlexnetAbi.alexnet_device_describe(handle(), text, text.length));
    return NativeText.of(text);
  }

  /** {@return the bytes that an arena could still get} */
  public long freeBytes() {
    return memory(false);
  }

  /** {@return the bytes of memory that the device has} */
  public long totalBytes() {
    return memory(true);
  }

  private long memory(boolean total) {
    long[] free = new long[1];
    long[] all = new long[1];
    NativeStatus.check(AlexnetAbi.alexnet_device_memory(handle(), free, all));
    return total ? all[0] : free[0];
  }

  /**
   * What a device reaches.
   *
   * @param flopsPerSecond of independent multiply-adds in float32, each counted as two
   * @param bytesPerSecond read plus written, of a copy beyond the caches
   * @hidden
   */
  public record Ceilings(double flopsPerSecond, double bytesPerSecond) {}

  /**
   * Measures what the device reaches, in about a second, in which nothing else should run.
   *
   * @return what it reaches
   * @throws NativeException with {@link NativeStatus#UNSUPPORTED} on {@code emu}, with {@link
   *     NativeStatus#OUT_OF_MEMORY} without 512 MiB of the host's memory, or 2 GiB of a GPU's
   */
  public Ceilings measureCeilings() {
    double[] gflops = new double[1];
    double[] gigabytes = new double[1];
    NativeStatus.check(AlexnetAbi.alexnet_device_ceilings(handle(), gflops, gigabytes));
    return new Ceilings(1e9 * gflops[0], 1e9 * gigabytes[0]);
  }

  /**
   * {@return whether copies from or to another device go directly, and operations of this one may
   * write to the other's memory}
   *
   * @param peer the other device
   */
  public boolean reaches(Device peer) {
    int[] reaches = new int[1];
    NativeStatus.check(AlexnetAbi.alexnet_device_reaches(handle(), peer.handle(), reaches));
    return reaches[0] != 0;
  }

  /**
   * Sets how many cores the operations of a {@code cpu} or {@code emu} device may use; a GPU
   * ignores it.
   *
   * @param threads cores, 1 or more
   */
  public void threads(int threads) {
    if (id.kind() != DeviceKind.CUDA) {
      NativeStatus.check(AlexnetAbi.alexnet_device_threads(handle(), threads));
    }
  }

  /**
   * Creates a stream; the caller closes it.
   *
   * @return the stream
   */
  public Stream newStream() {
    return new Stream(this);
  }

  /**
   * Creates an event; the caller closes it.
   *
   * @return the event
   */
  public Event newEvent() {
    return new Event(this);
  }

  /**
   * Allocates memory; the caller closes it.
   *
   * @param memory on the device or on its host side
   * @param bytes size, 1 or more
   * @return the arena
   */
  public Arena newArena(Arena.Memory memory, long bytes) {
    return new Arena(this, memory, bytes);
  }

  @Override
  String what() {
    return "device " + id;
  }

  /** Refused while streams, events or arenas live on it. */
  @Override
  int release(DeviceHandle given) {
    return AlexnetAbi.alexnet_device_close(given);
  }

  @Override
  public String toString() {
    return id.toString();
  }
}
