package org.alexnet4j.shape;

/**
 * What becomes of a last window that does not fit as a whole; ordinals equal the constants of
 * {@code shapes.h}.
 */
public enum Rounding {
  /** It is there, and reads zeros past the border (the 2012 source; fact sheet 1.2). */
  UP,
  /** It is left out, and pixels that only it would read are not read (other frameworks). */
  DOWN
}
