package org.alexnet4j.eval;

import com.google.common.hash.Hasher;
import com.google.common.hash.Hashing;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.MappedReads;
import org.alexnet4j.io.Npy;

/**
 * The features of every image of a data set in a file that is built once and then searched.
 *
 * <p>The file's name holds a hash of all that its content depends on: the step of the weights, the
 * layer, and names and classes of the images. With other weights or images the name is another one,
 * so an index is never searched for what it does not hold.
 *
 * @param file float32 {@code [images, units]}
 * @hidden
 */
public record FeatureIndex(Path file) {
  private static final int ROWS_AT_ONCE = 256;

  /**
   * Names the index for weights and images.
   *
   * @param folder where indexes are kept
   * @param weights which weights: the step of a checkpoint
   * @param layer that the features are of
   * @param images the data set
   * @return the index, which may not be there yet
   */
  public static FeatureIndex of(Path folder, String weights, String layer, Dataset images) {
    Hasher hasher = Hashing.sha256().newHasher();
    hasher.putString(images.source() + "\n", StandardCharsets.UTF_8);
    for (int i = 0; i < images.size(); i++) {
      hasher.putInt(images.label(i)).putInt(images.name(i).length());
      hasher.putString(images.name(i), StandardCharsets.UTF_8);
    }
    String hash = hasher.hash().toString().substring(0, 12);
    return new FeatureIndex(folder.resolve(layer + "-" + weights + "-" + hash + ".npy"));
  }

  /** {@return whether the index was built before} */
  public boolean isBuilt() {
    return Files.isRegularFile(file);
  }

  /**
   * Builds the index; it appears whole or not at all.
   *
   * @param features of the layer
   * @param images the data set
   * @param threads threads that read images
   * @throws IOException if an image cannot be read, or the index not be written
   */
  public void build(Features features, Dataset images, int threads) throws IOException {
    features.write(images, threads, file);
  }

  /**
   * Finds the rows nearest to points, in one pass over the file.
   *
   * @param points each with as many values as a row
   * @param most rows per point
   * @param images rows that the file must have
   * @param distance by which they are near
   * @return for each point its rows, the nearest first
   * @throws IllegalArgumentException if features are none for this distance
   * @throws FormatException if the file is damaged, or has other rows than that
   */
  public List<List<Nearest.Row>> nearest(
      List<float[]> points, int most, int images, Distance distance) throws IOException {
    List<Nearest> searches = new ArrayList<>();
    for (float[] point : points) {
      float[] own = point.clone();
      distance.prepare(own, 0, own.length);
      searches.add(new Nearest(own, most));
    }
    try (Npy npy = Npy.open(file)) {
      npy.requireType(DType.FLOAT32);
      int width = (int) (npy.rowBytes() / Float.BYTES);
      if (npy.rows() != images) {
        throw new FormatException(
            file, "header", npy.rows() + " rows, needed are " + images + ", one for each image");
      }
      for (float[] point : points) {
        if (point.length != width) {
          throw new FormatException(
              file, "header", "rows of " + width + " values, needed are " + point.length);
        }
      }
      float[] values = new float[ROWS_AT_ONCE * width];
      for (long first = 0; first < npy.rows(); first += ROWS_AT_ONCE) {
        int count = (int) Math.min(ROWS_AT_ONCE, npy.rows() - first);
        ByteBuffer bytes = npy.rows(first, count);
        MappedReads.guard(
            "row " + first, () -> bytes.asFloatBuffer().get(values, 0, count * width), file);
        requireFinite(first, values, count, width);
        for (int i = 0; i < count; i++) {
          distance.prepare(values, i * width, width);
          for (Nearest search : searches) {
            search.add(first + i, values, i * width);
          }
        }
      }
    }
    return searches.stream().map(Nearest::rows).toList();
  }

  private void requireFinite(long first, float[] values, int count, int width)
      throws FormatException {
    for (int i = 0; i < count * width; i++) {
      if (!Float.isFinite(values[i])) {
        throw new FormatException(
            file, "row " + (first + i / width), "has " + values[i] + "; allowed: finite numbers");
      }
    }
  }
}
