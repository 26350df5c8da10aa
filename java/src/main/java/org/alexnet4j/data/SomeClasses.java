package org.alexnet4j.data;

import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;

/** The images of some neighbouring classes of a data set, as though it had no others. */
final class SomeClasses implements Dataset {
  private final Dataset images;
  private final int first;
  private final List<String> classes;
  private final ImmutableIntArray kept;

  /**
   * Takes the classes from {@code first} to {@code last}, both counted from 1.
   *
   * @throws DataException if the data have fewer, or these are fewer than two
   */
  SomeClasses(Dataset images, int first, int last) throws DataException {
    this.images = images;
    this.first = first - 1;
    int all = images.classes().size();
    if (first < 1 || last > all || last - first < 1) {
      throw new DataException(
          first == 1 ? last + " classes" : "classes " + first + " to " + last,
          "the data have " + all,
          first == 1 ? all > 2 ? "2 to " + all : "2" : "two or more of 1 to " + all);
    }
    this.classes = List.copyOf(images.classes().subList(first - 1, last));
    ImmutableIntArray.Builder builder = ImmutableIntArray.builder();
    for (int i = 0; i < images.size(); i++) {
      if (images.label(i) >= first - 1 && images.label(i) < last) {
        builder.add(i);
      }
    }
    this.kept = builder.build();
  }

  @Override
  public int size() {
    return kept.length();
  }

  @Override
  public List<String> classes() {
    return classes;
  }

  @Override
  public int label(int index) {
    return images.label(kept.get(index)) - first;
  }

  @Override
  public String name(int index) {
    return images.name(kept.get(index));
  }

  @Override
  public int source() {
    return images.source();
  }

  @Override
  public void read(int index, ByteBuffer to) throws IOException {
    images.read(kept.get(index), to);
  }

  @Override
  public List<FileNote> notes() {
    return images.notes();
  }

  @Override
  public List<String> skipped() {
    return images.skipped();
  }

  /** Counts the kept images anew where the whole set comes with its statistics. */
  @Override
  public Optional<Statistics> statistics() throws IOException {
    if (images.statistics().isEmpty()) {
      return Optional.empty();
    }
    int threads = Runtime.getRuntime().availableProcessors();
    ParallelPass.Visitor[] visitors = new ParallelPass.Visitor[threads];
    PixelSums[] sums = new PixelSums[threads];
    for (int t = 0; t < threads; t++) {
      PixelSums own = new PixelSums(source());
      sums[t] = own;
      visitors[t] =
          (index, pixels, failure) -> {
            if (failure != null) {
              throw failure;
            }
            own.add(pixels);
          };
    }
    ParallelPass.run(this, size(), visitors);
    for (int t = 1; t < threads; t++) {
      sums[0].add(sums[t]);
    }
    return Optional.of(Statistics.of(sums[0]));
  }

  @Override
  public void close() throws IOException {
    images.close();
  }
}
