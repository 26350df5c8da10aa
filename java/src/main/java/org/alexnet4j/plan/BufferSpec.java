package org.alexnet4j.plan;

/**
 * Describes one buffer of a tower.
 *
 * @param id index in the tower's list
 * @param name what it holds: {@code relu1}, {@code grad.pool2}, {@code conv3.weight.b}, ...
 * @param layer the layer it belongs to, for the memory table
 * @param kind what it is for
 * @param bytes size
 * @param valueBytes of one value: 4 float32 or int32, 2 bfloat16, 1 a byte of an image or settings
 * @param extent size of the plane for one image, or null for what is no plane
 * @param within what it is a part of, or null
 * @hidden
 */
public record BufferSpec(
    int id,
    String name,
    String layer,
    Kind kind,
    long bytes,
    int valueBytes,
    Extent extent,
    Within within) {

  /**
   * Where a buffer lies that is a part of another one.
   *
   * @param buffer the whole, which is no part itself
   * @param firstByte where the part begins, at a multiple of 256
   * @hidden
   */
  public record Within(int buffer, long firstByte) {}

  /** {@return how many values it has} */
  public long count() {
    return bytes / valueBytes;
  }

  /** {@return whether it has memory of its own} */
  public boolean isWhole() {
    return within == null;
  }

  /** {@return the id of what has the memory: this buffer or the one that it is a part of} */
  public int memory() {
    return isWhole() ? id : within.buffer();
  }

  /**
   * What a buffer is for.
   *
   * @hidden
   */
  public enum Kind {
    /**
     * Stored images, in two slots. All towers of a device read the same ones, so they lie beside
     * the towers' arenas.
     */
    IMAGES,
    /**
     * What comes with a pass in one copy: settings, crops, noise, labels. Lies at the start of the
     * arena, one after the other.
     */
    STEP,
    /** Mean, metrics, probabilities. Lives for the whole run. */
    BATCH,
    /** Weights and biases. Lives for the whole run. */
    PARAMETER,
    /** Velocities of the update. Lives for the whole run. */
    VELOCITY,
    /** Gradients of parameters. */
    PARAMETER_GRADIENT,
    /** Outputs of layers. */
    ACTIVATION,
    /** Gradients of outputs of layers. */
    GRADIENT,
    /** Copies of another tower's planes or partial gradients. */
    RECEIVED
  }
}
