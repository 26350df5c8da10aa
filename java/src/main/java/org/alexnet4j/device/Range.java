package org.alexnet4j.device;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.alexnet4j.bindings.AlexnetAbi;
import org.bytedeco.javacpp.BytePointer;

/**
 * A named span of time on the calling thread, shown by NVIDIA's profilers. In a build without CUDA
 * there are none, and {@link #AVAILABLE} tells callers to leave them out.
 *
 * @hidden
 */
public final class Range {
  /** Whether this build marks ranges. */
  public static final boolean AVAILABLE = AlexnetAbi.alexnet_ranges() != 0;

  private final BytePointer name;

  /**
   * Creates a range for repeated use; its name lives as long as the process.
   *
   * @param name as a profiler shows it
   */
  public Range(String name) {
    byte[] text = name.getBytes(StandardCharsets.UTF_8);
    // The zero at the end is there already.
    this.name = new BytePointer(ByteBuffer.allocateDirect(text.length + 1).put(0, text));
  }

  /**
   * Runs some code inside the range.
   *
   * @param code what is run
   */
  public void around(Runnable code) {
    AlexnetAbi.alexnet_range_push(name);
    try {
      code.run();
    } finally {
      AlexnetAbi.alexnet_range_pop();
    }
  }
}
