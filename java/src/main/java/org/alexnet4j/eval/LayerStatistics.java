package org.alexnet4j.eval;

import java.util.Arrays;

/**
 * Adds up what one tower's plane of a layer looks like over batches: moments, share of zeros, units
 * that never fired, a histogram.
 *
 * <p>A unit is a map of a convolution or a neuron of a fully-connected layer. The histogram's range
 * is taken from the first batch, so that one pass is enough; what falls outside is not counted.
 */
final class LayerStatistics {
  private static final int BINS = 40;
  private static final int SAMPLE = 1 << 14;

  /** A share of a thousandth beyond the range keeps single outliers from flattening the rest. */
  private static final double TAIL = 0.001;

  private final int units;
  private final float[] largest;
  private final long[] bins = new long[BINS];
  private float low;
  private float high;
  private long count;
  private long zeros;
  private double sum;
  private double squares;

  LayerStatistics(int units) {
    this.units = units;
    this.largest = new float[units];
    Arrays.fill(largest, Float.NEGATIVE_INFINITY);
  }

  /** Looks at the first {@code length} values of a plane whose units are its last axis. */
  void add(float[] values, int length) {
    if (count == 0) {
      range(values, length);
    }
    float scale = BINS / Math.max(high - low, Float.MIN_NORMAL);
    for (int i = 0; i < length; i += units) {
      for (int u = 0; u < units; u++) {
        float value = values[i + u];
        sum += value;
        squares += (double) value * value;
        zeros += value == 0 ? 1 : 0;
        largest[u] = Math.max(largest[u], value);
        if (value >= low && value <= high) {
          bins[Math.min(BINS - 1, (int) ((value - low) * scale))]++;
        }
      }
    }
    count += length;
  }

  private void range(float[] values, int length) {
    int step = Math.max(1, length / SAMPLE);
    float[] sample = new float[(length + step - 1) / step];
    for (int i = 0; i < sample.length; i++) {
      sample[i] = values[i * step];
    }
    Arrays.sort(sample);
    int tail = (int) (TAIL * sample.length);
    low = Math.min(0, sample[tail]);
    high = Math.max(0, sample[sample.length - 1 - tail]);
  }

  /**
   * What was added up.
   *
   * @param tower index
   * @param units maps or neurons of this tower
   * @param dead units that were 0 or less everywhere, in every image
   * @param zeros share of values that are exactly 0
   * @param low where the histogram begins
   * @param high where it ends
   * @param bins counts
   * @param gradient root mean square of the loss gradient of this plane, per image; 0 if unknown
   */
  record Summary(
      int tower,
      int units,
      int dead,
      double mean,
      double deviation,
      double zeros,
      double low,
      double high,
      long[] bins,
      double gradient) {}

  Summary summary(int tower, double gradient) {
    double mean = sum / count;
    double variance = Math.max(0, squares / count - mean * mean);
    int dead = 0;
    for (float value : largest) {
      dead += value <= 0 ? 1 : 0;
    }
    return new Summary(
        tower,
        units,
        dead,
        mean,
        Math.sqrt(variance),
        (double) zeros / count,
        low,
        high,
        bins.clone(),
        gradient);
  }
}
