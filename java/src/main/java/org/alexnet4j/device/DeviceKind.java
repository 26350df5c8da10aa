package org.alexnet4j.device;

import java.util.Locale;

/** What computes; ordinals equal the constants of {@code alexnet.h}. */
public enum DeviceKind {
  /** The same kernels, run on the CPU by the emulator. */
  EMU,
  /** A GPU with our kernels. */
  CUDA,
  /** The CPU with our own vector code. */
  CPU;

  /** Returns the name as written on the command line. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
