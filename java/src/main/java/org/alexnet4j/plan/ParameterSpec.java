package org.alexnet4j.plan;

import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.shape.SgdShape;

/**
 * Describes one piece of a parameter tensor on one tower: the weights that a layer's tower applies
 * to one plane, or the tower's biases. Device layout: filters {@code [K][R][S][C]}, fully-connected
 * weights {@code [K][h][w][c]} over the plane's extent, locally connected ones {@code
 * [P][Q][K][R][S][C]} with biases {@code [P][Q][K]}.
 *
 * @param layer name of the layer
 * @param part weights or biases
 * @param tower whose piece this is
 * @param firstOutput index of this piece's first output in the whole layer
 * @param outputs outputs of this piece, at each position
 * @param positionRows output rows that have weights and biases of their own; 1 where they are
 *     shared
 * @param positionColumns output columns that have; 1 where they are shared
 * @param firstChannel index of this piece's first input channel in the whole tensor
 * @param channels input channels of this piece; 0 for biases
 * @param rows filter rows, or rows of the plane for fully-connected layers
 * @param columns filter columns, or columns of the plane
 * @param wholeOutputs outputs of the whole layer
 * @param wholeChannels input channels of the whole tensor (of one group, if grouped)
 * @param parameters start values and rates
 * @param rank which rank alone has it, or {@link #EVERY_RANK}
 * @param value buffer of the values, or -1 if another rank has them
 * @param copy buffer of their copy as bfloat16, which products then read, or -1
 * @param velocity buffer of the velocities, or -1
 * @param gradient buffer of the gradients, or -1
 * @hidden
 */
public record ParameterSpec(
    String layer,
    Part part,
    int tower,
    int firstOutput,
    int outputs,
    int positionRows,
    int positionColumns,
    int firstChannel,
    int channels,
    int rows,
    int columns,
    int wholeOutputs,
    int wholeChannels,
    Parameters parameters,
    int rank,
    int value,
    int copy,
    int velocity,
    int gradient) {

  /** In place of a rank: all of them have the piece; each updates a part of it. */
  public static final int EVERY_RANK = -1;

  /**
   * Weights or biases.
   *
   * @hidden
   */
  public enum Part {
    /** Weights. */
    WEIGHT,
    /** Biases. */
    BIAS
  }

  /** Returns the same with its gradient in another buffer. */
  ParameterSpec withGradient(int buffer) {
    return new ParameterSpec(
        layer,
        part,
        tower,
        firstOutput,
        outputs,
        positionRows,
        positionColumns,
        firstChannel,
        channels,
        rows,
        columns,
        wholeOutputs,
        wholeChannels,
        parameters,
        rank,
        value,
        copy,
        velocity,
        buffer);
  }

  /** Returns some neighbouring values, whose buffers are given, to update them. */
  ParameterSpec some(int count, int values, int velocities, int gradients) {
    return new ParameterSpec(
        layer,
        part,
        tower,
        0,
        count,
        1,
        1,
        0,
        part == Part.BIAS ? 0 : 1,
        1,
        1,
        count,
        part == Part.BIAS ? 0 : 1,
        parameters,
        rank,
        values,
        -1,
        velocities,
        gradients);
  }

  /** {@return whether this process has it} */
  public boolean isHere() {
    return value >= 0;
  }

  /** {@return the buffer that products read} */
  public int factor() {
    return copy >= 0 ? copy : value;
  }

  /** {@return how many output positions have weights and biases of their own, or 1} */
  public int positions() {
    return positionRows * positionColumns;
  }

  /** {@return the values for one output at one position} */
  public int rowCount() {
    return part == Part.BIAS ? 1 : rows * columns * channels;
  }

  /** {@return the values in this piece} */
  public int count() {
    return positions() * outputs * rowCount();
  }

  /** {@return the name of the whole tensor: {@code conv1.weight}, {@code fc8.bias}} */
  public String tensor() {
    return layer + (part == Part.BIAS ? ".bias" : ".weight");
  }

  /** {@return the factor on the learning rate} */
  public float rate() {
    return part == Part.BIAS ? parameters.biasRate() : parameters.weightRate();
  }

  /**
   * {@return the update of this piece}
   *
   * @param factor on its rate in this step
   */
  public SgdShape update(float factor) {
    return new SgdShape(count(), rate() * factor, decay(), part == Part.BIAS);
  }

  /** {@return the weight decay; biases have none (fact sheet 6)} */
  public float decay() {
    return part == Part.BIAS ? 0 : parameters.decay();
  }
}
