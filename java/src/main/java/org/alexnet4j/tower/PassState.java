package org.alexnet4j.tower;

import com.google.common.collect.ImmutableMap;

/** What the instructions of one pass read; written by the coordinator before the pass starts. */
final class PassState {
  boolean training;
  boolean skipInput;
  boolean labelled;

  /** Factors on the rate of layers' weights. */
  ImmutableMap<String, Float> weightRates = ImmutableMap.of();

  /** What the pass is: {@code step}, {@code evaluation}, {@code inspection}. */
  String kind = "";

  /** Number of the step; 0 in an evaluation. */
  long step;

  /** Counts passes; a transfer of pass n is announced with n. */
  long pass;

  /** Returns the factor on the rate of a layer's weights; those with 0 are not to be written. */
  float weightRate(String layer) {
    return weightRates.getOrDefault(layer, 1f);
  }

  /** Returns the pass for messages: {@code step 12}. */
  String describe() {
    return kind.equals("step") ? kind + " " + step : kind;
  }
}
