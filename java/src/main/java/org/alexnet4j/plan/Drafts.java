package org.alexnet4j.plan;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.BufferSpec.Kind;
import org.alexnet4j.plan.Transfer.Direction;
import org.alexnet4j.shape.DropoutShape;

/**
 * The growing plans of all towers, with the plane that each tower has reached: on the way forward
 * its value, on the way back the gradient of that value.
 */
final class Drafts {
  final NetworkSpec spec;
  final int batch;
  final Purpose purpose;
  final long seed;
  final ImmutableList<TowerDraft> towers;
  final List<Transfer> transfers = new ArrayList<>();

  /** Buffer of each tower's present plane, -1 if it has none. */
  final int[] value;

  /** Buffer of the gradient of each tower's present plane, -1 if there is none. */
  final int[] gradient;

  Drafts(NetworkSpec spec, int batch, Purpose purpose, long seed) {
    int count = spec.towers();
    this.spec = spec;
    this.batch = batch;
    this.purpose = purpose;
    this.seed = seed;
    this.towers =
        IntStream.range(0, count)
            .mapToObj(TowerDraft::new)
            .collect(ImmutableList.toImmutableList());
    this.value = new int[count];
    this.gradient = new int[count];
    Arrays.fill(value, -1);
    Arrays.fill(gradient, -1);
  }

  /** Runs an action for every tower that has a plane. */
  void forEachValue(Consumer<TowerDraft> action) {
    for (TowerDraft draft : towers) {
      if (value[draft.tower] >= 0) {
        action.accept(draft);
      }
    }
  }

  Extent extent(int tower) {
    return towers.get(tower).buffers.get(value[tower]).extent();
  }

  /**
   * Returns the masks of a dropout layer on a tower. Their purpose is the layer's place, their
   * first index the tower's: no two towers share bits.
   */
  DropoutShape dropout(Dropout layer, int tower, Extent extent) {
    long count = (long) batch * extent.count();
    int place = spec.layers().indexOf(layer);
    return new DropoutShape(count, tower * count, seed, place, layer.keep());
  }

  /** Adds the gradient of an activation; its name tells the plane. */
  int newGradient(TowerDraft draft, int of, String layer) {
    BufferSpec plane = draft.buffers.get(of);
    return draft.plane("grad." + plane.name(), layer, Kind.GRADIENT, plane.extent(), batch);
  }

  /** Adds both ends of a movement's bookkeeping and the announcement on the sending tower. */
  Transfer send(
      String layer,
      String plane,
      Direction direction,
      int from,
      int to,
      int fromBuffer,
      int target) {
    long bytes = towers.get(from).buffers.get(fromBuffer).bytes();
    Transfer transfer =
        new Transfer(
            transfers.size(), layer, plane, direction, from, to, fromBuffer, target, bytes);
    transfers.add(transfer);
    operations(from, direction).add(new Operation.Send(layer, transfer.id(), fromBuffer));
    return transfer;
  }

  void receive(Transfer transfer) {
    operations(transfer.to(), transfer.direction())
        .add(new Operation.Receive(transfer.layer(), transfer.id(), transfer.toBuffer()));
  }

  /** Returns what a tower does on the way forward or back, so far. */
  List<Operation> operations(int tower, Direction direction) {
    TowerDraft draft = towers.get(tower);
    return direction == Direction.FORWARD ? draft.forward : draft.backward;
  }

  ImmutableList<TowerPlan> finish() {
    return towers.stream().map(t -> t.finish(purpose)).collect(ImmutableList.toImmutableList());
  }
}
