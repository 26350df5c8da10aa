package org.alexnet4j.plan;

import java.util.ArrayList;
import java.util.List;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.BufferSpec.Kind;
import org.alexnet4j.plan.Transfer.Direction;
import org.alexnet4j.shape.ChannelsShape;
import org.alexnet4j.shape.LrnShape;

/**
 * Plans a normalisation whose windows cross towers (the other reading of D6): towers are neighbours
 * in their order, and the maps of one follow those of the one before.
 *
 * <p>Each tower sends its neighbours the maps at that edge, puts what it gets beside its own, and
 * normalises the widened plane; of the result it keeps its own maps. A window reaches {@code size /
 * 2} maps beyond the own ones. The way back needs the denominators of these as well, so that there
 * twice as many travel; the gradients of the outputs travel in the same way, and nothing has to be
 * added. Every sum has the terms and the order that one tower with all maps would have.
 */
final class LrnAcross {
  private final Drafts drafts;
  private final Lrn lrn;
  private final int reach;
  private final int[] inputs;
  private final Extent[] extents;
  private int[] widened;

  LrnAcross(Drafts drafts, Lrn lrn) {
    this.drafts = drafts;
    this.lrn = lrn;
    int half = lrn.size() / 2;
    this.reach = drafts.purpose == Purpose.INFER ? half : 2 * half;
    this.inputs = drafts.value.clone();
    this.extents = new Extent[inputs.length];
    for (int t = 0; t < inputs.length; t++) {
      extents[t] = drafts.extent(t);
      if (extents[t].c() < 2 * half) {
        throw new IllegalArgumentException(
            "lrn over all-maps of size "
                + lrn.size()
                + " takes "
                + 2 * half
                + " maps of a neighbouring tower, which has "
                + extents[t].c()
                + "; allowed: as many maps per tower as size - 1, or more");
      }
    }
  }

  /** Returns whether there is anything to cross: several towers have planes. */
  static boolean crosses(Drafts drafts, Lrn lrn) {
    boolean all = true;
    for (int value : drafts.value) {
      all &= value >= 0;
    }
    return lrn.over() == Lrn.Over.ALL_MAPS && all && drafts.value.length > 1 && lrn.size() > 1;
  }

  void forward() {
    widened = widen(inputs, lrn.name() + ".window", Kind.ACTIVATION, Direction.FORWARD);
    for (TowerDraft draft : drafts.towers) {
      int t = draft.tower;
      Extent wide = extent(draft, widened[t]);
      int all = draft.plane(lrn.name() + ".all", lrn.name(), Kind.ACTIVATION, wide, drafts.batch);
      draft.forward.add(new Operation.LrnFprop(lrn.name(), shape(wide), widened[t], all));
      int y = draft.plane(lrn.name(), lrn.name(), Kind.ACTIVATION, extents[t], drafts.batch);
      draft.forward.add(copy(draft, all, before(t), y, 0, extents[t].c()));
      drafts.value[t] = y;
    }
  }

  void backward() {
    int[] dy =
        widen(
            drafts.gradient.clone(),
            "grad." + lrn.name() + ".window",
            Kind.GRADIENT,
            Direction.BACKWARD);
    for (TowerDraft draft : drafts.towers) {
      int t = draft.tower;
      Extent wide = extent(draft, widened[t]);
      String name = "grad." + lrn.name() + ".all";
      int all = draft.plane(name, lrn.name(), Kind.GRADIENT, wide, drafts.batch);
      draft.backward.add(new Operation.LrnBprop(lrn.name(), shape(wide), widened[t], dy[t], all));
      int dx = drafts.newGradient(draft, inputs[t], lrn.name());
      draft.backward.add(copy(draft, all, before(t), dx, 0, extents[t].c()));
      drafts.gradient[t] = dx;
    }
  }

  /** Returns for each tower its plane between the edges of its neighbours. */
  private int[] widen(int[] planes, String name, Kind kind, Direction direction) {
    List<Transfer> arriving = new ArrayList<>();
    for (TowerDraft draft : drafts.towers) {
      int t = draft.tower;
      for (int to : new int[] {t - 1, t + 1}) {
        if (to >= 0 && to < planes.length) {
          arriving.add(sendEdge(draft, planes[t], to, kind, direction));
        }
      }
    }
    int[] wide = new int[planes.length];
    for (TowerDraft draft : drafts.towers) {
      int t = draft.tower;
      Extent e = extents[t];
      int channels = before(t) + e.c() + after(t);
      Extent extent = new Extent(e.h(), e.w(), channels);
      wide[t] = draft.plane(name, lrn.name(), kind, extent, drafts.batch);
      List<Operation> operations = drafts.operations(t, direction);
      operations.add(copy(draft, planes[t], 0, wide[t], before(t), e.c()));
      for (Transfer transfer : arriving) {
        if (transfer.to() == t) {
          drafts.receive(transfer);
          int first = transfer.from() < t ? 0 : before(t) + e.c();
          operations.add(copy(draft, transfer.toBuffer(), 0, wide[t], first, reach));
        }
      }
    }
    return wide;
  }

  private Transfer sendEdge(TowerDraft draft, int plane, int to, Kind kind, Direction direction) {
    Extent e = extents[draft.tower];
    Extent edge = new Extent(e.h(), e.w(), reach);
    String source = draft.plainName(plane) + ".edge";
    String there = NetworkSpec.towerName(to);
    int packed = draft.plane(source + "." + there, lrn.name(), kind, edge, drafts.batch);
    int first = to < draft.tower ? 0 : e.c() - reach;
    drafts.operations(draft.tower, direction).add(copy(draft, plane, first, packed, 0, reach));
    String here = NetworkSpec.towerName(draft.tower);
    int target =
        drafts
            .towers
            .get(to)
            .plane(source + ".from." + here, lrn.name(), Kind.RECEIVED, edge, drafts.batch);
    return drafts.send(lrn.name(), source, direction, draft.tower, to, packed, target);
  }

  private Operation copy(TowerDraft draft, int x, int xFirst, int y, int yFirst, int count) {
    Extent from = extent(draft, x);
    long rows = (long) drafts.batch * from.h() * from.w();
    ChannelsShape shape =
        new ChannelsShape(rows, from.c(), xFirst, extent(draft, y).c(), yFirst, count);
    return new Operation.ChannelsCopy(lrn.name(), shape, x, y);
  }

  private static Extent extent(TowerDraft draft, int plane) {
    return draft.buffers.get(plane).extent();
  }

  private int before(int tower) {
    return tower > 0 ? reach : 0;
  }

  private int after(int tower) {
    return tower < inputs.length - 1 ? reach : 0;
  }

  private LrnShape shape(Extent e) {
    return new LrnShape(
        drafts.batch, e.h(), e.w(), e.c(), lrn.size(), lrn.k(), lrn.alpha(), lrn.beta());
  }
}
