package org.alexnet4j.engine;

import org.alexnet4j.shape.ConvShape;
import org.alexnet4j.shape.LrnShape;
import org.alexnet4j.shape.PoolShape;

/**
 * What our shapes are in cuDNN's terms. cuDNN rounds the number of outputs down and pads both sides
 * alike; where ours rounds up, the last windows read zeros past the image (224 to 55).
 *
 * @param H rows of the tensor that cuDNN convolves
 * @param W columns of it
 * @param pad what cuDNN adds on every side of it
 * @param top rows of zeros above the image inside that tensor; left of it stand as many columns
 */
record CudnnGeometry(int H, int W, int pad, int top) {

  /** Returns the geometry in which cuDNN gives {@code P} by {@code Q} outputs. */
  static CudnnGeometry of(ConvShape s) {
    boolean even = floor(s.H(), s.R(), s) == s.P() && floor(s.W(), s.S(), s) == s.Q();
    return even
        ? new CudnnGeometry(s.H(), s.W(), s.pad(), 0)
        : new CudnnGeometry(
            (s.P() - 1) * s.stride() + s.R(), (s.Q() - 1) * s.stride() + s.S(), 0, s.pad());
  }

  private static int floor(int extent, int window, ConvShape s) {
    return 1 + (extent + 2 * s.pad() - window) / s.stride();
  }

  /** Returns whether the image has to be copied into a tensor with zeros around it. */
  boolean copied(ConvShape s) {
    return H != s.H() || W != s.W();
  }

  /** Returns cuDNN's alpha, which it divides by the size of the window. */
  static double alpha(LrnShape s) {
    return (double) s.alpha() * s.size();
  }

  /** Returns whether cuDNN has this normalisation: its window has 1 to 16 channels. */
  static boolean covers(LrnShape s) {
    return s.size() <= 16 && s.beta() >= 0.01 && s.k() >= 1e-5;
  }

  /** Returns whether no window is clipped, so that rounding down gives the same outputs. */
  static boolean covers(PoolShape s) {
    return s.mode() == PoolShape.Mode.MAX
        && (s.H() - s.size()) % s.stride() == 0
        && (s.W() - s.size()) % s.stride() == 0;
  }
}
