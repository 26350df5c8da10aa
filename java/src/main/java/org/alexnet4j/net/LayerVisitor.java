package org.alexnet4j.net;

/**
 * What is done with layers, kind by kind. A new kind of layer is a method here, so that the
 * compiler lists everything that does not know it yet.
 *
 * @param <R> what comes of a layer
 */
public interface LayerVisitor<R> extends WeightedVisitor<R> {
  /**
   * {@return what becomes of a rectifier}
   *
   * @param layer its description
   */
  R relu(LayerSpec.Relu layer);

  /**
   * {@return what becomes of hyperbolic tangents}
   *
   * @param layer its description
   */
  R tanh(LayerSpec.Tanh layer);

  /**
   * {@return what becomes of logistic functions}
   *
   * @param layer its description
   */
  R sigmoid(LayerSpec.Sigmoid layer);

  /**
   * {@return what becomes of a normalisation}
   *
   * @param layer its description
   */
  R lrn(LayerSpec.Lrn layer);

  /**
   * {@return what becomes of a pooling}
   *
   * @param layer its description
   */
  R pool(LayerSpec.Pool layer);

  /**
   * {@return what becomes of dropout}
   *
   * @param layer its description
   */
  R dropout(LayerSpec.Dropout layer);

  /**
   * {@return what becomes of softmax}
   *
   * @param layer its description
   */
  R softmax(LayerSpec.Softmax layer);
}
