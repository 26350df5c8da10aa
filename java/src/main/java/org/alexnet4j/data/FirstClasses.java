package org.alexnet4j.data;

import com.google.common.primitives.ImmutableIntArray;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;

/** The images of the first classes of a data set, as though it had no others. */
final class FirstClasses implements Dataset {
  private final Dataset images;
  private final List<String> classes;
  private final ImmutableIntArray kept;

  FirstClasses(Dataset images, int count) throws DataException {
    this.images = images;
    int all = images.classes().size();
    if (count < 2 || count > all) {
      throw new DataException(
          count + " classes", "the data have " + all, all > 2 ? "2 to " + all : "2");
    }
    this.classes = List.copyOf(images.classes().subList(0, count));
    ImmutableIntArray.Builder builder = ImmutableIntArray.builder();
    for (int i = 0; i < images.size(); i++) {
      if (images.label(i) < count) {
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
    return images.label(kept.get(index));
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
