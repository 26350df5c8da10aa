package org.alexnet4j.engine;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.DeviceKind;

/** The one place that chooses the engine of a device. */
public final class Engines {
  private static final String VARIABLE = "ALEXNET_ENGINE";

  private Engines() {}

  /**
   * Opens the engine for a device: our kernels everywhere. {@code ALEXNET_ENGINE=onednn} lets
   * oneDNN run the convolutions and fully-connected layers of {@code cpu} devices instead, {@code
   * ALEXNET_ENGINE=cudnn} cuDNN and cuBLAS what they have on {@code cuda} devices, to compare.
   *
   * @param device where the operations run
   * @param threads cores that a {@code cpu} engine may use
   */
  public static Engine open(Device device, int threads) {
    return open(System.getenv().getOrDefault(VARIABLE, "kernels"), device, threads);
  }

  /**
   * Says that {@code ALEXNET_ENGINE} names a library that runs on none of some devices, so that all
   * runs in our kernels; empty if it does not.
   */
  public static Optional<String> idle(List<DeviceId> devices) {
    return idle(System.getenv().getOrDefault(VARIABLE, "kernels"), devices);
  }

  static Optional<String> idle(String wanted, List<DeviceId> devices) {
    DeviceKind needed =
        wanted.equals("cudnn") ? DeviceKind.CUDA : wanted.equals("onednn") ? DeviceKind.CPU : null;
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

  /** Opens the engine of this name; one that is not for this kind of device gives our kernels. */
  static Engine open(String wanted, Device device, int threads) {
    DeviceKind kind = device.id().kind();
    return switch (wanted) {
      case "kernels" -> new KernelEngine();
      case "onednn" ->
          kind == DeviceKind.CPU ? new OneDnnEngine(device, threads) : new KernelEngine();
      case "cudnn" -> kind == DeviceKind.CUDA ? new CudnnEngine(device) : new KernelEngine();
      default ->
          throw new IllegalArgumentException(
              VARIABLE + " is '" + wanted + "'; allowed: kernels, onednn, cudnn");
    };
  }
}
