package org.alexnet4j.config;

import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Factors on the learning rate of single layers' weights, or biases, that come into force at stated
 * epochs (D9): {@code {conv1: {66: 0.1, 71: 0}}} slows those of conv1 from epoch 66 on and freezes
 * them from 71 on.
 *
 * @param factors by layer, then by the epoch, from 0, at whose start the factor comes into force; a
 *     layer's own {@code weightRate} or {@code biasRate} applies as well
 */
public record LayerRates(ImmutableMap<String, ImmutableSortedMap<Integer, Float>> factors) {
  /** All layers as they are, in all epochs. */
  public static final LayerRates NONE = new LayerRates(ImmutableMap.of());

  /**
   * Checks the values.
   *
   * @param factors by layer, then by the epoch, from 0, at whose start the factor comes into force;
   *     a layer's own {@code weightRate} or {@code biasRate} applies as well
   */
  public LayerRates {
    factors.forEach(
        (layer, steps) ->
            steps.forEach(
                (epoch, factor) -> {
                  require(epoch >= 0, layer, "epoch " + epoch + "; allowed: 0 or more");
                  require(factor >= 0, layer, "factor " + factor + "; allowed: 0 or more");
                }));
  }

  private static void require(boolean condition, String layer, String text) {
    if (!condition) {
      throw new IllegalArgumentException("the rates of " + layer + " have " + text);
    }
  }

  /**
   * {@return the factors that are not 1 in an epoch, from 0, by layer}
   *
   * @param epoch from 0
   */
  public ImmutableMap<String, Float> at(int epoch) {
    ImmutableMap.Builder<String, Float> now = ImmutableMap.builder();
    factors.forEach(
        (layer, steps) -> {
          Map.Entry<Integer, Float> last = steps.floorEntry(epoch);
          if (last != null && last.getValue() != 1) {
            now.put(layer, last.getValue());
          }
        });
    return now.buildOrThrow();
  }

  /** Returns the YAML that {@link ConfigReader} reads back to the same value. */
  @Override
  public String toString() {
    return factors.entrySet().stream()
        .map(layer -> layer.getKey() + ": " + text(layer.getValue()))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  private static String text(Map<Integer, Float> steps) {
    return steps.entrySet().stream()
        .map(step -> step.getKey() + ": " + step.getValue())
        .collect(Collectors.joining(", ", "{", "}"));
  }
}
