package org.alexnet4j.train;

import java.io.IOException;
import java.util.Arrays;
import org.alexnet4j.data.Philox;
import org.alexnet4j.plan.ParameterSpec;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.ParameterStore.Role;

/**
 * Writes the start values: weights from a Gaussian of the layer's deviation, biases constant,
 * velocities zero (paper, section 5).
 *
 * <p>Value {@code i} of a whole tensor is a pure function of (seed, tensor, i), drawn on the host
 * with StrictMath: the same network starts from the same bits on every device and for every number
 * of towers.
 */
public final class Initializer {
  /** Tells these random numbers from all others of a run. */
  private static final int PURPOSE = 0x301;

  private static final double UNIT = 0x1p-32;

  private Initializer() {}

  /**
   * Writes all parameters and, in a training plan, the velocities.
   *
   * @param store receives the values
   * @param seed decides them
   * @param velocities whether velocities become 0 too
   * @throws IOException if they cannot be written to the devices
   */
  public static void initialize(ParameterStore store, long seed, boolean velocities)
      throws IOException {
    int place = 0;
    for (TensorSpec tensor : store.tensors()) {
      ParameterSpec piece = tensor.pieces().get(0);
      int row = tensor.rowCount();
      int purpose = place++;
      if (piece.part() == ParameterSpec.Part.BIAS) {
        store.write(
            tensor,
            Role.VALUE,
            (first, rows, to) -> Arrays.fill(to, 0, rows, piece.parameters().bias()));
      } else {
        store.writeAsItIs( // a deviation beyond all reason shows in training, with its layer
            tensor,
            Role.VALUE,
            (first, rows, to) ->
                gaussian(
                    seed, purpose, (long) first * row, rows * row, piece.parameters().sigma(), to));
      }
      if (velocities) {
        store.write(tensor, Role.VELOCITY, (first, rows, to) -> Arrays.fill(to, 0, rows * row, 0));
      }
    }
  }

  /**
   * Draws values {@code first} to {@code first + count - 1} of a tensor (Box-Muller on Philox
   * words; each block of four words gives the values of four consecutive indices).
   */
  static void gaussian(long seed, int tensor, long first, int count, float sigma, float[] to) {
    int[] words = new int[4];
    double[] values = new double[4];
    long block = -1;
    for (int i = 0; i < count; i++) {
      long index = first + i;
      if (index / 4 != block) {
        block = index / 4;
        Philox.block(seed, (int) block, (int) (block >>> 32), tensor, PURPOSE, words);
        pair(words[0], words[1], values, 0);
        pair(words[2], words[3], values, 2);
      }
      to[i] = (float) (sigma * values[(int) (index % 4)]);
    }
  }

  private static void pair(int word0, int word1, double[] to, int at) {
    double u = ((word0 & 0xFFFFFFFFL) + 0.5) * UNIT;
    double angle = 2 * StrictMath.PI * ((word1 & 0xFFFFFFFFL) + 0.5) * UNIT;
    double radius = StrictMath.sqrt(-2 * StrictMath.log(u));
    to[at] = radius * StrictMath.cos(angle);
    to[at + 1] = radius * StrictMath.sin(angle);
  }
}
