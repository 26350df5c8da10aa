package org.alexnet4j.foreign;

import com.google.common.collect.ImmutableMap;
import java.util.Locale;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Weighted;
import org.alexnet4j.net.NetworkSpec;

/**
 * The two conventions of dropout. Here what reaches a layer is multiplied by the probability of
 * being kept when testing (paper, section 4.2); others divide by it in training and do nothing when
 * testing, so the same layer has weights that are smaller by this factor there.
 */
final class DropoutFactor {
  private DropoutFactor() {}

  /** Returns the layers whose input comes through dropout, with the probability of being kept. */
  static ImmutableMap<String, Float> of(NetworkSpec network) {
    ImmutableMap.Builder<String, Float> factors = ImmutableMap.builder();
    float kept = 1;
    for (LayerSpec layer : network.layers()) {
      if (layer instanceof Dropout dropout) {
        kept *= dropout.keep();
      } else if (layer instanceof Weighted) {
        if (kept != 1) {
          factors.put(layer.name(), kept);
        }
        kept = 1;
      }
    }
    return factors.buildOrThrow();
  }

  /** Returns whether weights can be multiplied by all factors without being rounded. */
  static boolean isPowerOfTwo(NetworkSpec network) {
    return of(network).values().stream()
        .allMatch(factor -> Math.scalb(1f, Math.getExponent(factor)) == factor);
  }

  /**
   * Divides weights that come from others.
   *
   * @throws IllegalArgumentException if a quotient is no float
   */
  static void divide(String tensor, float[] weights, float kept) {
    for (int i = 0; i < weights.length; i++) {
      float quotient = weights[i] / kept;
      requireExact(tensor, weights[i], i, (double) quotient * kept, "divided by " + kept, quotient);
      weights[i] = quotient;
    }
  }

  /**
   * Multiplies weights that go to others.
   *
   * @throws IllegalArgumentException if a product is no float
   */
  static void multiply(String tensor, float[] weights, float kept) {
    for (int i = 0; i < weights.length; i++) {
      float product = weights[i] * kept;
      requireExact(tensor, product, i, (double) weights[i] * kept, "times " + kept, product);
      weights[i] = product;
    }
  }

  private static void requireExact(
      String tensor, float one, int index, double other, String how, float result) {
    if (one != other || !Float.isFinite(result)) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s[%d] %s (dropout's factor) is no float without rounding; allowed: layers whose"
                  + " dropout keeps 0.5 or another power of two, or --to onnx",
              tensor,
              index,
              how));
    }
  }
}
