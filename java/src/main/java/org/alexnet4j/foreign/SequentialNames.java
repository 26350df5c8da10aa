package org.alexnet4j.foreign;

import com.google.common.collect.ImmutableMap;
import java.util.List;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Weighted;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.TensorSpec;

/**
 * The names that torchvision's AlexNet gives to layers: their places in two rows, {@code
 * features.0} up to the last pooling, {@code classifier.0} from the dropout or fully-connected
 * layer on.
 */
final class SequentialNames {
  private SequentialNames() {}

  /** Returns the names of the layers with weights, by our names, in order. */
  static ImmutableMap<String, String> of(NetworkSpec network) {
    List<LayerSpec> layers = network.layers();
    int split = split(network);
    ImmutableMap.Builder<String, String> names = ImmutableMap.builder();
    for (int i = 0; i < layers.size(); i++) {
      if (layers.get(i) instanceof Weighted weighted) {
        names.put(weighted.name(), i < split ? "features." + i : "classifier." + (i - split));
      }
    }
    return names.buildOrThrow();
  }

  /** Returns where the second row begins. */
  static int split(NetworkSpec network) {
    List<LayerSpec> layers = network.layers();
    int split = 0;
    while (!(layers.get(split) instanceof Fc)) {
      split++;
    }
    while (split > 0 && layers.get(split - 1) instanceof Dropout) {
      split--;
    }
    return split;
  }

  /** Returns a tensor's name, of the names of the layers. */
  static String name(ImmutableMap<String, String> names, TensorSpec tensor) {
    int dot = tensor.name().lastIndexOf('.');
    return names.get(tensor.name().substring(0, dot)) + tensor.name().substring(dot);
  }
}
