package org.alexnet4j.data;

import com.google.common.primitives.Ints;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.data.message.FileNote;

/** The images of a data set that can be decoded; the others are left out and listed. */
final class CheckedDataset implements Dataset {
  private final Dataset images;
  private final int[] whole;
  private final List<String> skipped;

  private CheckedDataset(Dataset images, int[] whole, List<String> skipped) {
    this.images = images;
    this.whole = whole;
    this.skipped = skipped;
  }

  /** Reads every image once. A class of which none is left is an error. */
  static CheckedDataset check(Dataset images, int threads) throws IOException {
    String[] faults = new String[images.size()];
    ParallelPass.Visitor[] visitors = new ParallelPass.Visitor[threads];
    for (int t = 0; t < threads; t++) {
      visitors[t] =
          (index, pixels, failure) -> faults[index] = failure == null ? null : failure.getMessage();
    }
    ParallelPass.run(images, images.size(), visitors);
    List<Integer> whole = new ArrayList<>();
    List<String> skipped = new ArrayList<>();
    int[] left = new int[images.classes().size()];
    for (int i = 0; i < faults.length; i++) {
      if (faults[i] == null) {
        whole.add(i);
        left[images.label(i)]++;
      } else {
        skipped.add(faults[i]);
      }
    }
    for (int label = 0; label < left.length; label++) {
      if (left[label] == 0) {
        throw new DataException(
            "class '" + images.classes().get(label) + "'",
            "all its images are damaged, such as " + skipped.get(0),
            "one whole image or more");
      }
    }
    return new CheckedDataset(images, Ints.toArray(whole), List.copyOf(skipped));
  }

  @Override
  public int size() {
    return whole.length;
  }

  @Override
  public List<String> classes() {
    return images.classes();
  }

  @Override
  public int label(int index) {
    return images.label(whole[index]);
  }

  @Override
  public String name(int index) {
    return images.name(whole[index]);
  }

  @Override
  public int source() {
    return images.source();
  }

  @Override
  public void read(int index, ByteBuffer to) throws IOException {
    images.read(whole[index], to);
  }

  @Override
  public List<FileNote> notes() {
    return images.notes();
  }

  @Override
  public List<String> skipped() {
    return skipped;
  }

  @Override
  public void close() throws IOException {
    images.close();
  }
}
