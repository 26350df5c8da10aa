package org.alexnet4j.eval;

/** Which crops of a test image are looked at. */
public enum Views {
  /** The centre crop. */
  CENTRE,
  /** Four corners and the centre, each also mirrored; probabilities are averaged (paper, 4.1). */
  TEN
}
