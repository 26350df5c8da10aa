package org.alexnet4j.shape;

/**
 * Describes softmax with log-loss over {@code logits[N,C]}.
 *
 * @param N images
 * @param C classes
 * @hidden
 */
public record SoftmaxShape(int N, int C) {

  /**
   * Checks every extent.
   *
   * @param N images
   * @param C classes
   */
  public SoftmaxShape {
    Shapes.extent("softmax N", N);
    Shapes.extent("softmax C", C);
  }
}
