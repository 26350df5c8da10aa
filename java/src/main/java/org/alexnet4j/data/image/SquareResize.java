package org.alexnet4j.data.image;

import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * Brings an image to a square of a wanted side: the middle square, which has the shorter side of
 * the image, is scaled.
 *
 * <p>Smaller: the mean over the area that each new pixel covers, parts of pixels counted by their
 * area, so nothing aliases. Larger: bilinear between pixel centres, the border repeated. Equal: the
 * bytes themselves. Rows first, then columns, in float; results are rounded. One instance serves
 * one thread.
 */
public final class SquareResize {
  private static final ThreadLocal<SquareResize> OF_THREAD =
      ThreadLocal.withInitial(SquareResize::new);

  private int from = -1;
  private int side = -1;
  private int[] first; // first input of each output
  private int[] start; // where its weights begin in `weights`; one more entry at the end
  private float[] weights;
  private float[][] rows = new float[2][]; // two input rows, already scaled across
  private final int[] rowInSlot = new int[2];
  private float[] sum = new float[0];
  private byte[] line = new byte[0];

  private SquareResize() {}

  /** Returns the instance of this thread. */
  public static SquareResize ofThread() {
    return OF_THREAD.get();
  }

  /**
   * Writes side×side×3 bytes at the position of {@code to}.
   *
   * @param rgb [height,width,3]
   */
  public void apply(byte[] rgb, int width, int height, int wantedSide, ByteBuffer to) {
    int square = Math.min(width, height);
    int left = (width - square) / 2;
    int top = (height - square) / 2;
    if (square == wantedSide) {
      for (int y = 0; y < square; y++) {
        to.put(rgb, 3 * ((top + y) * width + left), 3 * square);
      }
      return;
    }
    plan(square, wantedSide);
    rowInSlot[0] = -1;
    rowInSlot[1] = -1;
    for (int y = 0; y < side; y++) {
      Arrays.fill(sum, 0);
      for (int t = start[y]; t < start[y + 1]; t++) {
        int row = first[y] + t - start[y];
        float[] across = across(rgb, 3 * ((top + row) * width + left), row);
        float weight = weights[t];
        for (int i = 0; i < sum.length; i++) {
          sum[i] += weight * across[i];
        }
      }
      for (int i = 0; i < sum.length; i++) {
        line[i] = (byte) (int) (sum[i] + 0.5f);
      }
      to.put(line);
    }
  }

  /**
   * Returns an input row scaled across; neighbouring outputs share rows, so the last two are kept.
   */
  private float[] across(byte[] rgb, int offset, int row) {
    int slot = row & 1;
    float[] to = rows[slot];
    if (rowInSlot[slot] == row) {
      return to;
    }
    rowInSlot[slot] = row;
    for (int x = 0; x < side; x++) {
      float red = 0;
      float green = 0;
      float blue = 0;
      int at = offset + 3 * first[x];
      for (int t = start[x]; t < start[x + 1]; t++, at += 3) {
        float weight = weights[t];
        red += weight * (rgb[at] & 255);
        green += weight * (rgb[at + 1] & 255);
        blue += weight * (rgb[at + 2] & 255);
      }
      to[3 * x] = red;
      to[3 * x + 1] = green;
      to[3 * x + 2] = blue;
    }
    return to;
  }

  /** Computes which inputs, with which weights, make each output; kept until another size comes. */
  private void plan(int inputs, int outputs) {
    if (inputs == from && outputs == side) {
      return;
    }
    from = inputs;
    side = outputs;
    AxisWeights axis = AxisWeights.area(inputs, outputs);
    first = axis.first();
    start = axis.start();
    weights = new float[axis.weights().length];
    for (int t = 0; t < weights.length; t++) {
      weights[t] = (float) axis.weights()[t];
    }
    rows = new float[][] {new float[3 * outputs], new float[3 * outputs]};
    sum = new float[3 * outputs];
    line = new byte[3 * outputs];
  }
}
