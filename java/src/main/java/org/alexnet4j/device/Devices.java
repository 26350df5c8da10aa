package org.alexnet4j.device;

import com.google.common.base.Splitter;
import com.google.common.collect.ImmutableList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.alexnet4j.bindings.AlexnetAbi;

/** The one place that selects devices for the towers of a network. */
public final class Devices {
  private Devices() {}

  /**
   * A choice and why it was made.
   *
   * @param ids one device per tower
   * @param reason one sentence for the person who did not choose
   * @param transport how planes get from tower to tower
   * @param engine whose code runs there; empty for what {@code ALEXNET_ENGINE} says
   * @param kernels variants in place of those that shapes and environment choose
   */
  public record Choice(
      ImmutableList<DeviceId> ids,
      String reason,
      Transport transport,
      Optional<EngineKind> engine,
      ImmutableList<ForcedKernel> kernels) {
    /**
     * Leaves the transport to the devices, engine and kernels to the environment.
     *
     * @param ids a device per tower
     * @param reason why these, in words
     */
    public Choice(ImmutableList<DeviceId> ids, String reason) {
      this(ids, reason, Transport.AUTO, Optional.empty(), ImmutableList.of());
    }

    /**
     * {@return the same devices with another transport}
     *
     * @param other how planes cross
     */
    public Choice withTransport(Transport other) {
      return new Choice(ids, reason, other, engine, kernels);
    }

    /**
     * {@return the same devices with an engine of one's choice}
     *
     * @param other the engine; nothing: as the environment says
     * @throws IllegalArgumentException if it is not for these devices
     */
    public Choice withEngine(Optional<EngineKind> other) {
      other.ifPresent(
          kind -> {
            if (!ids.stream().allMatch(id -> kind.isFor(id.kind()))) {
              throw new IllegalArgumentException(
                  "engine is "
                      + kind
                      + ", which is for "
                      + kind.device().orElseThrow()
                      + " devices, not for "
                      + ids
                      + "; allowed: kernels");
            }
          });
      return new Choice(ids, reason, transport, other, kernels);
    }

    /**
     * {@return the same devices with kernels of one's choice} They are our own: without an engine
     * of one's choice it is {@code kernels}, whatever the environment says.
     *
     * @param others one for each pass, at most
     * @throws IllegalArgumentException if these devices have no such kernel, a pass is named twice,
     *     or the engine is another
     */
    public Choice withKernels(List<ForcedKernel> others) {
      if (others.isEmpty()) {
        return new Choice(ids, reason, transport, engine, ImmutableList.of());
      }
      Set<String> places = new HashSet<>();
      for (ForcedKernel kernel : others) {
        ids.stream().map(DeviceId::kind).distinct().forEach(kernel::requireOn);
        if (!places.add(kernel.place())) {
          throw new IllegalArgumentException(
              "kernel " + kernel.place() + " is said twice; allowed: one variant for a pass");
        }
      }
      EngineKind ours = engine.orElse(EngineKind.KERNELS);
      if (ours != EngineKind.KERNELS) {
        throw new IllegalArgumentException(
            "kernel is " + others.get(0) + ", but engine is " + ours + "; allowed: kernels");
      }
      return new Choice(ids, reason, transport, Optional.of(ours), ImmutableList.copyOf(others));
    }
  }

  /**
   * Chooses a device for each tower.
   *
   * @param text {@code auto}, one device for all towers, or a comma-separated list with one device
   *     per tower
   * @param towers towers of the network
   * @return devices, and why these
   * @throws IllegalArgumentException if the text names unknown kinds, mixes kinds, or has the wrong
   *     length
   */
  public static Choice choose(String text, int towers) {
    if (text.equals("auto")) {
      return automatic(towers);
    }
    List<DeviceId> ids =
        Splitter.on(',').trimResults().splitToStream(text).map(DeviceId::parse).toList();
    if (ids.size() == 1) {
      ids = Collections.nCopies(towers, ids.get(0));
    }
    if (ids.size() != towers) {
      throw new IllegalArgumentException(
          "devices '"
              + text
              + "' name "
              + ids.size()
              + " devices for "
              + towers
              + " towers; allowed: one for all, or one per tower");
    }
    DeviceKind kind = ids.get(0).kind();
    for (DeviceId id : ids) {
      if (id.kind() != kind) {
        throw new IllegalArgumentException(
            "devices '"
                + text
                + "' mix kinds "
                + kind
                + " and "
                + id.kind()
                + "; allowed: one kind for all towers");
      }
    }
    return new Choice(ImmutableList.copyOf(ids), "as asked");
  }

  private static Choice automatic(int towers) {
    int gpus = Device.count(DeviceKind.CUDA);
    ImmutableList.Builder<DeviceId> ids = ImmutableList.builder();
    if (gpus == 0) {
      for (int t = 0; t < towers; t++) {
        ids.add(new DeviceId(DeviceKind.CPU, t));
      }
      return new Choice(ids.build(), "no GPU found: each tower gets its share of the cores");
    }
    for (int t = 0; t < towers; t++) {
      ids.add(new DeviceId(DeviceKind.CUDA, t % gpus));
    }
    return new Choice(
        ids.build(), gpus == 1 ? "one GPU found: all towers on it" : gpus + " GPUs found");
  }

  /** {@return how many native objects are open in this process; 0 after an orderly end} */
  public static long liveHandles() {
    return AlexnetAbi.alexnet_live_handles();
  }

  /** {@return what the native library was built with, as one JSON object} */
  public static String buildInfo() {
    return AlexnetAbi.alexnet_build_info();
  }
}
