package org.alexnet4j.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.alexnet4j.net.AlexNet;
import org.alexnet4j.plan.Operation.Add;
import org.alexnet4j.plan.Operation.AwaitMove;
import org.alexnet4j.plan.Operation.BeginAllgather;
import org.alexnet4j.plan.Operation.BeginAlltoall;
import org.alexnet4j.plan.Operation.ConvDgrad;
import org.alexnet4j.plan.Operation.ConvFprop;
import org.alexnet4j.plan.Operation.ConvWgrad;
import org.alexnet4j.plan.Operation.FcDgrad;
import org.alexnet4j.plan.Operation.FcFprop;
import org.alexnet4j.plan.Operation.LrnPoolFprop;
import org.alexnet4j.plan.Operation.Receive;
import org.alexnet4j.plan.Operation.Send;
import org.alexnet4j.plan.Operation.SoftmaxLoss;
import org.alexnet4j.plan.Transfer.Direction;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.RankPart;
import org.alexnet4j.shape.Slicing;
import org.junit.jupiter.api.Test;

/** In which order each tower computes, sends and waits (fact sheet 8). */
class StepOrderTest {
  private static final Plan PLAN =
      Planner.plan(AlexNet.paper2012(), 4, Purpose.TRAIN, Mean.CHANNEL, 1);
  private static final TowerPlan A = PLAN.towers().get(0);
  private static final TowerPlan B = PLAN.towers().get(1);

  /** Returns the index of the only operation, forward and backward counted through. */
  private static int at(TowerPlan tower, Predicate<Operation> wanted) {
    List<Operation> operations = tower.operations().toList();
    List<Integer> found =
        IntStream.range(0, operations.size())
            .filter(i -> wanted.test(operations.get(i)))
            .boxed()
            .toList();
    assertEquals(1, found.size(), "operations that match");
    return found.get(0);
  }

  private static Transfer transfer(String layer, Direction direction, int from, int to) {
    return PLAN.exchange().transfers().stream()
        .filter(t -> t.layer().equals(layer) && t.direction() == direction)
        .filter(t -> t.from() == from && t.to() == to)
        .findFirst()
        .orElseThrow();
  }

  private static Predicate<Operation> send(Transfer transfer) {
    return o -> o instanceof Send s && s.transfer() == transfer.id();
  }

  private static Predicate<Operation> receive(Transfer transfer) {
    return o -> o instanceof Receive r && r.transfer() == transfer.id();
  }

  private static int x(Operation operation) {
    return operation instanceof ConvFprop c ? c.x() : ((FcFprop) operation).x();
  }

  private static Predicate<Operation> fprop(String layer, int x) {
    return o ->
        o.layer().equals(layer) && (o instanceof ConvFprop || o instanceof FcFprop) && x(o) == x;
  }

  private static Predicate<Operation> dgradInto(int dx) {
    return o -> o instanceof ConvDgrad c && c.dx() == dx || o instanceof FcDgrad f && f.dx() == dx;
  }

  /** The plane leaves as soon as it is there; what it is for begins with what it has. */
  @Test
  void eachTowerComputesWithItsOwnPlaneWhileTheOtherArrives() {
    for (String layer : List.of("conv3", "fc6", "fc7")) {
      for (TowerPlan tower : PLAN.towers()) {
        int me = tower.tower();
        Transfer leaving = transfer(layer, Direction.FORWARD, me, 1 - me);
        Transfer arriving = transfer(layer, Direction.FORWARD, 1 - me, me);
        int own = at(tower, fprop(layer, leaving.fromBuffer()));
        int other = at(tower, fprop(layer, arriving.toBuffer()));
        assertEquals(own - 1, at(tower, send(leaving)), layer);
        assertTrue(own < at(tower, receive(arriving)), layer);
        assertEquals(other - 1, at(tower, receive(arriving)), layer);
      }
    }
  }

  @Test
  void planesAreSentByTheOperationThatMakesThem() {
    List<Operation> a = A.operations().toList();
    assertTrue(
        a.get(at(A, send(transfer("conv3", Direction.FORWARD, 0, 1))) - 1) instanceof LrnPoolFprop);
    // The mask has been applied: dropout is the end of the product before.
    for (String layer : List.of("fc7", "fc8")) {
      List<Operation> b = B.operations().toList();
      Transfer leaving = transfer(layer, Direction.FORWARD, 1, 0);
      FcFprop maker = (FcFprop) b.get(at(B, send(leaving)) - 1);
      assertEquals(leaving.fromBuffer(), maker.y());
      assertTrue(maker.relu() && maker.dropout() != null && maker.accumulate(), layer);
    }
  }

  /** Towers have masks of their own: a unit of one says nothing about a unit of the other. */
  @Test
  void dropoutMasksOfTheTowersShareNoBits() {
    for (int t = 0; t < 2; t++) {
      long first = t * 4L * 2048;
      assertEquals(
          2,
          PLAN.towers()
              .get(t)
              .operations()
              .filter(o -> o instanceof FcFprop f && f.dropout() != null)
              .filter(o -> ((FcFprop) o).dropout().first() == first)
              .count());
    }
  }

  @Test
  void theGradientForTheOtherTowerLeavesBeforeAnythingElseIsDone() {
    for (String layer : List.of("conv3", "fc6", "fc7", "fc8")) {
      for (TowerPlan tower : layer.equals("fc8") ? List.of(A) : PLAN.towers()) {
        int me = tower.tower();
        Transfer leaving = transfer(layer, Direction.BACKWARD, me, 1 - me);
        int made = at(tower, dgradInto(leaving.fromBuffer()));
        assertEquals(made + 1, at(tower, send(leaving)), layer);
        int first = at(tower, o -> o == firstBackward(tower, layer));
        assertEquals(made, first, layer);
      }
    }
  }

  private static Operation firstBackward(TowerPlan tower, String layer) {
    return tower.backward().stream().filter(o -> o.layer().equals(layer)).findFirst().orElseThrow();
  }

  /** All work of the layer hides the exchange; then partial gradients are added, a first. */
  @Test
  void whatArrivesIsAddedLastInTheOrderOfTheTowers() {
    for (String layer : List.of("conv3", "fc6", "fc7")) {
      for (TowerPlan tower : PLAN.towers()) {
        int me = tower.tower();
        Transfer arriving = transfer(layer, Direction.BACKWARD, 1 - me, me);
        int add = at(tower, o -> o instanceof Add && o.layer().equals(layer));
        List<Operation> operations = tower.operations().toList();
        assertEquals(add - 1, at(tower, receive(arriving)), layer);
        assertTrue(
            operations.subList(0, add - 1).stream()
                .anyMatch(
                    o ->
                        o.getClass().getSimpleName().contains("Wgrad") && o.layer().equals(layer)));
        assertTrue(
            operations.subList(add + 1, operations.size()).stream()
                .noneMatch(o -> o.layer().equals(layer)),
            layer);
        Add sum = (Add) operations.get(add);
        int fromA = me == 0 ? sum.a() : arriving.toBuffer();
        int fromB = me == 0 ? arriving.toBuffer() : sum.b();
        assertEquals(List.of(fromA, fromB), List.of(sum.a(), sum.b()), layer);
      }
    }
  }

  @Test
  void fc8AndTheLossAreOnTowerA() {
    assertEquals(1, A.operations().filter(o -> o instanceof SoftmaxLoss).count());
    assertEquals(0, B.operations().filter(o -> o instanceof SoftmaxLoss).count());
    assertTrue(A.parameters().stream().anyMatch(p -> p.layer().equals("fc8")));
    assertTrue(B.parameters().stream().noneMatch(p -> p.layer().equals("fc8")));
    assertTrue(
        B.operations()
            .filter(o -> o.layer().equals("fc8"))
            .allMatch(o -> o instanceof Send || o instanceof Receive));
  }

  /**
   * Of two ranks: a convolution's gradients move from when they are complete, its weights from when
   * the next convolution on the way back has come as far; both beside what is left of the way back.
   */
  @Test
  void whatRanksShareMovesBesideTheWayBack() {
    Plan plan =
        Planner.plan(
            AlexNet.paper2012(),
            4,
            Purpose.TRAIN,
            Mean.CHANNEL,
            1,
            new Slicing(4, false),
            new RankPart(1, 2));
    for (TowerPlan tower : plan.towers()) {
      for (int conv = 1; conv <= 5; conv++) {
        String layer = "conv" + conv;
        ParameterSpec weight =
            tower.parameters().stream()
                .filter(p -> p.layer().equals(layer) && p.part() == ParameterSpec.Part.WEIGHT)
                .findFirst()
                .orElseThrow();
        int sent = last(tower, o -> o.layer().equals(layer) && o instanceof BeginAlltoall);
        int given = at(tower, o -> o instanceof BeginAllgather g && g.buffer() == weight.value());
        int taken = at(tower, o -> o instanceof AwaitMove a && a.from() == weight.value());
        assertTrue(last(tower, o -> o.layer().equals(layer) && o instanceof ConvWgrad) < sent);
        assertTrue(sent < given && given < taken, layer);
        if (conv > 2) {
          String next = "conv" + (conv - 2);
          assertTrue(
              given < last(tower, o -> o.layer().equals(next) && o instanceof ConvWgrad), layer);
        }
        assertTrue(last(tower, BeginAllgather.class::isInstance) < taken, "none waits too soon");
      }
    }
  }

  private static int last(TowerPlan tower, Predicate<Operation> wanted) {
    List<Operation> operations = tower.operations().toList();
    return IntStream.range(0, operations.size())
        .filter(i -> wanted.test(operations.get(i)))
        .max()
        .orElseThrow();
  }
}
