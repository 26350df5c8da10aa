package org.alexnet4j.train;

import java.util.HashSet;
import java.util.Set;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.FileNote;

/** Says what is to know about the files of a data set, each thing once. Threads: one caller. */
final class DataNotes {
  private final Dataset images;
  private final RunListener listener;
  private final Set<String> said = new HashSet<>();

  DataNotes(Dataset images, RunListener listener) {
    this.images = images;
    this.listener = listener;
  }

  /** Says what is known by now; of images that are decoded when they are read, it grows. */
  void say() {
    for (FileNote note : images.notes()) {
      if (said.add(note.what().replaceAll("[0-9,]+", "#"))) {
        listener.note(note.line());
      }
    }
  }
}
