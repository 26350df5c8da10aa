package org.alexnet4j.engine;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.device.NativeStatus;

/** The one place that chooses the engine of a device. */
public final class Engines {
  private static final String VARIABLE = "ALEXNET_ENGINE";

  private Engines() {}

  /** Returns what {@code ALEXNET_ENGINE} asks for: our kernels, unless it is set. */
  private static EngineKind ofEnvironment() {
    return EngineKind.parse(
        VARIABLE, System.getenv().getOrDefault(VARIABLE, EngineKind.KERNELS.toString()));
  }

  /**
   * Opens the engine that the environment asks for. One that is not for this kind of device gives
   * our kernels.
   *
   * @param device where the operations run
   * @param threads cores that a {@code cpu} engine may use
   */
  public static Engine open(Device device, int threads) {
    EngineKind wanted = ofEnvironment();
    boolean idle = !wanted.isFor(device.id().kind());
    return open(idle ? EngineKind.KERNELS : wanted, device, threads);
  }

  /**
   * Opens an engine of one's choice.
   *
   * @throws IllegalArgumentException if it is not for this kind of device
   * @throws NativeException with {@link NativeStatus#UNSUPPORTED} if its library cannot be called;
   *     the text says what is missing
   */
  public static Engine open(EngineKind wanted, Device device, int threads) {
    if (!wanted.isFor(device.id().kind())) {
      throw new IllegalArgumentException(
          "engine is " + wanted + ", which is not for " + device.id() + "; allowed: kernels");
    }
    missing(wanted) // before its class is touched, which has fields of that library's types
        .ifPresent(
            line -> {
              throw new NativeException(NativeStatus.UNSUPPORTED, line);
            });
    return switch (wanted) {
      case KERNELS -> new KernelEngine();
      case ONEDNN -> new OneDnnEngine(device, threads);
      case CUDNN -> new CudnnEngine(device);
    };
  }

  private static Optional<String> missing(EngineKind wanted) {
    return switch (wanted) {
      case KERNELS -> Optional.empty();
      case ONEDNN -> OneDnnLibrary.missing();
      case CUDNN -> CudnnLibrary.missing();
    };
  }

  /**
   * Says that {@code ALEXNET_ENGINE} names a library that runs on none of some devices, so that all
   * runs in our kernels; empty if it does not.
   */
  public static Optional<String> idle(List<DeviceId> devices) {
    EngineKind wanted = ofEnvironment();
    DeviceKind needed = wanted.device().orElse(null);
    if (needed == null || devices.stream().anyMatch(id -> id.kind() == needed)) {
      return Optional.empty();
    }
    return Optional.of(
        String.format(
            Locale.ROOT,
            "%s is '%s', which is for %s devices; on %s our kernels run",
            VARIABLE,
            wanted,
            needed.name().toLowerCase(Locale.ROOT),
            devices));
  }
}
