package org.alexnet4j.report;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.io.MappedReads;
import org.alexnet4j.io.Pictures;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.io.TensorInfo;

/**
 * The filters of a layer that reads RGB as pictures, one sheet per tower, as in the paper's Figure
 * 3. Weight 0 is middle grey.
 *
 * @param layer whose filters these are
 * @param size side of a filter in pixels
 * @param columns filters beside each other
 * @param towers one sheet per tower
 */
record FilterSheet(String layer, int size, int columns, List<Sheet> towers) {
  private static final int COLUMNS = 16;
  private static final int OPAQUE = 0xff000000;

  /** Pixels between filters; transparent, so that the page shows through. */
  static final int GAP = 1;

  /**
   * The filters of one tower.
   *
   * @param each data URI, every filter as bright as its own largest weight allows
   * @param alike data URI, all filters of all towers on one scale
   * @param norms Euclidean norm of each filter
   * @param saturation mean distance of the weights from their filter's grey, 0 to 1
   */
  record Sheet(String each, String alike, float[] norms, double saturation) {}

  /**
   * Reads the filters of a checkpoint or weights file.
   *
   * @param towers the filters are split evenly among them
   * @return null if the layer does not read three channels
   */
  static FilterSheet read(Path weights, String layer, int towers) throws IOException {
    try (Safetensors file = Safetensors.open(weights)) {
      TensorInfo info = file.tensors().get(layer + ".weight");
      if (info == null || info.shape().size() != 4 || info.shape().get(1) != 3) {
        return null;
      }
      FloatBuffer values = file.floats(info.name());
      float[] all = new float[values.remaining()];
      MappedReads.guard("tensor " + info.name(), () -> values.get(all), weights);
      return of(layer, all, info.shape().get(2).intValue(), towers);
    }
  }

  /**
   * Draws filters.
   *
   * @param weights {@code [filters][3][size][size]}, channels red, green, blue
   */
  static FilterSheet of(String layer, float[] weights, int size, int towers) throws IOException {
    int row = 3 * size * size;
    int count = weights.length / row;
    int perTower = count / towers;
    double most = largest(weights, 0, weights.length);
    List<Sheet> sheets = new ArrayList<>();
    for (int t = 0; t < towers; t++) {
      int first = t * perTower;
      float[] norms = new float[perTower];
      double saturation = 0;
      for (int k = 0; k < perTower; k++) {
        norms[k] = norm(weights, (first + k) * row, row);
        saturation += saturation(weights, (first + k) * row, size * size) / perTower;
      }
      sheets.add(
          new Sheet(
              sheet(weights, first, perTower, size, 0),
              sheet(weights, first, perTower, size, most),
              norms,
              saturation));
    }
    return new FilterSheet(layer, size, COLUMNS, sheets);
  }

  private static String sheet(float[] weights, int first, int count, int size, double scale)
      throws IOException {
    int cell = size + GAP;
    int rows = (count + COLUMNS - 1) / COLUMNS;
    int columns = Math.min(count, COLUMNS);
    BufferedImage image =
        new BufferedImage(columns * cell - GAP, rows * cell - GAP, BufferedImage.TYPE_INT_ARGB);
    int plane = size * size;
    for (int k = 0; k < count; k++) {
      int from = (first + k) * 3 * plane;
      double most = scale > 0 ? scale : largest(weights, from, 3 * plane);
      for (int i = 0; i < plane; i++) {
        int red = grey(weights[from + i], most);
        int green = grey(weights[from + plane + i], most);
        int blue = grey(weights[from + 2 * plane + i], most);
        image.setRGB(
            k % COLUMNS * cell + i % size,
            k / COLUMNS * cell + i / size,
            OPAQUE | red << 16 | green << 8 | blue);
      }
    }
    return Pictures.uri(image, "png");
  }

  private static int grey(float weight, double most) {
    return most == 0 ? 128 : (int) Math.round(127.5 + 127.5 * weight / most);
  }

  private static double largest(float[] values, int from, int count) {
    double largest = 0;
    for (int i = from; i < from + count; i++) {
      largest = Math.max(largest, Math.abs(values[i]));
    }
    return largest;
  }

  private static float norm(float[] values, int from, int count) {
    double squares = 0;
    for (int i = from; i < from + count; i++) {
      squares += (double) values[i] * values[i];
    }
    return (float) Math.sqrt(squares);
  }

  /** Returns how much of a filter's energy is colour: 0 for grey, 1 for pure differences. */
  private static double saturation(float[] values, int from, int plane) {
    double colour = 0;
    double whole = 0;
    for (int i = from; i < from + plane; i++) {
      double mean = (values[i] + values[i + plane] + values[i + 2 * plane]) / 3.0;
      for (int c = 0; c < 3; c++) {
        double value = values[i + c * plane];
        colour += (value - mean) * (value - mean);
        whole += value * value;
      }
    }
    return whole == 0 ? 0 : colour / whole;
  }
}
