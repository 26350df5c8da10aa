package org.alexnet4j.foreign;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/**
 * How a foreign network is fed: {@code x = (pixel / divisor - mean) / deviation}, by channel.
 *
 * @param bgr whether its channels are blue, green, red
 * @param divisor of the grey levels 0 to 255
 * @param mean what is subtracted, in the foreign order of channels: 3 values, or {@code
 *     [3][side][side]}; empty if it is not known
 * @param deviation 3 values in the foreign order
 */
public record InputConvention(boolean bgr, double divisor, double[] mean, double[] deviation) {
  /** Channels of an image. */
  static final int CHANNELS = 3;

  /** Checks every value. */
  public InputConvention {
    boolean divides = divisor > 0 && deviation.length == CHANNELS && isPositive(deviation);
    if (!divides) {
      throw new IllegalArgumentException(
          "divisor "
              + divisor
              + ", deviation "
              + Arrays.toString(deviation)
              + "; allowed: above 0");
    }
  }

  private static boolean isPositive(double[] values) {
    return Arrays.stream(values).allMatch(v -> v > 0 && v < Double.POSITIVE_INFINITY);
  }

  /** Grey levels, red first, minus a mean: how this program feeds networks. */
  public static InputConvention ours(double[] mean) {
    return new InputConvention(false, 1, mean, new double[] {1, 1, 1});
  }

  /** Returns which foreign channel one of ours is. */
  int foreign(int channel) {
    return bgr ? CHANNELS - 1 - channel : channel;
  }

  /** Returns what an input is larger by here, by our channel. */
  double scale(int channel) {
    return divisor * deviation[foreign(channel)];
  }

  /** Returns whether weights of the first layer stay what they are. */
  boolean isPlain() {
    return !bgr && scalesBy1();
  }

  /** Returns whether inputs have the same size here. */
  boolean scalesBy1() {
    return scale(0) == 1 && scale(1) == 1 && scale(2) == 1;
  }

  /**
   * Brings weights of the first layer to our channels and grey levels.
   *
   * @param weights {@code [out][3][window]}
   * @param outputs how many
   */
  float[] toOurs(float[] weights, int outputs) {
    int window = weights.length / outputs / CHANNELS;
    float[] ours = new float[weights.length];
    for (int k = 0; k < outputs; k++) {
      for (int c = 0; c < CHANNELS; c++) {
        double scale = scale(c);
        int to = (k * CHANNELS + c) * window;
        int from = (k * CHANNELS + foreign(c)) * window;
        for (int i = 0; i < window; i++) {
          ours[to + i] = scale == 1 ? weights[from + i] : (float) (weights[from + i] / scale);
        }
      }
    }
    return ours;
  }

  /**
   * Returns the mean as this program subtracts it: 3 grey levels, or {@code [side][side][3]}.
   *
   * @param side of the stored images, if the mean is an image
   */
  float[] ourMean(int side) {
    int pixels = mean.length == CHANNELS ? 1 : side * side;
    float[] ours = new float[pixels * CHANNELS];
    for (int p = 0; p < pixels; p++) {
      for (int c = 0; c < CHANNELS; c++) {
        ours[p * CHANNELS + c] = (float) (mean[foreign(c) * pixels + p] * divisor);
      }
    }
    return ours;
  }

  /** Returns a line for a person. */
  String describe() {
    String means =
        mean.length == CHANNELS
            ? Arrays.stream(mean)
                .mapToObj(InputConvention::number)
                .collect(Collectors.joining(", "))
            : mean.length == 0 ? "not known" : "an image";
    return (bgr ? "channels B, G, R -> R, G, B" : "channels R, G, B")
        + (scalesBy1()
            ? ""
            : "; pixels divided by "
                + number(divisor)
                + " and "
                + Arrays.stream(deviation)
                    .mapToObj(InputConvention::number)
                    .collect(Collectors.joining(", ")))
        + "; mean "
        + means;
  }

  private static String number(double value) {
    String text = String.format(Locale.ROOT, "%.6f", value);
    return text.replaceAll("\\.?0+$", "");
  }
}
