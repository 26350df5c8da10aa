package org.alexnet4j.plan;

import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Weighted;
import org.alexnet4j.plan.BufferSpec.Kind;
import org.alexnet4j.plan.Share.Product;
import org.alexnet4j.shape.ChannelsShape;
import org.alexnet4j.shape.DropoutShape;

/**
 * One tower's share of a layer with weights: one block of all its outputs or, where a step is in
 * slices and the layer fully connected, as many blocks of units as slices. Blocks have parameters
 * of their own; each computes the units that it would as a part of the whole, with the same bits,
 * and a gradient of the planes that it reads, which are added as an aligned binary tree.
 */
final class TowerShare {
  final TowerDraft draft;
  final Extent output;
  private final Drafts drafts;
  private final Weighted layer;
  private final List<Share> blocks = new ArrayList<>();
  private final Extent block;
  private int[] dy;

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
    int count = layer instanceof Fc ? drafts.slicing.count() : 1;
    int width =
        count > 1
            ? drafts.slicing.part("its number of units on a tower", layer.width())
            : layer.width();
    int first = draft.tower * layer.width();
    for (int b = 0; b < count; b++) {
      String name = count > 1 ? ".b" + b : "";
      blocks.add(
          new Share(
              drafts,
              draft,
              layer,
              reads,
              first + b * width,
              width,
              layer.width() * computing,
              name,
              inputs,
              extents));
    }
    this.block = blocks.get(0).output;
    this.output = new Extent(block.h(), block.w(), count * block.c());
  }

  /** Returns a product for each plane that is read, the own one first. */
  List<Product> products() {
    return blocks.get(0).products;
  }

  /** States in which buffer of this tower the plane of a product lies. */
  void reads(Product product, int x) {
    int at = products().indexOf(product);
    for (Share share : blocks) {
      share.products.set(at, share.products.get(at).at(x));
    }
  }

  /**
   * Plans the way forward.
   *
   * @param relu whether the layer ends in a rectifier
   * @param dropout what drops out behind that, or null
   */
  void forward(int y, boolean relu, DropoutShape dropout) {
    if (blocks.size() == 1) {
      forward(blocks.get(0), y, relu, dropout);
      return;
    }
    for (int b = 0; b < blocks.size(); b++) {
      int part = plane(layer.name() + ".b" + b, Kind.ACTIVATION, block);
      forward(blocks.get(b), part, relu, null);
      draft.forward.add(copy(part, block.c(), 0, y, output.c(), b * block.c()));
    }
    if (dropout != null) {
      draft.forward.add(new Operation.DropoutFprop(layer.name(), dropout, y, y));
    }
  }

  private void forward(Share share, int y, boolean relu, DropoutShape dropout) {
    int last = share.products.size() - 1;
    for (int i = 0; i <= last; i++) {
      Product product = share.products.get(i);
      int bias = i == last ? share.bias.value() : -1;
      DropoutShape drops = i == last ? dropout : null;
      draft.forward.add(
          share.fprop(product, product.x(), bias, y, i > 0, relu && i == last, drops));
    }
  }

  /** Begins the way back with the gradient of the output. */
  void backward(int gradient) {
    dy = new int[blocks.size()];
    if (blocks.size() == 1) {
      dy[0] = gradient;
      return;
    }
    for (int b = 0; b < blocks.size(); b++) {
      dy[b] = plane("grad." + layer.name() + ".b" + b, Kind.GRADIENT, block);
      draft.backward.add(copy(gradient, output.c(), b * block.c(), dy[b], block.c(), 0));
    }
  }

  /** Plans the gradient of a plane; {@code product} is one of {@link #products}. */
  void dgrad(Product product, int mask, int dx) {
    if (blocks.size() == 1) {
      draft.backward.add(blocks.get(0).dgrad(product, dy[0], mask, dx));
      return;
    }
    int at = products().indexOf(product);
    TreeSum sum = new TreeSum(draft, layer.name(), mask);
    for (int b = 0; b < blocks.size(); b++) {
      BufferSpec whole = draft.buffers.get(dx);
      int term = b == 0 ? dx : plane(draft.plainName(dx) + ".b" + b, Kind.GRADIENT, whole.extent());
      Share share = blocks.get(b);
      draft.backward.add(share.dgrad(share.products.get(at), dy[b], -1, term));
      sum.add(term, b == blocks.size() - 1);
    }
  }

  /** Plans the gradients of the parameters. */
  void gradients() {
    for (int b = 0; b < blocks.size(); b++) {
      gradients(blocks.get(b), dy[b]);
    }
  }

  private void gradients(Share share, int gradient) {
    boolean sliced = !(layer instanceof Fc);
    ParameterSpec bias = sliced ? drafts.ofSlice(draft, share.bias) : share.bias;
    int db = bias.gradient();
    if (drafts.purpose == Purpose.INSPECT) {
      long rows = (long) drafts.batch * share.output.count() / bias.count();
      draft.backward.add(new Operation.BiasGrad(layer.name(), rows, bias.count(), gradient, db));
      db = -1;
    }
    for (Product product : share.products) {
      ParameterSpec weight = sliced ? drafts.ofSlice(draft, product.weight()) : product.weight();
      draft.backward.add(share.wgrad(product, weight, gradient, db));
      db = -1;
      if (sliced) {
        drafts.addSlice(draft, weight);
      }
    }
    if (sliced) {
      drafts.addSlice(draft, bias);
    }
  }

  private int plane(String name, Kind kind, Extent extent) {
    return draft.plane(name, layer.name(), kind, extent, drafts.batch);
  }

  /** Copies one block's outputs of every image. */
  private Operation copy(int x, int xChannels, int xFirst, int y, int yChannels, int yFirst) {
    ChannelsShape shape =
        new ChannelsShape(drafts.batch, xChannels, xFirst, yChannels, yFirst, block.c());
    return new Operation.ChannelsCopy(layer.name(), shape, x, y);
  }

  long parameterCount() {
    return blocks.stream().mapToLong(Share::parameterCount).sum();
  }

  /** Returns the multiply-accumulates of the images that are being planned. */
  long macs() {
    return blocks.stream().mapToLong(Share::macs).sum();
  }
}
