package org.alexnet4j.tower;

import com.google.common.collect.ImmutableMap;

/**
 * Factors on the learning rates of layers in a step, beside those that the layers have for the
 * whole run (D9). What has the factor 0 is frozen: values and velocities stay.
 *
 * @param weights factors on the rate of weights, by layer; 1 where there is none
 * @param biases factors on the rate of biases, by layer; 1 where there is none
 */
public record RateFactors(ImmutableMap<String, Float> weights, ImmutableMap<String, Float> biases) {
  /** All learn as the layers say. */
  public static final RateFactors NONE = new RateFactors(ImmutableMap.of(), ImmutableMap.of());

  /**
   * Checks the values.
   *
   * @param weights factors on the rate of weights, by layer; 1 where there is none
   * @param biases factors on the rate of biases, by layer; 1 where there is none
   */
  public RateFactors {
    weights.forEach((layer, factor) -> require("weights of " + layer, factor));
    biases.forEach((layer, factor) -> require("biases of " + layer, factor));
  }

  private static void require(String what, float factor) {
    if (!(factor >= 0 && factor <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "the rate of the "
              + what
              + " has factor "
              + factor
              + "; allowed: 0 to "
              + Float.MAX_VALUE);
    }
  }

  /** Makes factors on the rates of weights alone. */
  static RateFactors ofWeights(ImmutableMap<String, Float> weights) {
    return new RateFactors(weights, ImmutableMap.of());
  }

  /** Returns the factor on the rate of a layer's weights. */
  float weight(String layer) {
    return weights.getOrDefault(layer, 1f);
  }

  /** Returns the factor on the rate of a layer's biases. */
  float bias(String layer) {
    return biases.getOrDefault(layer, 1f);
  }
}
