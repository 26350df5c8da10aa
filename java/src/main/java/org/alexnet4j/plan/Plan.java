package org.alexnet4j.plan;

import com.google.common.collect.ImmutableList;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.shape.Arithmetic;
import org.alexnet4j.shape.InputShape;
import org.alexnet4j.shape.RankPart;
import org.alexnet4j.shape.Slicing;

/**
 * A network laid out for a batch size and a purpose. Knows no device: the same plan runs on any.
 *
 * @param spec the network
 * @param batch images per step
 * @param purpose what it is for
 * @param mean layout of the mean that the input operation subtracts
 * @param seed keys the dropout masks
 * @param slicing how a step is divided
 * @param part which part of it this process computes
 * @param arithmetic what its products are computed in, and how values are stored
 * @param towers one plan per tower
 * @param exchange what moves between them
 * @param labels buffer of the labels on tower a
 * @param metrics buffer of loss and shares on tower a
 * @param probabilities buffer of the class probabilities on tower a
 * @param layers sizes, parameters and work of each layer, for tables
 */
public record Plan(
    NetworkSpec spec,
    int batch,
    Purpose purpose,
    InputShape.Mean mean,
    long seed,
    Slicing slicing,
    RankPart part,
    Arithmetic arithmetic,
    ImmutableList<TowerPlan> towers,
    ExchangePlan exchange,
    int labels,
    int metrics,
    int probabilities,
    ImmutableList<LayerSummary> layers) {

  /**
   * {@return the same in another arithmetic: the same operations, on values that may be stored in
   * fewer bytes}
   *
   * @param other what products are computed in, and how values are stored
   */
  public Plan in(Arithmetic other) {
    return other.equals(arithmetic)
        ? this
        : Planner.plan(spec, batch, purpose, mean, seed, slicing, part, other);
  }

  /** {@return how many images of a batch this process takes through the convolutional part} */
  public int ownImages() {
    return batch / part.ranks();
  }

  /** {@return the first of these, counted through the batch} */
  public int firstImage() {
    return part.rank() * ownImages();
  }

  /** {@return all parameters of the network} */
  public long parameterCount() {
    return towers.stream().mapToLong(TowerPlan::parameterCount).sum();
  }

  /** {@return the multiply-accumulates of one image's forward pass} */
  public long macs() {
    return layers.stream().mapToLong(LayerSummary::macs).sum();
  }

  /** {@return the neurons after the input: outputs of convolutions and fully-connected layers} */
  public long neurons() {
    return layers.stream().mapToLong(LayerSummary::neurons).sum();
  }

  /** {@return how many batches of images a device has room for: {@link Slicing#imageSlots}} */
  public int imageSlots() {
    return slicing.imageSlots();
  }

  /** {@return the bytes of the stored images, of which each device has one buffer} */
  public long imageBytes() {
    return towers.get(0).buffers().stream()
        .filter(b -> b.kind() == BufferSpec.Kind.IMAGES)
        .mapToLong(BufferSpec::bytes)
        .sum();
  }

  /** {@return the bytes of all arenas, and of the images if every tower has its own device} */
  public long bytes() {
    return towers.stream().mapToLong(t -> t.memory().bytes() + imageBytes()).sum();
  }
}
