package org.alexnet4j.experiment;

import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.alexnet4j.io.FormatException;
import org.alexnet4j.io.Safetensors;
import org.alexnet4j.io.TensorInfo;

/**
 * How much colour the filters of each tower have in the first layer (paper, section 6.1: "the
 * kernels on GPU 1 are largely color-agnostic, while the kernels on GPU 2 are largely
 * color-specific").
 *
 * <p>A filter's share of colour is the sum of squares of what red, green and blue differ from their
 * mean at each pixel, over the sum of squares of all values: 0 for a grey filter, 2/3 on average
 * for one of independent values.
 *
 * @param shares mean share of each tower's filters
 * @param difference the largest less the smallest of them
 * @param chance share of 10,000 random assignments of the same filters to the towers in which the
 *     difference is at least as large
 */
public record FilterColour(List<Double> shares, double difference, double chance) {
  private static final int ASSIGNMENTS = 10_000;
  private static final long SEED = 2012;

  /**
   * Measures the filters of a checkpoint.
   *
   * @param layer first convolution
   * @param towers how many share its filters
   * @throws IOException if they cannot be read
   */
  public static FilterColour of(Path checkpoint, String layer, int towers) throws IOException {
    try (Safetensors tensors = Safetensors.open(checkpoint)) {
      String name = layer + ".weight";
      TensorInfo info = tensors.tensors().get(name);
      if (info == null || info.shape().size() != 4 || info.shape().get(1) != 3) {
        throw new FormatException(
            checkpoint, "tensor " + name, "is no layer of filters of three colours");
      }
      FloatBuffer values = tensors.floats(name);
      int filters = Math.toIntExact(info.shape().get(0));
      int pixels = Math.toIntExact(info.shape().get(2) * info.shape().get(3));
      List<Double> shares = new ArrayList<>();
      for (int k = 0; k < filters; k++) {
        shares.add(share(values, 3 * k * pixels, pixels));
      }
      return of(shares, towers);
    }
  }

  private static double share(FloatBuffer values, int first, int pixels) {
    double colour = 0;
    double all = 0;
    for (int i = 0; i < pixels; i++) {
      double red = values.get(first + i);
      double green = values.get(first + pixels + i);
      double blue = values.get(first + 2 * pixels + i);
      double grey = (red + green + blue) / 3;
      all += red * red + green * green + blue * blue;
      colour += square(red - grey) + square(green - grey) + square(blue - grey);
    }
    return all == 0 ? 0 : colour / all;
  }

  private static double square(double value) {
    return value * value;
  }

  /** Compares towers, which have equal numbers of the filters, in their order. */
  static FilterColour of(List<Double> shares, int towers) {
    double difference = difference(shares, towers);
    List<Double> mixed = new ArrayList<>(shares);
    Random random = new Random(SEED);
    int asLarge = 0;
    for (int i = 0; i < ASSIGNMENTS; i++) {
      Collections.shuffle(mixed, random);
      asLarge += difference(mixed, towers) >= difference - 1e-12 ? 1 : 0;
    }
    return new FilterColour(means(shares, towers), difference, asLarge / (double) ASSIGNMENTS);
  }

  private static double difference(List<Double> shares, int towers) {
    List<Double> means = means(shares, towers);
    return Collections.max(means) - Collections.min(means);
  }

  private static List<Double> means(List<Double> shares, int towers) {
    int each = shares.size() / towers;
    List<Double> means = new ArrayList<>();
    for (int t = 0; t < towers; t++) {
      means.add(
          shares.subList(t * each, (t + 1) * each).stream()
              .mapToDouble(Double::doubleValue)
              .average()
              .orElse(0));
    }
    return means;
  }

  /** Returns whether chance would make such a difference in less than one case of twenty. */
  public boolean specialised() {
    return chance < 0.05;
  }
}
