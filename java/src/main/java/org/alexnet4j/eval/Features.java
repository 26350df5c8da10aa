package org.alexnet4j.eval;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.data.message.DataException;
import org.alexnet4j.io.DType;
import org.alexnet4j.io.NpyWriter;
import org.alexnet4j.net.LayerNames;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Extent;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.tower.Towers;

/**
 * What one layer computes for images, towers joined: the features that other programs learn from.
 * Centre windows, as in testing.
 *
 * <p>Threads: of {@link Network#features} any, which take turns; otherwise one caller.
 */
public final class Features {
  private final Optional<Network> network; // whose turns are taken
  private final Towers towers;
  private final Planes planes;
  private final String layer;

  /**
   * Chooses a layer.
   *
   * @param towers with a plan for INSPECT, parameters and mean written
   * @param layer a layer's name as {@link LayerNames} reads it, or null for the last hidden layer
   * @throws IllegalArgumentException if no layer is meant, or several
   */
  public Features(Towers towers, String layer) {
    this(Optional.empty(), towers, layer);
  }

  Features(Network network, String layer) {
    this(Optional.of(network), network.towers(), layer);
  }

  private Features(Optional<Network> network, Towers towers, String layer) {
    if (towers.plan().purpose() != Purpose.INSPECT) {
      throw new IllegalStateException(
          "the network keeps no layers; allowed: one opened with Options.DEFAULT.withLayers()");
    }
    this.network = network;
    this.towers = towers;
    this.planes = new Planes(towers);
    NetworkSpec spec = towers.plan().spec();
    this.layer = layer == null ? lastHidden(spec) : LayerNames.resolve(spec, layer);
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
   * {@return the features of a picture, {@code [H,W,C]} or {@code [C]}}
   *
   * @param image a file (JPEG, PNG, GIF, BMP, TIFF, PNM)
   * @throws DataException if it is missing or damaged
   * @throws IOException if it cannot be read
   */
  public float[] of(Path image) throws IOException {
    try (Dataset one = Datasets.files(List.of(image), towers.plan().spec().sourceSize())) {
      return of(one);
    }
  }

  /**
   * {@return the same for a picture in memory}
   *
   * @param image a picture
   * @throws IOException if its features cannot be computed
   */
  public float[] of(BufferedImage image) throws IOException {
    try (Dataset one = Datasets.pictures(List.of(image), towers.plan().spec().sourceSize())) {
      return of(one);
    }
  }

  private float[] of(Dataset one) throws IOException {
    float[][] row = new float[1][];
    of(one, 1, (first, count, values) -> row[0] = Arrays.copyOf(values, extent().count()));
    return row[0];
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
    network.ifPresent(owner -> owner.enter("features"));
    network.ifPresent(owner -> owner.turn().lock());
    try {
      Forward.over(
          towers,
          images,
          threads,
          (batch, first) -> rows.at(first, batch.count(), planes.joined(layer)));
    } finally {
      network.ifPresent(owner -> owner.turn().unlock());
      network.ifPresent(Network::leave);
    }
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
