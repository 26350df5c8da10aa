package org.alexnet4j.foreign;

import org.alexnet4j.foreign.ForeignWriter.Array;

/**
 * Layers as other frameworks compute them, in plain loops over planes {@code [C][H][W]}, sums in
 * double. Knows nothing of towers, layouts or presets.
 */
final class PlainNetwork {
  private double[] x;
  private int channels;
  private int side;

  PlainNetwork(double[] x, int channels, int side) {
    this.x = x;
    this.channels = channels;
    this.side = side;
  }

  double[] values() {
    return x.clone();
  }

  /** A convolution in groups, windows that do not fit left out: filters [K][C/G][R][R]. */
  PlainNetwork conv(Array w, Array b, int stride, int pad, int groups) {
    int maps = (int) w.shape()[0];
    int depth = (int) w.shape()[1];
    int window = (int) w.shape()[2];
    int out = (side + 2 * pad - window) / stride + 1;
    double[] y = new double[maps * out * out];
    for (int k = 0; k < maps; k++) {
      int first = k / (maps / groups) * depth;
      for (int p = 0; p < out; p++) {
        for (int q = 0; q < out; q++) {
          double sum = b.values()[k];
          for (int c = 0; c < depth; c++) {
            for (int r = 0; r < window; r++) {
              for (int s = 0; s < window; s++) {
                int row = p * stride - pad + r;
                int column = q * stride - pad + s;
                if (row >= 0 && row < side && column >= 0 && column < side) {
                  sum +=
                      x[((first + c) * side + row) * side + column]
                          * w.values()[((k * depth + c) * window + r) * window + s];
                }
              }
            }
          }
          y[(k * out + p) * out + q] = sum;
        }
      }
    }
    x = y;
    channels = maps;
    side = out;
    return this;
  }

  PlainNetwork relu() {
    for (int i = 0; i < x.length; i++) {
      x[i] = Math.max(0, x[i]);
    }
    return this;
  }

  /** Maxima; the output size rounded up, windows cut at the border. */
  PlainNetwork pool(int size, int stride) {
    int out = (side - size + stride - 1) / stride + 1;
    double[] y = new double[channels * out * out];
    for (int c = 0; c < channels; c++) {
      for (int p = 0; p < out; p++) {
        for (int q = 0; q < out; q++) {
          double most = Double.NEGATIVE_INFINITY;
          for (int r = p * stride; r < Math.min(side, p * stride + size); r++) {
            for (int s = q * stride; s < Math.min(side, q * stride + size); s++) {
              most = Math.max(most, x[(c * side + r) * side + s]);
            }
          }
          y[(c * out + p) * out + q] = most;
        }
      }
    }
    x = y;
    side = out;
    return this;
  }

  /** Caffe's and ONNX's normalisation across all channels: alpha divided by the size. */
  PlainNetwork lrn(int size, double alpha, double beta, double k) {
    double[] y = new double[x.length];
    int pixels = side * side;
    for (int c = 0; c < channels; c++) {
      for (int p = 0; p < pixels; p++) {
        double sum = 0;
        for (int j = Math.max(0, c - size / 2); j <= Math.min(channels - 1, c + size / 2); j++) {
          sum += x[j * pixels + p] * x[j * pixels + p];
        }
        y[c * pixels + p] = x[c * pixels + p] * Math.pow(k + alpha / size * sum, -beta);
      }
    }
    x = y;
    return this;
  }

  /** A fully-connected layer over channels, rows, columns in this order: [out][in]. */
  PlainNetwork fc(Array w, Array b) {
    int units = (int) w.shape()[0];
    double[] y = new double[units];
    for (int k = 0; k < units; k++) {
      y[k] = b.values()[k];
      for (int i = 0; i < x.length; i++) {
        y[k] += w.values()[k * x.length + i] * x[i];
      }
    }
    x = y;
    channels = units;
    side = 1;
    return this;
  }

  double[] softmax() {
    double most = Double.NEGATIVE_INFINITY;
    for (double value : x) {
      most = Math.max(most, value);
    }
    double sum = 0;
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = Math.exp(x[i] - most);
      sum += y[i];
    }
    for (int i = 0; i < x.length; i++) {
      y[i] /= sum;
    }
    return y;
  }
}
