package org.alexnet4j.data;

import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.data.message.FileNote;

/** Some images of a data set, in its order and with its classes. Does not close it. */
public final class DatasetPart implements Dataset {
  /** The order of no epoch: which images a part has must not depend on one. */
  private static final int NO_EPOCH = Integer.MAX_VALUE;

  private final Dataset whole;
  private final ImmutableIntArray places;

  private DatasetPart(Dataset whole, int[] places) {
    this.whole = whole;
    this.places = ImmutableIntArray.copyOf(places);
  }

  /**
   * {@return images at stated places of an order that a seed decides, so that a set in the order of
   * its classes gives every class about its share} Parts from place 0 contain each other.
   *
   * @param whole what the places are in
   * @param seed decides the order
   * @param first place of the first one in that order, from 0
   * @param count how many
   */
  public static DatasetPart of(Dataset whole, long seed, int first, int count) {
    EpochOrder order = new EpochOrder(whole.size(), seed, true);
    int[] places = new int[count];
    for (int i = 0; i < count; i++) {
      places[i] = order.at(NO_EPOCH, first + i);
    }
    Arrays.sort(places);
    return new DatasetPart(whole, places);
  }

  @Override
  public int size() {
    return places.length();
  }

  @Override
  public List<String> classes() {
    return whole.classes();
  }

  @Override
  public int label(int index) {
    return whole.label(places.get(index));
  }

  @Override
  public String name(int index) {
    return whole.name(places.get(index));
  }

  @Override
  public int source() {
    return whole.source();
  }

  @Override
  public void read(int index, ByteBuffer to) throws IOException {
    whole.read(places.get(index), to);
  }

  @Override
  public List<FileNote> notes() {
    return whole.notes();
  }

  @Override
  public Optional<Statistics> statistics() throws IOException {
    return whole.statistics();
  }

  @Override
  public void close() {}
}
