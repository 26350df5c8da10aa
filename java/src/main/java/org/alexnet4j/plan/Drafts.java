package org.alexnet4j.plan;

import com.google.common.collect.ImmutableList;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.BufferSpec.Kind;
import org.alexnet4j.plan.Transfer.Direction;
import org.alexnet4j.shape.Arithmetic;
import org.alexnet4j.shape.DropoutShape;
import org.alexnet4j.shape.Precision;
import org.alexnet4j.shape.RankPart;
import org.alexnet4j.shape.Slicing;

/**
 * The growing plans of all towers, with the plane that each tower has reached: on the way forward
 * its value, on the way back the gradient of that value.
 */
final class Drafts {
  final NetworkSpec spec;
  final Purpose purpose;
  final Arithmetic arithmetic;
  final long seed;
  final ImmutableList<TowerDraft> towers;
  final List<Transfer> transfers = new ArrayList<>();

  /** Images of the whole step. */
  final int wholeBatch;

  /** How the step is divided. */
  final Slicing slicing;

  /** Which part of it is planned. */
  final RankPart rankPart;

  /** What this part and the others move between them. */
  final RankMoves moves;

  /** How many slices of the images, and blocks of units, this part has. */
  final int own;

  /** Images of what is being planned: of a slice, or of the whole step. */
  int batch;

  /**
   * The slice that is being planned, counted through this part's; 0 as well where there are none.
   */
  int slice;

  /** The same, counted through the whole step's. */
  int wholeSlice;

  /** Whether a slice is computed again, on the way back. */
  private boolean again;

  /** Parameters of the convolutional part by tower and name; the slices share them. */
  private final Map<String, ParameterSpec> known = new HashMap<>();

  /** Sums over slices, by tower and the buffer of the parameter's values. */
  private final Map<String, TreeSum> sums = new HashMap<>();

  /** Buffer of each tower's present plane, -1 if it has none. */
  final int[] value;

  /** Buffer of the gradient of each tower's present plane, -1 if there is none. */
  final int[] gradient;

  Drafts(
      NetworkSpec spec,
      int batch,
      Purpose purpose,
      long seed,
      Slicing slicing,
      RankPart rankPart,
      Arithmetic arithmetic) {
    int count = spec.towers();
    this.spec = spec;
    this.wholeBatch = batch;
    this.batch = batch;
    this.slicing = slicing;
    this.rankPart = rankPart;
    this.own = rankPart.of(slicing);
    this.moves = new RankMoves(this);
    this.purpose = purpose;
    this.arithmetic = arithmetic;
    this.seed = seed;
    this.towers =
        IntStream.range(0, count)
            .mapToObj(tower -> new TowerDraft(tower, arithmetic.precision()))
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

  Precision precision() {
    return arithmetic.precision();
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
    long first = (long) tower * wholeBatch * extent.count() + wholeSlice * count;
    int place = spec.layers().indexOf(layer);
    return new DropoutShape(count, first, seed, place, layer.keep());
  }

  /** Adds the gradient of an activation; its name tells the plane. */
  int newGradient(TowerDraft draft, int of, String layer) {
    Extent extent = draft.buffers.get(of).extent();
    return draft.plane("grad." + draft.plainName(of), layer, Kind.GRADIENT, extent, batch);
  }

  /** Returns whether a layer is the last one with weights, whose units are the classes. */
  boolean isLast(LayerSpec layer) {
    for (int i = spec.layers().size() - 1; i >= 0; i--) {
      if (spec.layers().get(i) instanceof LayerSpec.Weighted last) {
        return last.equals(layer);
      }
    }
    return false;
  }

  /** Returns whether a layer is the first of the fully-connected part. */
  boolean isFirstConnected(LayerSpec layer) {
    return spec.layers().stream()
        .filter(LayerSpec.Fc.class::isInstance)
        .findFirst()
        .filter(layer::equals)
        .isPresent();
  }

  /** Begins to plan a slice of this part. */
  void enter(int index) {
    slice = index;
    wholeSlice = rankPart.rank() * own + index;
    batch = wholeBatch / slicing.count();
    towers.forEach(draft -> draft.suffix = ".s" + index);
  }

  /** Ends that: what follows is of the whole batch. */
  void leave() {
    slice = 0;
    wholeSlice = 0;
    batch = wholeBatch;
    towers.forEach(draft -> draft.suffix = "");
  }

  /** Plans a slice's way forward once more, as a part of the way back. */
  void again(Runnable forward) {
    List<List<Operation>> lists = towers.stream().map(draft -> draft.forward).toList();
    again = true;
    for (TowerDraft draft : towers) {
      draft.forward = draft.backward;
      draft.suffix += "r";
    }
    forward.run();
    again = false;
    for (TowerDraft draft : towers) {
      draft.forward = lists.get(draft.tower);
    }
  }

  /**
   * Returns a parameter of the convolutional part, which the first slice declares for all.
   *
   * @param declared makes it
   */
  ParameterSpec shared(TowerDraft draft, String name, Supplier<ParameterSpec> declared) {
    ParameterSpec present = known.get(draft.tower + " " + name);
    if (present == null) {
      present = declared.get();
      known.put(draft.tower + " " + name, present);
    }
    return present;
  }

  /**
   * Returns a parameter with a gradient of the present slice. The first slice's is where the sum of
   * all will be.
   */
  ParameterSpec ofSlice(TowerDraft draft, ParameterSpec parameter) {
    if (slice == 0 || parameter.gradient() < 0) {
      return parameter;
    }
    BufferSpec sum = draft.buffers.get(parameter.gradient());
    return parameter.withGradient(
        draft.buffer(sum.name(), sum.layer(), sum.kind(), sum.bytes(), null));
  }

  /** Returns whether nothing of this part of the network was planned before. */
  boolean isFirst() {
    return slice == 0 && !again;
  }

  /** Adds the present slice's gradient of a parameter to those of the slices before. */
  void addSlice(TowerDraft draft, ParameterSpec parameter) {
    if (slicing.count() > 1 && parameter.gradient() >= 0) {
      sums.computeIfAbsent(
              draft.tower + " " + parameter.value(),
              key -> new TreeSum(draft, parameter.layer(), -1, true))
          .add(parameter.gradient(), slice == own - 1);
      if (slice == own - 1 && !rankPart.isWhole() && parameter.rate() > 0) {
        int sum = sums.get(draft.tower + " " + parameter.value()).sum();
        moves.begin(draft, parameter, sum);
      }
    }
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
    Direction way = again ? Direction.BACKWARD : direction;
    Transfer transfer =
        new Transfer(transfers.size(), layer, plane, way, from, to, fromBuffer, target, bytes);
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
    // Undivided steps keep the layout that they have.
    TransferLives lives = slicing.count() > 1 ? new TransferLives(towers, transfers) : null;
    return towers.stream()
        .map(t -> t.finish(purpose, lives))
        .collect(ImmutableList.toImmutableList());
  }
}
