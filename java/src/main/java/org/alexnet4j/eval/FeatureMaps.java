package org.alexnet4j.eval;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.io.Pictures;
import org.alexnet4j.net.LayerNames;
import org.alexnet4j.plan.Extent;
import org.alexnet4j.plan.LayerSummary;
import org.alexnet4j.tower.Towers;

/**
 * What the layers make of one image, through its centre window: their strongest maps as pictures,
 * and the strongest unit of each with the part of the image that it sees. Small enough to stand in
 * a page.
 *
 * @param step of the weights
 * @param image name of the image
 * @param picture the window, data URI
 * @param side of the window, in pixels
 * @param layers those with more than one unit to a map, in their order
 * @hidden
 */
public record FeatureMaps(long step, String image, String picture, int side, List<Layer> layers) {
  /** Maps of a layer that are shown. */
  private static final int SHOWN = 16;

  private static final int PICTURE_SIDE = 224;

  /**
   * A layer.
   *
   * @param name as in the configuration
   * @param kind as in the configuration
   * @param maps how many it has, towers joined, tower a first
   * @param rows of a map
   * @param columns of a map
   * @param field pixels along a side that a unit sees, before the border cuts them
   * @param shown the maps with the strongest units, the strongest first
   * @hidden
   */
  public record Layer(
      String name, String kind, int maps, int rows, int columns, int field, List<Shown> shown) {}

  /**
   * A map and its strongest unit.
   *
   * @param map number, from 0
   * @param value of the unit
   * @param row of the unit in the map, from 0
   * @param column of the unit in the map, from 0
   * @param picture the map, its lowest value black and its highest white, data URI
   * @param top first row of the window that the unit sees
   * @param left first column of that window
   * @param bottom the row behind the last one
   * @param right the column behind the last one
   * @param seen what it sees, data URI
   * @hidden
   */
  public record Shown(
      int map,
      float value,
      int row,
      int column,
      String picture,
      int top,
      int left,
      int bottom,
      int right,
      String seen) {}

  /**
   * Looks at the first image of a set.
   *
   * @param towers with a plan for INSPECT, parameters and mean written
   * @param step of the weights
   * @param images its first image is looked at
   * @param only the layers that are shown, as {@link LayerNames} reads them; none: all
   * @return what each layer makes of it
   * @throws IOException if the image cannot be read
   * @throws IllegalArgumentException if a name means no layer, or one that has one unit to a map
   */
  public static FeatureMaps of(Towers towers, long step, Dataset images, List<String> only)
      throws IOException {
    Set<String> chosen = new HashSet<>();
    only.forEach(name -> chosen.add(LayerNames.resolve(towers.plan().spec(), name)));
    Planes planes = new Planes(towers);
    Map<String, ReceptiveField> fields = ReceptiveField.of(towers.plan().spec().layers());
    int side = towers.plan().spec().inputSize();
    BufferedImage window = window(images, side);
    List<Layer> layers = new ArrayList<>();
    Forward.over(
        towers,
        images,
        1,
        (batch, first) -> {
          for (LayerSummary layer : towers.plan().layers()) {
            ReceptiveField field = fields.get(layer.name());
            boolean wanted = chosen.isEmpty() || chosen.contains(layer.name());
            if (first == 0 && wanted && field != null && !planes.holders(layer.name()).isEmpty()) {
              Extent extent = planes.extent(layer.name());
              if (extent.h() * extent.w() > 1) {
                float[] values = planes.joined(layer.name());
                List<Shown> shown = shown(values, extent, field, window);
                layers.add(
                    new Layer(
                        layer.name(),
                        layer.kind(),
                        extent.c(),
                        extent.h(),
                        extent.w(),
                        field.size(),
                        shown));
              }
            }
          }
        });
    layers.forEach(layer -> chosen.remove(layer.name()));
    if (!chosen.isEmpty()) {
      throw new IllegalArgumentException(
          "layer "
              + String.join(", ", chosen)
              + " has no maps to show; allowed: a layer with rows and columns");
    }
    return new FeatureMaps(step, images.name(0), uri(window, PICTURE_SIDE), side, layers);
  }

  private static BufferedImage window(Dataset images, int side) throws IOException {
    ByteBuffer pixels = ByteBuffer.allocate(images.imageBytes());
    images.read(0, pixels);
    int border = (images.source() - side) / 2;
    BufferedImage window = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int y = 0; y < side; y++) {
      for (int x = 0; x < side; x++) {
        int at = 3 * ((border + y) * images.source() + border + x);
        window.setRGB(
            x,
            y,
            (pixels.get(at) & 255) << 16
                | (pixels.get(at + 1) & 255) << 8
                | pixels.get(at + 2) & 255);
      }
    }
    return window;
  }

  private static List<Shown> shown(
      float[] values, Extent extent, ReceptiveField field, BufferedImage window)
      throws IOException {
    int[] strongest = strongest(values, extent);
    List<Integer> order =
        IntStream.range(0, extent.c())
            .boxed()
            .sorted(
                Comparator.comparingDouble((Integer map) -> -values[strongest[map]])
                    .thenComparing(map -> map))
            .limit(SHOWN)
            .toList();
    List<Shown> shown = new ArrayList<>();
    for (int map : order) {
      int pixel = strongest[map] / extent.c();
      int row = pixel / extent.w();
      int column = pixel % extent.w();
      int top = Math.min(field.first(row), window.getHeight() - 1);
      int left = Math.min(field.first(column), window.getWidth() - 1);
      int bottom = Math.max(top + 1, field.end(row, window.getHeight()));
      int right = Math.max(left + 1, field.end(column, window.getWidth()));
      BufferedImage seen = window.getSubimage(left, top, right - left, bottom - top);
      shown.add(
          new Shown(
              map,
              values[strongest[map]],
              row,
              column,
              picture(values, extent, map),
              top,
              left,
              bottom,
              right,
              uri(seen, PICTURE_SIDE / 2)));
    }
    return shown;
  }

  /** Returns the place of the largest value of each map, of equal ones the first. */
  private static int[] strongest(float[] values, Extent extent) {
    int[] best = IntStream.range(0, extent.c()).toArray();
    for (int i = extent.c(); i < extent.count(); i++) {
      int map = i % extent.c();
      if (values[i] > values[best[map]]) {
        best[map] = i;
      }
    }
    return best;
  }

  private static String picture(float[] values, Extent extent, int map) throws IOException {
    float low = Float.POSITIVE_INFINITY;
    float high = Float.NEGATIVE_INFINITY;
    for (int i = map; i < extent.count(); i += extent.c()) {
      low = Math.min(low, values[i]);
      high = Math.max(high, values[i]);
    }
    BufferedImage picture = new BufferedImage(extent.w(), extent.h(), BufferedImage.TYPE_INT_RGB);
    for (int i = map; i < extent.count(); i += extent.c()) {
      int pixel = i / extent.c();
      int grey = high > low ? Math.round(255 * (values[i] - low) / (high - low)) : 0;
      picture.setRGB(pixel % extent.w(), pixel / extent.w(), grey * 0x010101);
    }
    return Pictures.uri(picture, "png");
  }

  private static String uri(BufferedImage image, int most) throws IOException {
    boolean small = image.getWidth() * image.getHeight() <= most * most / 4;
    return Pictures.uri(image, small ? "png" : "jpeg");
  }
}
