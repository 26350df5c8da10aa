package org.alexnet4j.net;

/**
 * What is done with layers that have weights, kind by kind.
 *
 * @param <R> what comes of a layer
 */
public interface WeightedVisitor<R> {
  /**
   * {@return what becomes of a convolution}
   *
   * @param layer its description
   */
  R conv(LayerSpec.Conv layer);

  /**
   * {@return what becomes of a locally connected layer}
   *
   * @param layer its description
   */
  R local(LayerSpec.Local layer);

  /**
   * {@return what becomes of a fully-connected layer}
   *
   * @param layer its description
   */
  R fc(LayerSpec.Fc layer);
}
