package org.alexnet4j.tower;

/** What the instructions of one pass read; written by the coordinator before the pass starts. */
final class PassState {
  boolean training;
  boolean skipInput;
  boolean labelled;

  /** Counts passes; a transfer of pass n is announced with n. */
  long pass;
}
