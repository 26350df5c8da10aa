package org.alexnet4j.shape;

/**
 * What the factors of products are rounded to: those of convolutions, locally connected and
 * fully-connected layers, the same on every device. Sums, biases, normalisation, softmax, loss and
 * updates are float32 in all of them.
 */
public enum Precision {
  /** Not at all. */
  FP32("fp32", 0),
  /** The nearest of 11 significant bits, of two the one of larger magnitude: PTX's cvt.rna.tf32. */
  TF32("tf32", 1),
  /**
   * What layers compute and its gradients are stored as bfloat16, the nearest of 8 significant
   * bits, of two the even one; so are the weights that products read, a copy of float32 ones that
   * updates change. Parameters, their velocities and gradients, and checkpoints stay float32.
   */
  BF16("bf16", 2),
  /**
   * The sum of two numbers of {@link #TF32}, 22 significant bits: no less exact than {@link #FP32}
   * once products are summed, by tensor cores where there are some.
   */
  TF32X3("3xtf32", 3);

  private final String text;
  private final int code;

  Precision(String text, int code) {
    this.text = text;
    this.code = code;
  }

  /** {@return its {@code ALEXNET_PRECISION_*} in alexnet.h} */
  public int code() {
    return code;
  }

  /**
   * {@return the precision of this name}
   *
   * @param what asks, for the message
   * @param name in small letters
   * @throws IllegalArgumentException if there is none
   */
  public static Precision parse(String what, String name) {
    return Named.parse(values(), what, name);
  }

  /** {@return the bytes in which a value of a layer's output or its gradient is stored} */
  public int valueBytes() {
    return this == BF16 ? 2 : Float.BYTES;
  }

  @Override
  public String toString() {
    return text;
  }
}
