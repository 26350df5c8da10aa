package org.alexnet4j.plan;

import com.google.common.collect.ArrayListMultimap;
import com.google.common.collect.ListMultimap;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.function.IntToLongFunction;
import java.util.function.IntUnaryOperator;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.plan.BufferSpec.Kind;
import org.alexnet4j.shape.ChannelsShape;
import org.alexnet4j.shape.Pieces;
import org.alexnet4j.shape.RankPart;

/**
 * Plans what ranks move between them. They only move: every sum is made by one rank, in the order
 * in which one process adds, so that all numbers of ranks have the same bits. Where there is one
 * rank, nothing is planned here but the update.
 */
final class RankMoves {
  private final Drafts drafts;
  private final RankPart part;
  private final int ranks;

  /** Gradients that move, by tower, in their order. */
  private final ListMultimap<Integer, Begun> begun = ArrayListMultimap.create();

  /** Parameters that were updated and move to all ranks, by tower. */
  private final ListMultimap<Integer, ParameterSpec> given = ArrayListMultimap.create();

  /**
   * Gradients of a piece that all ranks have, on their way to who adds them.
   *
   * @param gradient this rank's
   * @param to where those of all ranks for this rank's part arrive, or -1 if it has no part
   */
  private record Begun(ParameterSpec parameter, int gradient, int to) {}

  RankMoves(Drafts drafts) {
    this.drafts = drafts;
    this.part = drafts.rankPart;
    this.ranks = part.ranks();
  }

  /** Gives every rank the planes of all images, of which each has made its own. */
  void gatherImages(TowerDraft draft, int plane) {
    if (ranks > 1) {
      BufferSpec spec = draft.buffers.get(plane);
      draft.forward.add(
          new Operation.Allgather(spec.layer(), plane, Pieces.side(ranks, images(spec))));
    }
  }

  private IntToLongFunction images(BufferSpec plane) {
    long each = plane.bytes() / ranks;
    return rank -> each;
  }

  /**
   * Gives every rank all units of a layer, of which each has computed its own blocks.
   *
   * @param y {@code [N,units]}
   * @param boundary where a rank's units begin; of the number of ranks, where they end
   */
  void gatherUnits(TowerDraft draft, String layer, int y, IntUnaryOperator boundary) {
    if (ranks == 1) {
      return;
    }
    Columns columns = new Columns(y, draft.buffers.get(y).extent().c(), boundary);
    Pieces pieces = columns.pieces();
    int all = columns.buffer(draft, "units", Kind.ACTIVATION, pieces);
    List<Integer> parts = parts(draft, all, pieces);
    columns.take(draft.forward, layer, part.rank(), parts);
    draft.forward.add(new Operation.Allgather(layer, all, pieces));
    for (int rank = 0; rank < ranks; rank++) {
      if (rank != part.rank()) {
        columns.put(draft.forward, layer, rank, parts);
      }
    }
  }

  /**
   * Adds what the blocks of all ranks make of a gradient, at the rank that needs it: those of
   * images at the rank of their slices, those of units at the rank of their blocks. The rest of the
   * sum is undefined.
   *
   * @param layer whose blocks made it
   * @param partial this rank's sum over its blocks, or -1 if it has none
   * @param sender whether a rank has blocks
   * @param mask the sum is 0 where this buffer is not positive; -1 for none
   * @param dx where the sum goes
   * @param boundary where a rank's units of this plane begin
   */
  void sum(
      TowerDraft draft,
      Fc layer,
      int partial,
      IntPredicate sender,
      int mask,
      int dx,
      IntUnaryOperator boundary) {
    Extent extent = draft.buffers.get(dx).extent();
    Part of =
        drafts.isFirstConnected(layer)
            ? new Images(dx, extent)
            : new Columns(dx, extent.c(), boundary);
    of.sum(draft, layer.name(), partial, sender, mask);
  }

  /** Which part of a plane belongs to each rank. */
  private abstract class Part {
    final int plane;

    Part(int plane) {
      this.plane = plane;
    }

    /** Returns the bytes of a rank's part. */
    abstract long bytes(int rank);

    /** Copies a part out of a plane, from where it lies to itself. */
    abstract Operation copyOut(String layer, int from, int rank, int to);

    abstract Operation copyIn(String layer, int from, int rank, int to);

    Pieces pieces() {
      return Pieces.apart(ranks, this::bytes);
    }

    int buffer(TowerDraft draft, String what, Kind kind, Pieces pieces) {
      String name = what + "." + draft.plainName(plane);
      BufferSpec spec = draft.buffers.get(plane);
      long count = Math.max(4, pieces.end()) / draft.valueBytes;
      return draft.stored(name, spec.layer(), kind, count, null);
    }

    void take(List<Operation> to, String layer, int rank, List<Integer> parts) {
      if (parts.get(rank) >= 0) {
        to.add(copyOut(layer, plane, rank, parts.get(rank)));
      }
    }

    void put(List<Operation> to, String layer, int rank, List<Integer> parts) {
      if (parts.get(rank) >= 0) {
        to.add(copyIn(layer, parts.get(rank), rank, plane));
      }
    }

    void sum(TowerDraft draft, String layer, int partial, IntPredicate sender, int mask) {
      int own = part.rank();
      Pieces sent = Pieces.apart(ranks, rank -> partial >= 0 ? bytes(rank) : 0);
      int from = -1;
      if (partial >= 0) {
        from = buffer(draft, "sent", Kind.GRADIENT, sent);
        List<Integer> parts = parts(draft, from, sent);
        for (int rank = 0; rank < ranks; rank++) {
          if (parts.get(rank) >= 0) {
            draft.backward.add(copyOut(layer, partial, rank, parts.get(rank)));
          }
        }
      }
      Pieces received = Pieces.apart(ranks, rank -> sender.test(rank) ? bytes(own) : 0);
      int to = received.sum() > 0 ? buffer(draft, "received", Kind.RECEIVED, received) : -1;
      draft.backward.add(new Operation.Alltoall(layer, from, sent, to, received));
      if (bytes(own) == 0) {
        return;
      }
      int masking = -1;
      if (mask >= 0) {
        BufferSpec masked = draft.buffers.get(mask);
        masking =
            draft.stored(
                "mask." + draft.plainName(plane),
                masked.layer(),
                Kind.ACTIVATION,
                bytes(own) / draft.valueBytes,
                null);
        draft.backward.add(copyOut(layer, mask, own, masking));
      }
      List<Integer> terms = parts(draft, to, received);
      TreeSum sum = new TreeSum(draft, layer, masking, false);
      for (int rank = 0; rank < ranks; rank++) {
        sum.add(terms.get(rank), rank == ranks - 1);
      }
      boolean alone = terms.stream().filter(term -> term >= 0).count() == 1;
      if (alone && masking >= 0) {
        long count = bytes(own) / draft.valueBytes;
        draft.backward.add(new Operation.ReluBprop(layer, count, masking, sum.sum(), sum.sum()));
      }
      draft.backward.add(copyIn(layer, sum.sum(), own, plane));
    }
  }

  /** The planes of a rank's images. */
  private final class Images extends Part {
    private final int values;

    Images(int plane, Extent extent) {
      super(plane);
      this.values = Math.multiplyExact(drafts.wholeBatch / ranks, extent.count());
    }

    @Override
    long bytes(int rank) {
      return (long) drafts.precision().valueBytes() * values;
    }

    @Override
    Operation copyOut(String layer, int from, int rank, int to) {
      return new Operation.ChannelsCopy(
          layer, new ChannelsShape(1, values * ranks, values * rank, values, 0, values), from, to);
    }

    @Override
    Operation copyIn(String layer, int from, int rank, int to) {
      return new Operation.ChannelsCopy(
          layer, new ChannelsShape(1, values, 0, values * ranks, values * rank, values), from, to);
    }
  }

  /** A rank's units, for all images. */
  private final class Columns extends Part {
    private final int units;
    private final IntUnaryOperator boundary;

    Columns(int plane, int units, IntUnaryOperator boundary) {
      super(plane);
      this.units = units;
      this.boundary = boundary;
    }

    private int first(int rank) {
      return boundary.applyAsInt(rank);
    }

    private int width(int rank) {
      return first(rank + 1) - first(rank);
    }

    @Override
    long bytes(int rank) {
      return (long) drafts.precision().valueBytes() * drafts.wholeBatch * width(rank);
    }

    @Override
    Operation copyOut(String layer, int from, int rank, int to) {
      int width = width(rank);
      return new Operation.ChannelsCopy(
          layer,
          new ChannelsShape(drafts.wholeBatch, units, first(rank), width, 0, width),
          from,
          to);
    }

    @Override
    Operation copyIn(String layer, int from, int rank, int to) {
      int width = width(rank);
      return new Operation.ChannelsCopy(
          layer,
          new ChannelsShape(drafts.wholeBatch, width, 0, units, first(rank), width),
          from,
          to);
    }
  }

  /** Returns a buffer's parts by rank, -1 where there is none. */
  private List<Integer> parts(TowerDraft draft, int of, Pieces pieces) {
    List<Integer> parts = new ArrayList<>();
    for (int rank = 0; rank < pieces.ranks(); rank++) {
      long bytes = pieces.bytes().get(rank);
      parts.add(
          bytes == 0 ? -1 : draft.part(of, ".r" + rank, pieces.firstBytes().get(rank), bytes));
    }
    return parts;
  }

  /**
   * Begins to move the gradients of a piece that all ranks have, once this rank's are complete.
   *
   * @param gradient this rank's, of all of its slices
   */
  void begin(TowerDraft draft, ParameterSpec parameter, int gradient) {
    Pieces sent = shares(parameter);
    Pieces received = received(sent);
    BufferSpec spec = draft.buffers.get(gradient);
    int to =
        received.sum() == 0
            ? -1
            : draft.common(
                "received." + draft.plainName(gradient),
                spec.layer(),
                Kind.RECEIVED,
                received.end(),
                null);
    draft.backward.add(
        new Operation.BeginAlltoall(parameter.layer(), gradient, sent, to, received));
    begun.put(draft.tower, new Begun(parameter, gradient, to));
  }

  private Pieces shares(ParameterSpec parameter) {
    return Pieces.shares(ranks, 4L * parameter.count());
  }

  private Pieces received(Pieces sent) {
    return Pieces.apart(ranks, rank -> sent.bytes().get(part.rank()));
  }

  /**
   * Updates what the layers behind this one have begun to move, and begins to give it to all: their
   * weights are not read any more in this step, and move beside the rest of the way back.
   *
   * @param layer which has just begun to move its own
   */
  void updateBehind(TowerDraft draft, String layer) {
    List<Begun> behind =
        begun.get(draft.tower).stream().filter(b -> !b.parameter.layer().equals(layer)).toList();
    update(draft, behind, List.of());
  }

  /**
   * Ends the way back. A piece that one rank has is updated there. Of one that all have, each rank
   * adds the gradients of all for a part, updates that, and gives it to all.
   */
  void update(TowerDraft draft) {
    List<ParameterSpec> alone =
        draft.stored().stream()
            .filter(p -> ranks == 1 || p.rank() != ParameterSpec.EVERY_RANK)
            .toList();
    update(draft, List.copyOf(begun.get(draft.tower)), alone);
    for (ParameterSpec given : given.get(draft.tower)) {
      draft.backward.add(new Operation.AwaitMove(given.layer(), given.value(), given.value()));
    }
  }

  private void update(TowerDraft draft, List<Begun> moved, List<ParameterSpec> alone) {
    List<ParameterSpec> updated = new ArrayList<>(alone);
    moved.forEach(one -> sumOfRanks(draft, one, updated));
    draft.update(updated);
    for (Begun one : moved) {
      ParameterSpec parameter = one.parameter;
      draft.backward.add(
          new Operation.BeginAllgather(parameter.layer(), parameter.value(), shares(parameter)));
      begun.remove(draft.tower, one);
      given.put(draft.tower, parameter);
    }
  }

  /** Adds the gradients of all ranks for this rank's part of a parameter. */
  private void sumOfRanks(TowerDraft draft, Begun move, List<ParameterSpec> updated) {
    ParameterSpec parameter = move.parameter;
    draft.backward.add(new Operation.AwaitMove(parameter.layer(), move.gradient, move.to));
    if (move.to < 0) {
      return;
    }
    Pieces shares = shares(parameter);
    long first = shares.firstBytes().get(part.rank());
    long bytes = shares.bytes().get(part.rank());
    TreeSum sum = new TreeSum(draft, parameter.layer(), -1, true);
    List<Integer> terms = parts(draft, move.to, received(shares));
    for (int rank = 0; rank < ranks; rank++) {
      sum.add(terms.get(rank), rank == ranks - 1);
    }
    String name = ".r" + part.rank();
    updated.add(
        parameter.some(
            (int) (bytes / Float.BYTES),
            draft.part(parameter.value(), name, first, bytes),
            draft.part(parameter.velocity(), name, first, bytes),
            sum.sum()));
  }
}
