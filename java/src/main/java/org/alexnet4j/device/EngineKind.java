package org.alexnet4j.device;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** Whose code carries out the operations on a device. */
public enum EngineKind {
  /** Our kernels, on every device. */
  KERNELS,
  /** oneDNN for convolutions and fully-connected layers on {@code cpu} devices, to compare with. */
  ONEDNN,
  /** cuDNN and cuBLAS for what they have on {@code cuda} devices, to compare with. */
  CUDNN;

  /**
   * {@return the kind of this name, in small letters}
   *
   * @param what asks, for the message: an option or a variable
   * @param name of an engine
   * @throws IllegalArgumentException if there is none
   */
  public static EngineKind parse(String what, String name) {
    return Arrays.stream(values())
        .filter(kind -> kind.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    what
                        + " is '"
                        + name
                        + "'; allowed: "
                        + Arrays.stream(values())
                            .map(EngineKind::toString)
                            .collect(Collectors.joining(", "))));
  }

  /** {@return the one kind of device that it is for, or nothing if it is for all} */
  public Optional<DeviceKind> device() {
    return switch (this) {
      case KERNELS -> Optional.empty();
      case ONEDNN -> Optional.of(DeviceKind.CPU);
      case CUDNN -> Optional.of(DeviceKind.CUDA);
    };
  }

  /**
   * {@return whether it has anything to do on a kind of device}
   *
   * @param kind the kind
   */
  public boolean isFor(DeviceKind kind) {
    return device().isEmpty() || device().get() == kind;
  }

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
