package org.alexnet4j.net;

/**
 * What is done with layers that have weights, kind by kind.
 *
 * @param <R> what comes of a layer
 */
public interface WeightedVisitor<R> {
  R conv(LayerSpec.Conv layer);

  R local(LayerSpec.Local layer);

  R fc(LayerSpec.Fc layer);
}
