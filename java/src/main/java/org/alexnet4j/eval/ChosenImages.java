package org.alexnet4j.eval;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.message.FileNote;

/**
 * Some images of a set, in an order of one's own; does not close the set.
 *
 * @hidden
 */
public final class ChosenImages implements Dataset {
  private final Dataset whole;
  private final int[] places;

  /**
   * Chooses images.
   *
   * @param whole what is chosen from
   * @param places of the images in the whole
   */
  public ChosenImages(Dataset whole, int[] places) {
    this.whole = whole;
    this.places = places.clone();
  }

  /** Returns the place of an image in the whole. */
  int place(int index) {
    return places[index];
  }

  @Override
  public int size() {
    return places.length;
  }

  @Override
  public List<String> classes() {
    return whole.classes();
  }

  @Override
  public int label(int index) {
    return whole.label(places[index]);
  }

  @Override
  public String name(int index) {
    return whole.name(places[index]);
  }

  @Override
  public int source() {
    return whole.source();
  }

  @Override
  public void read(int index, ByteBuffer to) throws IOException {
    whole.read(places[index], to);
  }

  @Override
  public List<String> skipped() {
    return whole.skipped();
  }

  @Override
  public List<FileNote> notes() {
    return whole.notes();
  }

  @Override
  public void close() {}
}
