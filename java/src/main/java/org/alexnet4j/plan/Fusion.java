package org.alexnet4j.plan;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Pool;
import org.alexnet4j.net.LayerSpec.Relu;
import org.alexnet4j.net.LayerSpec.Weighted;
import org.alexnet4j.shape.PoolShape;

/**
 * Decides from the order of the layers which of them run as one operation: rectifier, normalisation
 * over maps and pooling of maxima; else a convolution with the rectifier behind it, a
 * fully-connected layer with rectifier and dropout.
 */
final class Fusion {
  private Fusion() {}

  /** Returns the layers in their order, in groups that run together; for INSPECT each alone. */
  static ImmutableList<ImmutableList<LayerSpec>> groups(List<LayerSpec> layers, Purpose purpose) {
    ImmutableList.Builder<ImmutableList<LayerSpec>> groups = ImmutableList.builder();
    int first = 0;
    while (first < layers.size()) {
      int count = purpose == Purpose.INSPECT ? 1 : count(layers, first);
      groups.add(ImmutableList.copyOf(layers.subList(first, first + count)));
      first += count;
    }
    return groups.build();
  }

  private static int count(List<LayerSpec> layers, int first) {
    LayerSpec head = layers.get(first);
    if (!isWeighted(head)) {
      return Math.max(1, pooled(layers, first));
    }
    if (!(layers.get(first + 1) instanceof Relu) || pooled(layers, first + 1) > 0) {
      return 1;
    }
    return head instanceof Fc && layers.get(first + 2) instanceof Dropout ? 3 : 2;
  }

  /** Returns how many layers from here on end in one pooling of maxima, or 0. */
  private static int pooled(List<LayerSpec> layers, int first) {
    int at = first;
    at += layers.get(at) instanceof Relu ? 1 : 0;
    at += layers.get(at) instanceof Lrn lrn && lrn.over() == Lrn.Over.MAPS ? 1 : 0;
    boolean maxima =
        layers.get(at) instanceof Pool pool && pool.mode() == PoolShape.Mode.MAX && at > first;
    return maxima ? at + 1 - first : 0;
  }

  /** Returns whether a layer has weights, and so can mask the gradient of what it reads. */
  static boolean isWeighted(LayerSpec layer) {
    return layer instanceof Weighted;
  }
}
