package org.alexnet4j.tower;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Local;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerSpec.Pool;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Relu;
import org.alexnet4j.net.LayerSpec.Sigmoid;
import org.alexnet4j.net.LayerSpec.Softmax;
import org.alexnet4j.net.LayerSpec.Tanh;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.shape.PoolShape;

/**
 * A network drawn from a seed: one to five towers, widths and windows that are no round numbers,
 * layers in the orders that can and that cannot be fused, and towers that meet anywhere.
 */
final class RandomNetwork {
  private final Random random;
  private final Random kinds; // apart, so that a seed's shapes stay what they are
  private final int towers;
  private final List<LayerSpec> layers = new ArrayList<>();
  private int side;

  private RandomNetwork(long seed) {
    random = new Random(seed);
    kinds = new Random(~seed);
    towers = 1 + random.nextInt(5);
  }

  /** Returns the network of a seed; its images are 5 pixels larger than its input. */
  static NetworkSpec of(long seed) {
    return new RandomNetwork(seed).draw();
  }

  private NetworkSpec draw() {
    int input = between(12, 26);
    side = input;
    int convolutions = between(1, 4);
    for (int i = 1; i <= convolutions; i++) {
      convolution(i);
    }
    int hidden = between(0, 2);
    for (int i = 1; i <= hidden; i++) {
      int place = convolutions + i;
      layers.add(new Fc("fc" + place, between(3, 20), false, reads(), parameters(place)));
      neuron(place);
      if (chance(0.7)) {
        layers.add(new Dropout("drop" + place, 0.5f));
      }
    }
    layers.add(new Fc("last", between(2, 7), true, parameters(9)));
    layers.add(new Softmax("softmax"));
    return new NetworkSpec("random", towers, input, input + 5, ImmutableList.copyOf(layers));
  }

  private void convolution(int place) {
    int kernel = between(1, Math.min(5, side));
    int stride = side > 8 ? between(1, 2) : 1;
    int pad = between(0, kernel / 2);
    int maps = between(1, 13);
    Reads reads = reads();
    Parameters start = parameters(place);
    layers.add(
        kinds.nextDouble() < 0.7
            ? new Conv("conv" + place, maps, kernel, stride, pad, reads, start)
            : new Local("local" + place, maps, kernel, stride, pad, reads, start));
    side = 1 + (side + 2 * pad - kernel + stride - 1) / stride;
    neuron(place);
    if (chance(0.4)) {
      int size = chance(0.5) ? 5 : 3;
      Lrn.Over over = over();
      boolean across = maps >= size - 1 && kinds.nextDouble() < 0.4;
      layers.add(new Lrn("norm" + place, across ? Lrn.Over.ALL_MAPS : over, size, 2, 1e-2f, 0.75f));
    }
    if (chance(0.6) && side >= 3) {
      int window = between(2, 3);
      PoolShape.Mode mode = chance(0.7) ? PoolShape.Mode.MAX : PoolShape.Mode.AVERAGE;
      PoolShape.Ties ties = chance(0.5) ? PoolShape.Ties.ALL : PoolShape.Ties.FIRST;
      layers.add(new Pool("pool" + place, window, 2, mode, ties));
      side = 1 + (side - window + 1) / 2;
    }
    if (chance(0.2)) {
      layers.add(new Dropout("drop" + place, 0.8f));
    }
  }

  private void neuron(int place) {
    if (chance(0.8)) {
      layers.add(chance(0.8) ? new Relu("relu" + place) : saturating(place));
    }
  }

  private LayerSpec saturating(int place) {
    return chance(0.5) ? new Tanh("tanh" + place) : new Sigmoid("sigmoid" + place);
  }

  private Lrn.Over over() {
    return chance(0.7) ? Lrn.Over.MAPS : Lrn.Over.PIXELS;
  }

  private Reads reads() {
    Reads[] all = towers % 2 == 0 ? Reads.values() : new Reads[] {Reads.TOWER, Reads.ALL};
    return all[random.nextInt(all.length)];
  }

  /** The first layer sees pixels of up to 128, later ones values near 1. */
  private Parameters parameters(int place) {
    return new Parameters(place == 1 ? 0.002f : 0.1f, 0.1f, 1, chance(0.5) ? 1 : 2, 0.0005f);
  }

  private int between(int low, int high) {
    return low + random.nextInt(high - low + 1);
  }

  private boolean chance(double probability) {
    return random.nextDouble() < probability;
  }
}
