package org.alexnet4j.train;

import java.util.HashSet;
import java.util.Set;
import java.util.function.Consumer;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.message.FileNote;

/**
 * Says what is to know about the files of a data set, each thing once. Threads: one caller.
 *
 * @hidden
 */
public final class DataNotes {
  private final Dataset images;
  private final Consumer<String> listener;
  private final Set<String> said = new HashSet<>();

  /**
   * Makes the notes of a set; nothing is said yet.
   *
   * @param images the data set
   * @param listener hears each note once
   */
  public DataNotes(Dataset images, Consumer<String> listener) {
    this.images = images;
    this.listener = listener;
  }

  /** Says what is known by now; of images that are decoded when they are read, it grows. */
  public void say() {
    for (FileNote note : images.notes()) {
      if (said.add(note.what().replaceAll("[0-9,]+", "#"))) {
        listener.accept(note.line());
      }
    }
  }
}
