package org.alexnet4j.eval;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * The paper's network as one network of grouped convolutions, forward and back for one image, in
 * double precision and in plain loops: channels before pixels, weights in the order of weights
 * files. No dropout.
 */
final class PlainGradients {
  /** One image's plane, {@code [c][h][w]}, and the gradient of the loss by it. */
  private static final class Plane {
    final int c;
    final int side;
    final double[] values;
    final double[] gradient;

    Plane(int c, int side, double[] values) {
      this.c = c;
      this.side = side;
      this.values = values;
      this.gradient = new double[values.length];
    }

    Plane(int c, int side) {
      this(c, side, new double[c * side * side]);
    }
  }

  private interface Step {
    void run();
  }

  /** Gradients of the sum of losses by tensor. */
  final Map<String, double[]> gradients = new LinkedHashMap<>();

  /** What the last image made, by layer, and the gradients of it. */
  final Map<String, double[]> activations = new HashMap<>();

  private final Map<String, float[]> weights;
  private final ArrayDeque<Step> back = new ArrayDeque<>();

  /**
   * The present image's outputs of rectifiers, normalisations and poolings that decide, by layer.
   */
  private final Map<String, double[]> decided;

  /**
   * Begins with no gradients.
   *
   * @param decided by whose outputs rectifiers and poolings decide; empty for their own
   */
  PlainGradients(Map<String, float[]> weights, Map<String, double[]> decided) {
    this.weights = weights;
    this.decided = decided;
    weights.forEach((name, values) -> gradients.put(name, new double[values.length]));
  }

  private int width(String layer) {
    return weights.get(layer + ".bias").length;
  }

  private Plane conv(Plane x, String name, int kernel, int stride, int pad, int groups) {
    int k = width(name);
    int p = 1 + (x.side + 2 * pad - kernel + stride - 1) / stride;
    int perGroup = x.c / groups;
    float[] w = weights.get(name + ".weight");
    float[] b = weights.get(name + ".bias");
    Plane y = new Plane(k, p);
    IntStream.range(0, k)
        .parallel()
        .forEach(
            f -> {
              Arrays.fill(y.values, f * p * p, (f + 1) * p * p, b[f]);
              taps(
                  x,
                  p,
                  f / (k / groups) * perGroup,
                  perGroup,
                  kernel,
                  stride,
                  pad,
                  (tap, at, from) ->
                      y.values[f * p * p + at] +=
                          x.values[from] * w[f * perGroup * kernel * kernel + tap]);
            });
    activations.put(name, y.values);
    back.push(
        () -> {
          double[] dw = gradients.get(name + ".weight");
          double[] db = gradients.get(name + ".bias");
          for (int f = 0; f < k; f++) {
            int filter = f * perGroup * kernel * kernel;
            int plane = f * p * p;
            for (int i = 0; i < p * p; i++) {
              db[f] += y.gradient[plane + i];
            }
            taps(
                x,
                p,
                f / (k / groups) * perGroup,
                perGroup,
                kernel,
                stride,
                pad,
                (tap, at, from) -> {
                  double dy = y.gradient[plane + at];
                  dw[filter + tap] += dy * x.values[from];
                  x.gradient[from] += dy * w[filter + tap];
                });
          }
        });
    return y;
  }

  private interface Tap {
    void at(int tap, int output, int input);
  }

  private static void taps(
      Plane x, int p, int first, int channels, int kernel, int stride, int pad, Tap visit) {
    for (int c = 0; c < channels; c++) {
      for (int r = 0; r < kernel; r++) {
        for (int s = 0; s < kernel; s++) {
          int tap = (c * kernel + r) * kernel + s;
          for (int i = 0; i < p; i++) {
            int row = i * stride - pad + r;
            if (row < 0 || row >= x.side) {
              continue;
            }
            int line = ((first + c) * x.side + row) * x.side;
            for (int j = 0; j < p; j++) {
              int column = j * stride - pad + s;
              if (column >= 0 && column < x.side) {
                visit.at(tap, i * p + j, line + column);
              }
            }
          }
        }
      }
    }
  }

  private Plane relu(Plane x, String name) {
    Plane y = new Plane(x.c, x.side);
    double[] open = decided.getOrDefault(name, x.values);
    for (int i = 0; i < y.values.length; i++) {
      y.values[i] = open[i] > 0 ? x.values[i] : 0;
    }
    back.push(
        () -> {
          for (int i = 0; i < y.values.length; i++) {
            x.gradient[i] += open[i] > 0 ? y.gradient[i] : 0;
          }
        });
    return y;
  }

  /** The paper's constants; windows stay inside their half of the maps. */
  private Plane lrn(Plane x) {
    Plane y = new Plane(x.c, x.side);
    int pixels = x.side * x.side;
    double[] d = new double[x.values.length];
    for (int i = 0; i < d.length; i++) {
      double sum = 0;
      for (int j = low(x.c, i / pixels); j <= high(x.c, i / pixels); j++) {
        sum += Math.pow(x.values[j * pixels + i % pixels], 2);
      }
      d[i] = 2 + 1e-4 * sum;
      y.values[i] = x.values[i] * Math.pow(d[i], -0.75);
    }
    back.push(
        () -> {
          for (int i = 0; i < d.length; i++) {
            double sum = 0;
            for (int j = low(x.c, i / pixels); j <= high(x.c, i / pixels); j++) {
              int at = j * pixels + i % pixels;
              sum += y.gradient[at] * x.values[at] * Math.pow(d[at], -1.75);
            }
            x.gradient[i] +=
                y.gradient[i] * Math.pow(d[i], -0.75) - 2 * 1e-4 * 0.75 * x.values[i] * sum;
          }
        });
    return y;
  }

  private static int low(int maps, int c) {
    int half = maps / 2;
    return Math.max(c / half * half, c - 2);
  }

  private static int high(int maps, int c) {
    int half = maps / 2;
    return Math.min(c / half * half + half - 1, c + 2);
  }

  /** Windows of three, two apart; a gradient goes to every pixel that is the maximum. */
  private Plane pool(Plane x, String from, String name) {
    int p = 1 + (x.side - 3 + 1) / 2;
    Plane y = new Plane(x.c, p);
    double[] seen = decided.getOrDefault(from, x.values);
    double[] best = new double[y.values.length];
    for (int i = 0; i < best.length; i++) {
      int output = i;
      best[i] = Double.NEGATIVE_INFINITY;
      window(x, p, i, at -> best[output] = Math.max(best[output], seen[at]));
      y.values[i] = Double.NEGATIVE_INFINITY;
      window(
          x,
          p,
          i,
          at -> {
            if (seen[at] == best[output]) {
              y.values[output] = Math.max(y.values[output], x.values[at]);
            }
          });
    }
    activations.put(name, y.values);
    back.push(
        () -> {
          for (int i = 0; i < best.length; i++) {
            double maximum = best[i];
            double dy = y.gradient[i];
            window(x, p, i, at -> x.gradient[at] += seen[at] == maximum ? dy : 0);
          }
        });
    return y;
  }

  private static void window(Plane x, int p, int output, IntConsumer visit) {
    int row = output / p % p * 2;
    int column = output % p * 2;
    for (int r = row; r < Math.min(row + 3, x.side); r++) {
      for (int s = column; s < Math.min(column + 3, x.side); s++) {
        visit.accept((output / (p * p) * x.side + r) * x.side + s);
      }
    }
  }

  private Plane fc(Plane x, String name) {
    float[] w = weights.get(name + ".weight");
    float[] b = weights.get(name + ".bias");
    int inputs = x.values.length;
    Plane y = new Plane(width(name), 1);
    for (int f = 0; f < y.c; f++) {
      double sum = b[f];
      for (int i = 0; i < inputs; i++) {
        sum += x.values[i] * w[f * inputs + i];
      }
      y.values[f] = sum;
    }
    activations.put(name, y.values);
    back.push(
        () -> {
          double[] dw = gradients.get(name + ".weight");
          double[] db = gradients.get(name + ".bias");
          for (int f = 0; f < y.c; f++) {
            double dy = y.gradient[f];
            db[f] += dy;
            for (int i = 0; i < inputs; i++) {
              dw[f * inputs + i] += dy * x.values[i];
              x.gradient[i] += dy * w[f * inputs + i];
            }
          }
        });
    return y;
  }

  /** Adds the gradients of one image's loss, {@code image[3][side][side]}. */
  void add(double[] image, int side, int label) {
    Plane x = new Plane(3, side, image);
    x = relu(conv(x, "conv1", 11, 4, 0, 1), "relu1");
    x = pool(lrn(x), "norm1", "pool1");
    x = relu(conv(x, "conv2", 5, 1, 2, 2), "relu2");
    x = pool(lrn(x), "norm2", "pool2");
    x = relu(conv(x, "conv3", 3, 1, 1, 1), "relu3");
    x = relu(conv(x, "conv4", 3, 1, 1, 2), "relu4");
    x = relu(conv(x, "conv5", 3, 1, 1, 2), "relu5");
    x = pool(x, "relu5", "pool5");
    x = relu(fc(x, "fc6"), "relu6");
    x = relu(fc(x, "fc7"), "relu7");
    x = fc(x, "fc8");
    double largest = Arrays.stream(x.values).max().orElseThrow();
    double sum = Arrays.stream(x.values).map(v -> Math.exp(v - largest)).sum();
    for (int c = 0; c < x.c; c++) {
      x.gradient[c] = Math.exp(x.values[c] - largest) / sum - (c == label ? 1 : 0);
    }
    while (!back.isEmpty()) {
      back.pop().run();
    }
  }
}
