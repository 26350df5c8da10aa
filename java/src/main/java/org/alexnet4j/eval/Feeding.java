package org.alexnet4j.eval;

import java.nio.ByteBuffer;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.BatchMemory;
import org.alexnet4j.tower.Towers;
import org.alexnet4j.tower.image.ImageMemory;

/**
 * Joins a loader to towers: its images are written once, where the towers' devices copy from.
 *
 * @hidden
 */
public final class Feeding {
  private Feeding() {}

  /**
   * Lets a loader, which has handed out no batch yet, prepare its batches for these towers; none
   * ahead of the one in use if they have room for one only.
   *
   * @param loader of a data set
   * @param towers that will take its batches
   * @return the loader
   */
  public static BatchLoader feed(BatchLoader loader, Towers towers) {
    if (towers.plan().imageSlots() == 1) {
      loader.prefetch(0);
    }
    return loader.memory(memory(towers.imageMemory()));
  }

  private static BatchMemory memory(ImageMemory memory) {
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
