package org.alexnet4j.eval;

import java.nio.ByteBuffer;
import org.alexnet4j.data.BatchMemory;
import org.alexnet4j.tower.Towers;
import org.alexnet4j.tower.image.ImageMemory;

/** Joins a loader to towers: its images are written once, where the towers' devices copy from. */
public final class Feeding {
  private Feeding() {}

  /** Returns memory for one loader, which closes it, whose batches go to these towers. */
  public static BatchMemory memory(Towers towers) {
    ImageMemory memory = towers.imageMemory();
    return new BatchMemory() {
      @Override
      public ByteBuffer allocate(int bytes) {
        return memory.allocate(bytes);
      }

      @Override
      public void awaitUnread(ByteBuffer images) {
        memory.awaitUnread(images);
      }

      @Override
      public void close() {
        memory.close();
      }
    };
  }
}
