package org.alexnet4j.plan;

import com.google.common.collect.Iterables;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Weighted;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.BufferSpec.Kind;
import org.alexnet4j.plan.Share.Product;
import org.alexnet4j.plan.Transfer.Direction;
import org.alexnet4j.shape.DropoutShape;

/**
 * Plans a layer with weights, and the rectifier and dropout in its epilogue, on all towers that
 * compute it.
 */
final class WeightedLayer {
  private final Drafts drafts;
  private final Weighted layer;
  private final List<LayerSpec> epilogue;
  private final Reads reads;
  private final boolean first;
  private final boolean masks;
  private final int[] inputs;
  private final Extent[] extents;
  private final List<TowerShare> parts = new ArrayList<>();

  /**
   * Declares the layer's parameters.
   *
   * @param group the layer, then what its epilogue does: nothing, a rectifier, dropout
   * @param first whether it reads the network's input
   * @param masks whether it masks the gradient of what it reads, for the rectifier that made it
   */
  WeightedLayer(Drafts drafts, List<LayerSpec> group, boolean first, boolean masks) {
    this.drafts = drafts;
    this.layer = (Weighted) group.get(0);
    this.epilogue = group.subList(1, group.size());
    this.first = first;
    this.masks = masks;
    this.inputs = drafts.value.clone();
    this.extents = new Extent[inputs.length];
    for (int t = 0; t < inputs.length; t++) {
      extents[t] = drafts.extent(t);
    }
    int towers = drafts.towers.size();
    if (layer instanceof Fc && first && towers > 1) {
      throw new IllegalArgumentException(
          "a fully-connected layer cannot be the first layer of several towers");
    }
    this.reads = first ? Reads.TOWER : layer.reads();
    int computing = layer.firstTowerOnly() ? 1 : towers;
    for (TowerDraft draft : drafts.towers.subList(0, computing)) {
      parts.add(new TowerShare(drafts, draft, layer, reads, computing, inputs, extents));
    }
  }

  /** Plans the way forward. */
  void forward() {
    List<Transfer> arriving = new ArrayList<>();
    for (int from = 0; from < inputs.length; from++) {
      for (TowerShare part : readers(from)) {
        if (part.draft.tower != from) {
          arriving.add(sendPlane(from, part.draft.tower));
        }
      }
    }
    Arrays.fill(drafts.value, -1);
    String name = epilogue.isEmpty() ? layer.name() : Iterables.getLast(epilogue).name();
    for (TowerShare part : parts) {
      int y = part.draft.plane(name, layer.name(), Kind.ACTIVATION, part.output, drafts.batch);
      int tower = part.draft.tower;
      part.forward(
          product -> source(product, tower, arriving), y, !epilogue.isEmpty(), dropout(part));
      drafts.value[part.draft.tower] = y;
    }
  }

  /** Returns who reads the plane of a tower, by tower. */
  private List<TowerShare> readers(int plane) {
    return parts.stream().filter(part -> reads.reaches(part.draft.tower, plane)).toList();
  }

  private Transfer sendPlane(int from, int to) {
    String plain = drafts.towers.get(from).plainName(inputs[from]);
    String name = plain + "." + NetworkSpec.towerName(from);
    int target =
        drafts.towers.get(to).plane(name, layer.name(), Kind.RECEIVED, extents[from], drafts.batch);
    String plane = drafts.towers.get(from).buffers.get(inputs[from]).name();
    return drafts.send(layer.name(), plane, Direction.FORWARD, from, to, inputs[from], target);
  }

  private DropoutShape dropout(TowerShare part) {
    return epilogue.size() == 2
        ? drafts.dropout((Dropout) epilogue.get(1), part.draft.tower, part.output)
        : null;
  }

  /** Returns where the plane lies on this tower, after waiting for it if it comes from another. */
  private int source(Product product, int tower, List<Transfer> arriving) {
    if (product.plane() == tower || first) {
      return product.x();
    }
    for (Transfer transfer : arriving) {
      if (transfer.from() == product.plane() && transfer.to() == tower) {
        drafts.receive(transfer);
        return transfer.toBuffer();
      }
    }
    throw new IllegalStateException("no transfer for plane " + product.plane());
  }

  /**
   * Plans the way back: partial gradients of other towers' planes leave first, then the local work,
   * then what arrives is added by tower.
   */
  void backward() {
    List<Transfer> arriving = new ArrayList<>();
    int[] own = new int[inputs.length];
    Arrays.fill(own, -1);
    for (TowerShare part : parts) {
      int tower = part.draft.tower;
      TowerShare.Backward back = part.new Backward(drafts.gradient[tower]);
      if (!first) {
        for (Product product : part.products()) {
          if (product.plane() != tower) {
            arriving.add(sendPartial(part, back, product));
          }
        }
        own[tower] = drafts.newGradient(part.draft, inputs[tower], layer.name());
        back.dgrad(part.products().get(0), mask(part.products().get(0)), own[tower]);
      }
      back.gradients();
    }
    Arrays.fill(drafts.gradient, -1);
    if (!first) {
      for (int owner = 0; owner < inputs.length; owner++) {
        drafts.gradient[owner] = sum(owner, own[owner], arriving);
      }
    }
  }

  private Transfer sendPartial(TowerShare part, TowerShare.Backward back, Product product) {
    TowerDraft owner = drafts.towers.get(product.plane());
    BufferSpec plane = owner.buffers.get(inputs[product.plane()]);
    String name = "grad." + owner.plainName(plane.id());
    int partial =
        part.draft.plane(
            name + "." + NetworkSpec.towerName(product.plane()),
            layer.name(),
            Kind.GRADIENT,
            plane.extent(),
            drafts.batch);
    back.dgrad(product, mask(product), partial);
    boolean alone = parts.size() == 1 && owner.tower >= parts.size();
    String targetName = alone ? name : name + ".from." + NetworkSpec.towerName(part.draft.tower);
    int target = owner.plane(targetName, layer.name(), Kind.RECEIVED, plane.extent(), drafts.batch);
    return drafts.send(
        layer.name(),
        plane.name(),
        Direction.BACKWARD,
        part.draft.tower,
        product.plane(),
        partial,
        target);
  }

  /** Returns what masks the gradient of a plane where it is made: if nothing is added to it. */
  private int mask(Product product) {
    return masks && readers(product.plane()).size() == 1 ? product.x() : -1;
  }

  /** Adds the partial gradients of one plane by tower; returns where the sum is. */
  private int sum(int owner, int own, List<Transfer> arriving) {
    TowerDraft draft = drafts.towers.get(owner);
    int total = -1;
    List<TowerShare> readers = readers(owner);
    for (TowerShare part : readers) {
      int from = part.draft.tower;
      int term = own;
      if (from != owner) {
        Transfer transfer =
            arriving.stream().filter(t -> t.from() == from && t.to() == owner).findFirst().get();
        drafts.receive(transfer);
        term = transfer.toBuffer();
      }
      if (total < 0) {
        total = term;
      } else {
        int target = own >= 0 && (term == own || total == own) ? own : total;
        long count = draft.buffers.get(target).count();
        int mask = masks && part == Iterables.getLast(readers) ? inputs[owner] : -1;
        draft.backward.add(
            new Operation.Add(layer.name(), count, total, term, mask, target, false));
        total = target;
      }
    }
    return total;
  }

  long parameterCount() {
    return parts.stream().mapToLong(TowerShare::parameterCount).sum();
  }

  long macs() {
    return parts.stream().mapToLong(TowerShare::macs).sum() / drafts.batch;
  }

  long outputs() {
    return parts.stream().mapToLong(p -> p.output.count()).sum();
  }
}
