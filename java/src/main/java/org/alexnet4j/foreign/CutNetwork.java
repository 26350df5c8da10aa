package org.alexnet4j.foreign;

import com.google.common.collect.ImmutableList;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerSpec.Softmax;
import org.alexnet4j.net.NetworkSpec;

/**
 * The first layers of a network. As a network here has classes, two units without weights stand at
 * its end; nothing of what they say means anything.
 */
final class CutNetwork {
  static final String END = "alexnet4j-end";

  private CutNetwork() {}

  /**
   * Returns the network up to a layer.
   *
   * @throws IllegalArgumentException if it is the last one
   */
  static NetworkSpec of(NetworkSpec whole, String upTo) {
    ImmutableList.Builder<LayerSpec> layers = ImmutableList.builder();
    for (LayerSpec layer : whole.layers()) {
      if (layer instanceof Fc fc && fc.firstTowerOnly() || layer instanceof Softmax) {
        throw new IllegalArgumentException(
            "--up-to is " + upTo + "; allowed: a layer before " + layer.name() + ", or all");
      }
      layers.add(layer);
      if (layer.name().equals(upTo)) {
        break;
      }
    }
    layers.add(new Fc(END, 2, true, new Parameters(0, 0, 1, 1, 0)), new Softmax("softmax"));
    return new NetworkSpec(
        whole.name(), whole.towers(), whole.inputSize(), whole.sourceSize(), layers.build());
  }
}
