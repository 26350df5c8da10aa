package org.alexnet4j.data.image;

/**
 * Which inputs along an axis make each output, and with which weights.
 *
 * @param first first input of each output
 * @param start where the weights of each output begin; one more entry at the end
 * @param weights one after the other; those of an output add up to 1
 */
record AxisWeights(int[] first, int[] start, double[] weights) {

  /**
   * Smaller: the mean over what each output covers. Larger: bilinear between pixel centres, the
   * border repeated. Equal: the inputs themselves.
   */
  static AxisWeights area(int inputs, int outputs) {
    AxisWeights axis = room(inputs, outputs, Math.max(2 * outputs, inputs + outputs));
    for (int j = 0; j < outputs; j++) {
      axis.start[j + 1] =
          inputs > outputs ? axis.covered(j, inputs, outputs) : axis.bilinear(j, inputs, outputs);
    }
    return axis;
  }

  /**
   * A triangle over each output that is as wide as two outputs, or two inputs where those are
   * wider, cut at the border: what Pillow calls bilinear.
   */
  static AxisWeights triangle(int inputs, int outputs) {
    double scale = (double) inputs / outputs;
    double reach = Math.max(scale, 1);
    AxisWeights axis = room(inputs, outputs, outputs * (2 * (int) Math.ceil(reach) + 2));
    for (int j = 0; j < outputs; j++) {
      double centre = (j + 0.5) * scale;
      int from = Math.max(0, (int) (centre - reach + 0.5));
      int to = Math.min(inputs, (int) (centre + reach + 0.5));
      int t = axis.start[j];
      double sum = 0;
      for (int i = from; i < to; i++) {
        double weight = Math.max(0, 1 - Math.abs((i - centre + 0.5) / reach));
        axis.weights[t + i - from] = weight;
        sum += weight;
      }
      axis.first[j] = from;
      axis.start[j + 1] = t + to - from;
      for (; t < axis.start[j + 1]; t++) {
        axis.weights[t] /= sum;
      }
    }
    return axis;
  }

  private static AxisWeights room(int inputs, int outputs, int weights) {
    if (inputs < 1 || outputs < 1) {
      throw new IllegalArgumentException(inputs + " to " + outputs + " pixels; allowed: 1 or more");
    }
    return new AxisWeights(new int[outputs], new int[outputs + 1], new double[weights]);
  }

  /**
   * Output j covers inputs [j · from, (j + 1) · from) in units of 1 / side of an input: whole
   * numbers, no rounding.
   */
  private int covered(int j, int from, int side) {
    long low = (long) j * from;
    long high = low + from;
    first[j] = (int) (low / side);
    int t = start[j];
    for (long i = first[j]; i * side < high; i++) {
      long covered = Math.min(high, (i + 1) * side) - Math.max(low, i * side);
      weights[t++] = (double) covered / from;
    }
    return t;
  }

  private int bilinear(int j, int from, int side) {
    double centre = (j + 0.5) * from / side - 0.5;
    double inside = Math.max(0, Math.min(from - 1, centre));
    int lower = Math.min((int) inside, Math.max(0, from - 2));
    float share = (float) (inside - lower);
    first[j] = lower;
    int t = start[j];
    weights[t++] = 1 - share;
    if (from > 1) {
      weights[t++] = share;
    }
    return t;
  }

  /** Returns how many outputs there are. */
  int outputs() {
    return first.length;
  }
}
