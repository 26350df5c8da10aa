package org.alexnet4j.shape;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * What the factors of products are rounded to: those of convolutions, locally connected and
 * fully-connected layers, the same on every device. Sums, biases, normalisation, softmax, loss and
 * updates are float32 in all of them, as is what is stored.
 */
public enum Precision {
  /** Not at all. */
  FP32("fp32", 0),
  /** The nearest of 11 significant bits, of two the one of larger magnitude: PTX's cvt.rna.tf32. */
  TF32("tf32", 1),
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
    return Arrays.stream(values())
        .filter(one -> one.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    what + " is '" + name + "'; allowed: " + Precision.names()));
  }

  /** {@return all names, for messages} */
  public static String names() {
    return Arrays.stream(values()).map(Precision::toString).collect(Collectors.joining(", "));
  }

  /** {@return what to say of it behind a result: nothing of float32, which is the usual one} */
  public String remark() {
    return this == FP32 ? "" : ", " + this;
  }

  @Override
  public String toString() {
    return text;
  }
}
