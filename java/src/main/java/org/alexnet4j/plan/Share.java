package org.alexnet4j.plan;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Weighted;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.BufferSpec.Kind;
import org.alexnet4j.plan.ParameterSpec.Part;
import org.alexnet4j.shape.DropoutShape;
import org.alexnet4j.shape.Precision;
import org.alexnet4j.shape.Shapes;

/** One tower's share of a layer with weights: its parameters and products. */
final class Share {

  /** One product: a tower's weights for one plane, which lies in buffer x on that tower. */
  record Product(int plane, int x, ParameterSpec weight) {
    Product at(int buffer) {
      return new Product(plane, buffer, weight);
    }
  }

  final TowerDraft draft;
  final List<Product> products = new ArrayList<>();
  final ParameterSpec bias;
  final Extent output;
  private final Drafts drafts;
  private final Weighted layer;
  private final PlaneProduct product;
  private final int firstOutput;
  private final int width;
  private final int wholeWidth;
  private final String block;
  private final int rank;
  private final Extent[] extents;

  /**
   * Declares the parameters: one weight piece per plane that the tower reads, and the biases.
   *
   * @param reads which planes the tower reads
   * @param firstOutput its first output among those of the layer
   * @param width its outputs
   * @param wholeWidth outputs of the layer
   * @param block what the names of its parameters end in: empty, or which block it is
   * @param rank which rank has its parameters, or {@link ParameterSpec#EVERY_RANK}
   * @param inputs buffer of each tower's plane
   * @param extents its extent
   */
  Share(
      Drafts drafts,
      TowerDraft draft,
      Weighted layer,
      Reads reads,
      int firstOutput,
      int width,
      int wholeWidth,
      String block,
      int rank,
      int[] inputs,
      Extent[] extents) {
    this.drafts = drafts;
    this.draft = draft;
    this.layer = layer;
    this.product = PlaneProduct.of(layer, drafts.batch, width);
    this.firstOutput = firstOutput;
    this.width = width;
    this.wholeWidth = wholeWidth;
    this.block = block;
    this.rank = rank;
    this.extents = extents;
    int[] planes =
        IntStream.range(0, inputs.length).filter(p -> reads.reaches(draft.tower, p)).toArray();
    int wholeChannels = Arrays.stream(planes).map(p -> extents[p].c()).sum();
    int firstChannel = 0;
    for (int plane : planes) {
      String suffix = planes.length > 1 ? "." + NetworkSpec.towerName(plane) : "";
      ParameterSpec weight = weight(plane, suffix, firstChannel, wholeChannels);
      products.add(new Product(plane, inputs[plane], weight));
      firstChannel += extents[plane].c();
    }
    // The own plane is there already; the others follow by tower.
    products.sort(
        Comparator.comparing((Product p) -> p.plane != draft.tower).thenComparing(p -> p.plane));
    Extent plane = extents[products.get(0).plane];
    this.bias = parameter(Part.BIAS, "", product.positions(plane), new Extent(1, 1, 0), 0, 0);
    this.output = product.output(plane);
  }

  private ParameterSpec weight(int plane, String suffix, int firstChannel, int wholeChannels) {
    Extent window = product.window(extents[plane]);
    Extent positions = product.positions(extents[plane]);
    return parameter(Part.WEIGHT, suffix, positions, window, firstChannel, wholeChannels);
  }

  private ParameterSpec parameter(
      Part part,
      String suffix,
      Extent positions,
      Extent window,
      int firstChannel,
      int wholeChannels) {
    String name = layer.name() + (part == Part.BIAS ? ".bias" : ".weight") + suffix + block;
    return drafts.shared(
        draft, name, () -> declare(name, part, positions, window, firstChannel, wholeChannels));
  }

  private ParameterSpec declare(
      String name,
      Part part,
      Extent positions,
      Extent window,
      int firstChannel,
      int wholeChannels) {
    long each = part == Part.BIAS ? 1 : window.count();
    long count = Shapes.count(name, positions.count(), width, each);
    long bytes = 4 * count;
    if (bytes > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(name + " has more than 2^31 bytes on one tower");
    }
    Purpose purpose = drafts.purpose;
    boolean here = isHere();
    boolean rounded = part == Part.WEIGHT && drafts.precision() == Precision.BF16;
    int value = -1;
    int copy = -1;
    if (here && rounded && purpose == Purpose.INFER) {
      value = draft.commonStored(name, layer.name(), Kind.PARAMETER, count, null);
    } else if (here) {
      value = draft.common(name, layer.name(), Kind.PARAMETER, bytes, null);
      copy =
          rounded
              ? draft.commonStored("copy." + name, layer.name(), Kind.PARAMETER, count, null)
              : -1;
    }
    int velocity =
        here && purpose == Purpose.TRAIN
            ? draft.common("velocity." + name, layer.name(), Kind.VELOCITY, bytes, null)
            : -1;
    int gradient =
        here && purpose != Purpose.INFER && !(part == Part.WEIGHT && updatesAtOnce())
            ? draft.common("grad." + name, layer.name(), Kind.PARAMETER_GRADIENT, bytes, null)
            : -1;
    ParameterSpec spec =
        new ParameterSpec(
            layer.name(),
            part,
            draft.tower,
            firstOutput,
            width,
            positions.h(),
            positions.w(),
            firstChannel,
            window.c(),
            window.h(),
            window.w(),
            wholeWidth,
            wholeChannels,
            layer.parameters(),
            rank,
            value,
            copy,
            velocity,
            gradient);
    draft.parameters.add(spec);
    return spec;
  }

  /** Returns whether this process has the parameters and computes the products. */
  boolean isHere() {
    return rank == ParameterSpec.EVERY_RANK || rank == drafts.rankPart.rank();
  }

  /** Returns whether the weight gradients are applied where they arise and never stored. */
  private boolean updatesAtOnce() {
    return product.updatesAtOnce()
        && drafts.purpose == Purpose.TRAIN
        && layer.parameters().weightRate() > 0;
  }

  /** Returns the way forward from a plane. */
  Operation fprop(
      Product of,
      int x,
      int bias,
      int y,
      int sums,
      boolean accumulate,
      boolean relu,
      DropoutShape dropout) {
    int w = of.weight.factor();
    return product.fprop(extents[of.plane], x, w, bias, y, sums, accumulate, relu, dropout);
  }

  /** Returns the way back to a plane. */
  Operation dgrad(Product of, int dy, int mask, int dx) {
    return product.dgrad(extents[of.plane], dy, of.weight.factor(), mask, dx);
  }

  /** Returns the way back to the weights for a plane. */
  Operation wgrad(Product of, ParameterSpec weight, int dy, int db) {
    return product.wgrad(extents[of.plane], of.x, dy, weight, db);
  }

  long parameterCount() {
    return bias.count() + products.stream().mapToLong(p -> p.weight.count()).sum();
  }

  /** Returns the multiply-accumulates of a batch. */
  long macs() {
    return products.stream().mapToLong(p -> product.macs(extents[p.plane])).sum();
  }
}
