package org.alexnet4j.tower;

/** What the instructions of one pass read; written by the coordinator before the pass starts. */
final class PassState {
  boolean training;
  boolean skipInput;
  boolean labelled;

  /** How many images the batch lacks to the plan's. */
  int missing;

  /** Factors on the rates of single layers. */
  RateFactors factors = RateFactors.NONE;

  /** What the pass is: {@code step}, {@code evaluation}, {@code inspection}. */
  String kind = "";

  /** Number of the step; 0 in an evaluation. */
  long step;

  /** Counts passes; a transfer of pass n is announced with n. */
  long pass;

  /** Returns the pass for messages: {@code step 12}. */
  String describe() {
    return kind.equals("step") ? kind + " " + step : kind;
  }
}
