package org.alexnet4j.foreign;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alexnet4j.io.Npy;

/**
 * The convolutional part of an AlexNet in integers of eight bits, as its owners compute it: weights
 * that are not zero one after the other, sums of integers, results rounded toward zero and held to
 * -128..127. Without rounding it is the same network in real numbers. Shares no code with what it
 * judges.
 */
final class EightBitNetwork {
  private static final double[] MEAN = {0.485, 0.456, 0.406};
  private static final double[] DEVIATION = {0.229, 0.224, 0.225};
  private static final int SIDE = 227;

  /** A convolution: bits behind the binary points of weights, biases, input and output. */
  private record Layer(
      long[] w, long[] b, int kernel, int groups, int wBits, int bBits, int inBits, int outBits) {}

  /** Planes {@code [C][side][side]}. */
  private record Planes(double[] x, int channels, int side) {}

  private final List<Layer> layers = new ArrayList<>();
  private final boolean rounding;

  EightBitNetwork(Path folder, boolean rounding) throws IOException {
    this.rounding = rounding;
    int[][] shapes = {
      {11, 1, 7, 5, 5, 2},
      {5, 2, 6, 6, 2, 0},
      {3, 1, 7, 9, 0, 0},
      {3, 2, 8, 8, 0, 1},
      {3, 2, 8, 4, 1, 1}
    };
    for (int i = 0; i < shapes.length; i++) {
      int[] s = shapes[i];
      long[] w = integers(folder.resolve("conv" + (i + 1) + "_w.npy"));
      long[] b = integers(folder.resolve("conv" + (i + 1) + "_b.npy"));
      layers.add(new Layer(w, b, s[0], s[1], s[2], s[3], s[4], s[5]));
    }
  }

  private static long[] integers(Path file) throws IOException {
    try (Npy npy = Npy.open(file)) {
      return npy.readIntegers();
    }
  }

  /** Returns pool5, {@code [256][6][6]}, of pixels {@code [227][227][3]}, red first. */
  double[] pool5(byte[] pixels) {
    Planes x = input(pixels);
    x = conv(layers.get(0), x, 4, 0);
    x = pool(norm(x, rounding ? 1 : 4)); // the norm is of the integers, whose point is 2 bits left
    x = conv(layers.get(1), x, 1, 2);
    x = pool(norm(x, 1));
    for (int i = 2; i < 5; i++) {
      x = conv(layers.get(i), x, 1, 1);
    }
    return pool(x).x();
  }

  private Planes input(byte[] pixels) {
    int count = SIDE * SIDE;
    double[] x = new double[3 * count];
    for (int c = 0; c < 3; c++) {
      for (int p = 0; p < count; p++) {
        double value = ((pixels[3 * p + c] & 255) / 255.0 - MEAN[c]) / DEVIATION[c];
        x[c * count + p] = rounding ? held(value * 32) : value;
      }
    }
    return new Planes(x, 3, SIDE);
  }

  /** Rounds toward zero and holds to eight bits. */
  private static double held(double value) {
    return Math.max(-128, Math.min(127, value < 0 ? Math.ceil(value) : Math.floor(value)));
  }

  private Planes conv(Layer layer, Planes in, int stride, int pad) {
    Planes x = padded(in, pad);
    int out = (x.side - layer.kernel) / stride + 1;
    int maps = layer.b.length;
    int depth = in.channels / layer.groups;
    int window = layer.kernel * layer.kernel;
    double[] y = new double[maps * out * out];
    double[] sums = new double[out * out];
    double unit = Math.scalb(1.0, -layer.wBits - (rounding ? layer.inBits : 0));
    for (int k = 0; k < maps; k++) {
      Arrays.fill(sums, 0);
      int first = k / (maps / layer.groups) * depth;
      for (int i = 0; i < depth * window; i++) {
        double w = layer.w[k * depth * window + i];
        if (w != 0) {
          int from = ((first + i / window) * x.side + i % window / layer.kernel) * x.side;
          add(sums, out, x, from + i % layer.kernel, stride, w);
        }
      }
      double bias = Math.scalb((double) layer.b[k], -layer.bBits);
      for (int p = 0; p < sums.length; p++) {
        double real = Math.max(0, sums[p] * unit + bias);
        y[k * out * out + p] = rounding ? held(Math.scalb(real, layer.outBits)) : real;
      }
    }
    return new Planes(y, maps, out);
  }

  private static void add(double[] sums, int out, Planes x, int from, int stride, double w) {
    for (int p = 0; p < out; p++) {
      int row = from + p * stride * x.side;
      if (stride == 1) { // a loop that the processor does several steps of at once
        for (int q = 0; q < out; q++) {
          sums[p * out + q] += w * x.x[row + q];
        }
      } else {
        for (int q = 0; q < out; q++) {
          sums[p * out + q] += w * x.x[row + q * stride];
        }
      }
    }
  }

  private static Planes padded(Planes in, int pad) {
    if (pad == 0) {
      return in;
    }
    int side = in.side + 2 * pad;
    double[] x = new double[in.channels * side * side];
    for (int row = 0; row < in.channels * in.side; row++) {
      int to = (row / in.side * side + row % in.side + pad) * side + pad;
      System.arraycopy(in.x, row * in.side, x, to, in.side);
    }
    return new Planes(x, in.channels, side);
  }

  /** alpha 1e-4 over a window of 5 maps, of all maps; {@code scale} brings values to integers. */
  private Planes norm(Planes in, double scale) {
    int pixels = in.side * in.side;
    double[] y = new double[in.x.length];
    for (int c = 0; c < in.channels; c++) {
      for (int p = 0; p < pixels; p++) {
        double sum = 0;
        for (int j = Math.max(0, c - 2); j <= Math.min(in.channels - 1, c + 2); j++) {
          sum += in.x[j * pixels + p] * in.x[j * pixels + p] * scale * scale;
        }
        double root = Math.sqrt(1 + 1e-4 / 5 * sum);
        double value = in.x[c * pixels + p] / (root * Math.sqrt(root)); // to the power of 3/4
        y[c * pixels + p] = rounding ? held(value) : value;
      }
    }
    return new Planes(y, in.channels, in.side);
  }

  private static Planes pool(Planes in) {
    int out = (in.side - 3) / 2 + 1;
    double[] y = new double[in.channels * out * out];
    for (int i = 0; i < y.length; i++) {
      int from = (i / (out * out) * in.side + i / out % out * 2) * in.side + i % out * 2;
      double most = in.x[from];
      for (int j = 0; j < 9; j++) {
        most = Math.max(most, in.x[from + j / 3 * in.side + j % 3]);
      }
      y[i] = most;
    }
    return new Planes(y, in.channels, out);
  }
}
