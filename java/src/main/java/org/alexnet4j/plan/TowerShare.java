package org.alexnet4j.plan;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToIntFunction;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Weighted;
import org.alexnet4j.plan.BufferSpec.Kind;
import org.alexnet4j.plan.Share.Product;
import org.alexnet4j.shape.ChannelsShape;
import org.alexnet4j.shape.DropoutShape;
import org.alexnet4j.shape.Precision;

/**
 * One tower's share of a layer with weights: one block of all its outputs or, where a step is in
 * slices and the layer fully connected, as many blocks of units as slices. Blocks have parameters
 * of their own; each computes the units that it would as a part of the whole, with the same bits,
 * and a gradient of the planes that it reads, which are added as an aligned binary tree. Slices
 * divide the units, but not always the classes, whose number is given: then some blocks have one
 * more, or one or none.
 */
final class TowerShare {
  final TowerDraft draft;
  final Extent output;
  private final Drafts drafts;
  private final Weighted layer;
  private final int count;

  /** Those that are computed here. */
  private final List<Block> blocks = new ArrayList<>();

  /** All of them. */
  private final List<Block> all = new ArrayList<>();

  /**
   * Some outputs.
   *
   * @param place among the blocks, also those that have no outputs
   * @param first its first output
   */
  private record Block(int place, int first, Share share) {
    Extent output() {
      return share.output;
    }
  }

  TowerShare(
      Drafts drafts,
      TowerDraft draft,
      Weighted layer,
      Reads reads,
      int computing,
      int[] inputs,
      Extent[] extents) {
    this.drafts = drafts;
    this.draft = draft;
    this.layer = layer;
    int units = layer.width();
    this.count = layer instanceof Fc ? drafts.slicing.count() : 1;
    if (count > 1 && !drafts.isLast(layer)) {
      drafts.slicing.part("its number of units on a tower", units);
    }
    for (int b = 0; b < count; b++) {
      int first = boundary(units, b);
      int width = boundary(units, b + 1) - first;
      if (width > 0) {
        String name = count > 1 ? ".b" + b : "";
        int firstOutput = draft.tower * units + first;
        Share share =
            new Share(
                drafts,
                draft,
                layer,
                reads,
                firstOutput,
                width,
                units * computing,
                name,
                rank(b),
                inputs,
                extents);
        Block block = new Block(b, first, share);
        all.add(block);
        if (share.isHere()) {
          blocks.add(block);
        }
      }
    }
    Extent block = all.get(0).output();
    this.output = new Extent(block.h(), block.w(), units);
  }

  /** Returns where a block begins: the first one has the most outputs. */
  private int boundary(int units, int place) {
    return Math.toIntExact(((long) units * place + count - 1) / count);
  }

  /** Returns which rank computes a block. */
  private int rank(int place) {
    boolean every = count == 1 || drafts.rankPart.isWhole();
    return every ? ParameterSpec.EVERY_RANK : place / drafts.own;
  }

  /** Returns where a rank's outputs begin. */
  private int rankBoundary(int units, int rank) {
    return boundary(units, rank * drafts.own);
  }

  /** Returns whether all of it is one block, which is computed here. */
  private boolean isUndivided() {
    return count == 1 || drafts.rankPart.isWhole() && blocks.size() == 1;
  }

  /** Returns a product for each plane that is read, the own one first. */
  List<Product> products() {
    return all.get(0).share.products;
  }

  /**
   * Plans the way forward.
   *
   * @param source tells in which buffer of this tower the plane of a product lies, after waiting
   *     for it if it comes from another tower; asked once for each, when it is needed
   * @param relu whether the layer ends in a rectifier
   * @param dropout what drops out behind that, or null
   */
  void forward(ToIntFunction<Product> source, int y, boolean relu, DropoutShape dropout) {
    if (isUndivided()) {
      forward(blocks.get(0).share, source, y, relu, dropout);
      return;
    }
    Map<Integer, Integer> known = new HashMap<>();
    for (Block block : blocks) {
      int width = block.output().c();
      int part = plane(layer.name() + ".b" + block.place, Kind.ACTIVATION, block.output());
      forward(
          block.share,
          product -> known.computeIfAbsent(product.plane(), plane -> source.applyAsInt(product)),
          part,
          relu,
          null);
      draft.forward.add(copy(part, width, 0, y, output.c(), block.first, width));
    }
    // A rank without blocks takes what comes as well; where it is the way back asks the first
    // block.
    products()
        .replaceAll(of -> of.at(known.computeIfAbsent(of.plane(), plane -> source.applyAsInt(of))));
    drafts.moves.gatherUnits(draft, layer.name(), y, rank -> rankBoundary(output.c(), rank));
    if (dropout != null) {
      draft.forward.add(new Operation.DropoutFprop(layer.name(), dropout, y, y));
    }
  }

  private void forward(
      Share share, ToIntFunction<Product> source, int y, boolean relu, DropoutShape dropout) {
    int last = share.products.size() - 1;
    int sums = last > 0 && drafts.precision() == Precision.BF16 ? sums(share, y) : -1;
    for (int i = 0; i <= last; i++) {
      Product of = share.products.get(i);
      Product product = of.at(source.applyAsInt(of));
      share.products.set(i, product);
      int bias = i == last ? share.bias.value() : -1;
      DropoutShape drops = i == last ? dropout : null;
      int to = i == last || sums < 0 ? y : -1;
      draft.forward.add(
          share.fprop(product, product.x(), bias, to, sums, i > 0, relu && i == last, drops));
    }
  }

  /** Returns float32 memory of y's size: several planes are rounded once, when all are there. */
  private int sums(Share share, int y) {
    long bytes = (long) Float.BYTES * drafts.batch * share.output.count();
    return draft.buffer(draft.plainName(y) + ".sums", layer.name(), Kind.ACTIVATION, bytes, null);
  }

  /** The way back, from the gradient of the output. */
  final class Backward {
    private final int[] dy = new int[blocks.size()];

    /** Plans what each block needs of the gradient. */
    Backward(int gradient) {
      if (isUndivided()) {
        dy[0] = gradient;
        return;
      }
      for (int i = 0; i < dy.length; i++) {
        Block block = blocks.get(i);
        int width = block.output().c();
        String name = "grad." + layer.name() + ".b" + block.place;
        dy[i] = plane(name, Kind.GRADIENT, block.output());
        draft.backward.add(copy(gradient, output.c(), block.first, dy[i], width, 0, width));
      }
    }

    /** Plans the gradient of a plane; {@code product} is one of {@link #products}. */
    void dgrad(Product product, int mask, int dx) {
      if (isUndivided()) {
        draft.backward.add(blocks.get(0).share.dgrad(product, dy[0], mask, dx));
        return;
      }
      int at = products().indexOf(product);
      Extent extent = draft.buffers.get(dx).extent();
      boolean whole = drafts.rankPart.isWhole();
      TreeSum sum = new TreeSum(draft, layer.name(), whole ? mask : -1, false);
      int first = drafts.rankPart.rank() * drafts.own;
      int next = 0;
      for (int place = first; place < first + drafts.own; place++) {
        int term = -1;
        if (next < blocks.size() && blocks.get(next).place == place) {
          Share share = blocks.get(next).share;
          String name = draft.plainName(dx) + ".b" + place;
          term = whole && place == 0 ? dx : plane(name, Kind.GRADIENT, extent);
          draft.backward.add(share.dgrad(share.products.get(at), dy[next], -1, term));
          next++;
        }
        sum.add(term, place == first + drafts.own - 1);
      }
      if (!whole) {
        drafts.moves.sum(
            draft,
            (Fc) layer,
            sum.sum(),
            rank -> rankBoundary(output.c(), rank + 1) > rankBoundary(output.c(), rank),
            mask,
            dx,
            rank -> rankBoundary(extent.c(), rank));
      }
    }

    /** Plans the gradients of the parameters. */
    void gradients() {
      for (int i = 0; i < dy.length; i++) {
        TowerShare.this.gradients(blocks.get(i).share, dy[i]);
      }
    }
  }

  private void gradients(Share share, int dy) {
    boolean sliced = !(layer instanceof Fc);
    ParameterSpec bias = sliced ? drafts.ofSlice(draft, share.bias) : share.bias;
    int db = bias.gradient();
    if (drafts.purpose == Purpose.INSPECT) {
      long rows = (long) drafts.batch * share.output.count() / bias.count();
      draft.backward.add(new Operation.BiasGrad(layer.name(), rows, bias.count(), dy, db));
      db = -1;
    }
    for (Product product : share.products) {
      ParameterSpec weight = sliced ? drafts.ofSlice(draft, product.weight()) : product.weight();
      draft.backward.add(share.wgrad(product, weight, dy, db));
      db = -1;
      if (sliced) {
        drafts.addSlice(draft, weight);
      }
    }
    if (sliced) {
      drafts.addSlice(draft, bias);
      drafts.moves.updateBehind(draft, layer.name());
    }
  }

  private int plane(String name, Kind kind, Extent extent) {
    return draft.plane(name, layer.name(), kind, extent, drafts.batch);
  }

  /** Copies some outputs of every image. */
  private Operation copy(
      int x, int xChannels, int xFirst, int y, int yChannels, int yFirst, int width) {
    ChannelsShape shape =
        new ChannelsShape(drafts.batch, xChannels, xFirst, yChannels, yFirst, width);
    return new Operation.ChannelsCopy(layer.name(), shape, x, y);
  }

  long parameterCount() {
    return all.stream().mapToLong(b -> b.share.parameterCount()).sum();
  }

  /** Returns the multiply-accumulates of the images that are being planned. */
  long macs() {
    return all.stream().mapToLong(b -> b.share.macs()).sum();
  }
}
