package org.alexnet4j.net;

import com.google.common.collect.ImmutableList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Softmax;
import org.alexnet4j.net.LayerSpec.Weighted;

/**
 * Describes a network: an input, layers in order, and how many towers carry it. Immutable.
 *
 * @param name what people call it
 * @param towers halves (or thirds, ...) of the network; 1 is an ordinary network
 * @param inputSize side of the crop that the network sees, pixels
 * @param sourceSize side of the stored images that crops are taken from, pixels
 * @param layers in order; the last is {@link Softmax}, before it an {@link Fc} on the first tower
 */
public record NetworkSpec(
    String name, int towers, int inputSize, int sourceSize, ImmutableList<LayerSpec> layers) {

  /** One letter for each. */
  public static final int MAX_TOWERS = 26;

  /**
   * Checks structure; sizes that do not fit together are found by the planner.
   *
   * @param name what people call it
   * @param towers halves (or thirds, ...) of the network; 1 is an ordinary network
   * @param inputSize side of the crop that the network sees, pixels
   * @param sourceSize side of the stored images that crops are taken from, pixels
   * @param layers in order; the last is {@link Softmax}, before it an {@link Fc} on the first tower
   */
  public NetworkSpec {
    require(
        towers >= 1 && towers <= MAX_TOWERS,
        "towers is " + towers + "; allowed: 1 to " + MAX_TOWERS);
    require(inputSize >= 1, "input size is " + inputSize + "; allowed: 1 or more");
    require(
        sourceSize >= inputSize,
        "source size is " + sourceSize + "; allowed: at least the input size " + inputSize);
    require(layers.size() >= 2, "a network needs at least fc and softmax");
    Set<String> names = new HashSet<>();
    for (LayerSpec layer : layers) {
      require(names.add(layer.name()), "two layers are named '" + layer.name() + "'");
    }
    int last = layers.size() - 1;
    require(layers.get(last) instanceof Softmax, "the last layer must be softmax");
    require(
        layers.get(last - 1) instanceof Fc fc && (fc.firstTowerOnly() || towers == 1),
        "the layer before softmax must be fully connected and on the first tower only");
    require(
        ((Fc) layers.get(last - 1)).reads() == Reads.ALL,
        layers.get(last - 1).name() + ": the layer before softmax must read all towers");
    for (int i = 0; i < last; i++) {
      LayerSpec layer = layers.get(i);
      require(!(layer instanceof Softmax), layer.name() + ": softmax must be the last layer");
      require(
          i == last - 1 || !(layer instanceof Weighted weighted) || !weighted.firstTowerOnly(),
          layer.name() + ": only the last fully-connected layer may be on the first tower only");
      require(
          towers % 2 == 0 || reads(layer) != Reads.PAIR,
          layer.name() + ": reads is pair with " + towers + " towers; allowed: an even number");
    }
  }

  private static Reads reads(LayerSpec layer) {
    return layer instanceof Weighted weighted ? weighted.reads() : Reads.TOWER;
  }

  private static void require(boolean condition, String text) {
    if (!condition) {
      throw new IllegalArgumentException(text);
    }
  }

  /**
   * {@return the letter of a tower: a, b, ..}
   *
   * @param tower from 0
   */
  public static String towerName(int tower) {
    return String.valueOf((char) ('a' + tower));
  }

  /** {@return the number of classes, the units of the last fully-connected layer} */
  public int classes() {
    return ((Fc) layers.get(layers.size() - 2)).units();
  }

  /**
   * {@return the same network for another number of classes}
   *
   * @param classes units of the last layer
   */
  public NetworkSpec withClasses(int classes) {
    int last = layers.size() - 2;
    Fc fc = (Fc) layers.get(last);
    ImmutableList.Builder<LayerSpec> changed = ImmutableList.builder();
    changed.addAll(layers.subList(0, last));
    changed.add(fc.withWidth(classes));
    changed.add(layers.get(last + 1));
    return new NetworkSpec(name, towers, inputSize, sourceSize, changed.build());
  }

  /**
   * {@return the same network for another crop, for example 227 (D1)}
   *
   * @param size side of the image that it reads, in pixels
   */
  public NetworkSpec withInputSize(int size) {
    return new NetworkSpec(name, towers, size, Math.max(size, sourceSize), layers);
  }

  /**
   * {@return the network with hidden widths multiplied, rounded to multiples of 8, at least 8}
   * Depth, windows, towers and classes stay.
   *
   * @param factor 1 for the same network
   */
  public NetworkSpec scaled(double factor) {
    require(factor > 0 && factor <= 4, "width is " + factor + "; allowed: above 0, at most 4");
    if (factor == 1) {
      return this;
    }
    int last = layers.size() - 2;
    ImmutableList.Builder<LayerSpec> changed = ImmutableList.builder();
    for (int i = 0; i < layers.size(); i++) {
      changed.add(i == last ? layers.get(i) : scaled(layers.get(i), factor));
    }
    return new NetworkSpec(name, towers, inputSize, sourceSize, changed.build());
  }

  private static LayerSpec scaled(LayerSpec layer, double factor) {
    return layer instanceof Weighted weighted
        ? weighted.withWidth(width(weighted.width(), factor))
        : layer;
  }

  private static int width(int maps, double factor) {
    return Math.max(8, (int) Math.round(maps * factor / 8) * 8);
  }

  /**
   * {@return the network with each layer replaced by another; names and shapes are checked anew}
   *
   * @param change gives a layer in place of another one
   */
  public NetworkSpec withLayers(UnaryOperator<LayerSpec> change) {
    List<LayerSpec> changed = layers.stream().map(change).toList();
    return new NetworkSpec(name, towers, inputSize, sourceSize, ImmutableList.copyOf(changed));
  }
}
