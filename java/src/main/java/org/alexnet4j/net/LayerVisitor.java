package org.alexnet4j.net;

/**
 * What is done with layers, kind by kind. A new kind of layer is a method here, so that the
 * compiler lists everything that does not know it yet.
 *
 * @param <R> what comes of a layer
 */
public interface LayerVisitor<R> extends WeightedVisitor<R> {
  R relu(LayerSpec.Relu layer);

  R tanh(LayerSpec.Tanh layer);

  R sigmoid(LayerSpec.Sigmoid layer);

  R lrn(LayerSpec.Lrn layer);

  R pool(LayerSpec.Pool layer);

  R dropout(LayerSpec.Dropout layer);

  R softmax(LayerSpec.Softmax layer);
}
