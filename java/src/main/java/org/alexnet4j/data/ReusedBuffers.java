package org.alexnet4j.data;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * Image buffers for {@link BatchLoader}s that follow each other, such as one per evaluation. Direct
 * memory goes only when the garbage collector finds that nobody holds it, which takes as long as it
 * likes while the heap is nearly empty; so one loader after the other gets the same buffers.
 *
 * <p>Threads: one caller, which closes a loader before it lets the next one begin.
 */
public final class ReusedBuffers {
  private final List<ByteBuffer> buffers = new ArrayList<>();

  /**
   * Returns an allocator for one loader, to be given to {@link BatchLoader#buffers}. The buffers of
   * all loaders before are used again, contents undefined.
   */
  public IntFunction<ByteBuffer> next() {
    int[] given = {0};
    return bytes -> {
      int place = given[0]++;
      if (place == buffers.size()) {
        buffers.add(ByteBuffer.allocateDirect(bytes));
      } else if (buffers.get(place).capacity() < bytes) {
        buffers.set(place, ByteBuffer.allocateDirect(bytes));
      }
      return buffers.get(place);
    };
  }
}
