package org.alexnet4j.cli.run;

import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.alexnet4j.data.Dataset;

/** Images of noise that are in memory already, so that reading one is a copy. */
final class RandomImages implements Dataset {
  private final byte[][] pixels;
  private final int[] labels;
  private final int source;
  private final int classes;

  /**
   * Makes the images.
   *
   * @param source side in pixels
   * @param classes their labels are below it
   */
  RandomImages(int count, int source, int classes) {
    Random random = new Random(1);
    this.pixels = new byte[count][3 * source * source];
    this.labels = random.ints(count, 0, classes).toArray();
    this.source = source;
    this.classes = classes;
    for (byte[] image : pixels) {
      random.nextBytes(image);
    }
  }

  @Override
  public int size() {
    return pixels.length;
  }

  @Override
  public List<String> classes() {
    return Collections.nCopies(classes, "noise");
  }

  @Override
  public int label(int index) {
    return labels[index];
  }

  @Override
  public String name(int index) {
    return "noise " + index;
  }

  @Override
  public int source() {
    return source;
  }

  @Override
  public void read(int index, ByteBuffer to) {
    to.put(pixels[index]);
  }

  @Override
  public void close() {}
}
