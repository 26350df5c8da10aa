package org.alexnet4j.eval;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.List;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.NpyWriter;
import org.alexnet4j.io.Printable;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Extent;
import org.alexnet4j.text.Suggestion;
import org.alexnet4j.tower.Towers;

/**
 * What one layer computes for images, towers joined: the features that other programs learn from.
 * Centre windows, as in testing.
 */
public final class Features {
  private final Towers towers;
  private final Planes planes;
  private final String layer;

  /**
   * Chooses a layer.
   *
   * @param towers with a plan for INSPECT, parameters and mean written
   * @param layer a layer's name, or null for the last hidden layer
   * @throws IllegalArgumentException if there is no such layer
   */
  public Features(Towers towers, String layer) {
    this.towers = towers;
    this.planes = new Planes(towers);
    this.layer = layer == null ? lastHidden(towers.plan().spec()) : layer;
    List<String> names = planes.names();
    if (!names.contains(this.layer)) {
      throw new IllegalArgumentException(
          "no layer '" + Printable.name(layer) + "'; " + Suggestion.allowed(this.layer, names));
    }
  }

  /**
   * {@return the layer that the paper measures distances in: 4096 units there}
   *
   * @param spec a network
   */
  public static String lastHidden(NetworkSpec spec) {
    return Planes.lastHidden(spec.layers());
  }

  /** {@return the name of the layer} */
  public String layer() {
    return layer;
  }

  /** {@return the size of the layer for one image} */
  public Extent extent() {
    return planes.extent(layer);
  }

  /** Takes the features of one image after the other. */
  public interface Rows {
    /**
     * Takes some images.
     *
     * @param first place of the first one in the data set
     * @param count how many
     * @param values {@code [count, ...]}, may be longer
     * @throws IOException if they cannot be taken
     */
    void at(int first, int count, float[] values) throws IOException;
  }

  /**
   * Computes the features of all images, in their order.
   *
   * @param images the data set
   * @param threads threads that read images
   * @param rows takes them
   * @throws IOException if an image cannot be read, or what {@code rows} throws
   */
  public void of(Dataset images, int threads, Rows rows) throws IOException {
    Forward.over(
        towers,
        images,
        threads,
        (batch, first) -> rows.at(first, batch.count(), planes.joined(layer)));
  }

  /**
   * Writes the features of all images as float32: {@code [N,H,W,C]}, or {@code [N,C]}.
   *
   * @param images the data set
   * @param threads threads that read images
   * @param file a NumPy file, replaced if it is there
   * @throws IOException if an image cannot be read, or the file not be written
   */
  public void write(Dataset images, int threads, Path file) throws IOException {
    Extent extent = extent();
    long n = images.size();
    boolean flat = extent.h() == 1 && extent.w() == 1;
    long[] shape =
        flat ? new long[] {n, extent.c()} : new long[] {n, extent.h(), extent.w(), extent.c()};
    try (NpyWriter writer = NpyWriter.create(file, DType.FLOAT32, shape)) {
      ByteBuffer bytes =
          ByteBuffer.allocate(4 * towers.plan().batch() * extent.count())
              .order(ByteOrder.LITTLE_ENDIAN);
      of(
          images,
          threads,
          (first, count, values) -> {
            bytes.clear();
            bytes.asFloatBuffer().put(values, 0, count * extent.count());
            writer.write(bytes.limit(4 * count * extent.count()));
          });
      writer.commit();
    }
  }
}
