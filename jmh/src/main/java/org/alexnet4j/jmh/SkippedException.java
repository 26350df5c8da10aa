package org.alexnet4j.jmh;

import java.io.Serial;
import java.util.Locale;
import org.alexnet4j.device.Device;
import org.alexnet4j.device.DeviceId;
import org.alexnet4j.device.DeviceKind;
import org.alexnet4j.device.EngineKind;
import org.alexnet4j.device.NativeException;
import org.alexnet4j.device.NativeStatus;
import org.alexnet4j.engine.CudnnEngine;

/**
 * A combination of parameters that this machine cannot measure. JMH prints it as a failure, in one
 * line without a trace, leaves the combination out of the results and goes on.
 */
final class SkippedException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1;

  SkippedException(String reason) {
    super("skipped: " + reason, null, false, false);
  }

  /**
   * Checks that an engine is for a device and that both are there.
   *
   * @throws SkippedException if not; the text says what is missing
   */
  static void unlessThere(EngineKind engine, DeviceId id) {
    if (!engine.isFor(id.kind())) {
      throw new SkippedException(
          String.format(
              Locale.ROOT,
              "engine %s is for %s devices, not for %s",
              engine,
              engine.device().orElseThrow(),
              id));
    }
    if (id.kind() == DeviceKind.CUDA) {
      unlessThere(id).close();
    }
    if (engine == EngineKind.CUDNN) {
      CudnnEngine.missing()
          .ifPresent(
              reason -> {
                throw new SkippedException(reason);
              });
    }
  }

  /**
   * Opens a device.
   *
   * @throws SkippedException if it is not there; the text says what is missing
   */
  static Device unlessThere(DeviceId id) {
    try {
      return Device.open(id);
    } catch (NativeException e) {
      if (e.status() == NativeStatus.NO_DEVICE || e.status() == NativeStatus.UNSUPPORTED) {
        throw new SkippedException(e.getMessage());
      }
      throw e;
    }
  }
}
