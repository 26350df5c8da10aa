package org.alexnet4j.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.Iterables;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.alexnet4j.net.AlexNet;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Softmax;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.MemoryPlan.Life;
import org.alexnet4j.plan.Transfer.Direction;
import org.alexnet4j.plan.cost.LargestBatch;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.SgdShape;
import org.junit.jupiter.api.Test;

/** The numbers that the paper's network must come out with (fact sheet 1.3 and 8). */
class PlannerTest {
  private static Plan paper(int batch, Purpose purpose) {
    return Planner.plan(AlexNet.paper2012(), batch, purpose, Mean.CHANNEL, 1);
  }

  private static String size(Plan plan, String layer) {
    return plan.layers().stream()
        .filter(l -> l.name().equals(layer))
        .map(l -> l.output().toString())
        .findFirst()
        .orElseThrow();
  }

  @Test
  void paperHasItsParametersOnEachTower() {
    Plan plan = paper(2, Purpose.TRAIN);
    assertEquals(60_965_224, plan.parameterCount());
    assertEquals(32_531_112, plan.towers().get(0).parameterCount());
    assertEquals(28_434_112, plan.towers().get(1).parameterCount());
  }

  @Test
  void paperHasItsWorkAndNeurons() {
    Plan plan = paper(3, Purpose.TRAIN);
    assertEquals(724_406_816, plan.macs());
    assertEquals(659_272, plan.neurons());
  }

  @Test
  void paperHasItsSizes() {
    Plan plan = paper(1, Purpose.INFER);
    assertEquals("55x55x48", size(plan, "conv1"));
    assertEquals("27x27x48", size(plan, "pool1"));
    assertEquals("27x27x128", size(plan, "conv2"));
    assertEquals("13x13x128", size(plan, "pool2"));
    assertEquals("13x13x192", size(plan, "conv4"));
    assertEquals("6x6x128", size(plan, "pool5"));
    assertEquals("1x1x2048", size(plan, "fc7"));
    assertEquals("1x1x1000", size(plan, "softmax"));
  }

  @Test
  void inputOf227HasTheSameSizes() {
    Plan plan =
        Planner.plan(AlexNet.paper2012().withInputSize(227), 1, Purpose.INFER, Mean.CHANNEL, 1);
    assertEquals("55x55x48", size(plan, "conv1"));
    assertEquals(724_406_816, plan.macs());
  }

  @Test
  void exchangeMovesTheBytesOfTheFactSheet() {
    ExchangePlan exchange = paper(128, Purpose.TRAIN).exchange();
    long pool2 = 128L * 13 * 13 * 128 * 4;
    long pool5 = 128L * 4608 * 4;
    long fc = 128L * 2048 * 4;
    assertEquals(pool2 + pool5 + fc, exchange.bytes(Direction.FORWARD, 0, 1));
    assertEquals(pool2 + pool5 + fc + fc, exchange.bytes(Direction.FORWARD, 1, 0));
    assertEquals(pool2 + pool5 + fc + fc, exchange.bytes(Direction.BACKWARD, 0, 1));
    assertEquals(pool2 + pool5 + fc, exchange.bytes(Direction.BACKWARD, 1, 0));
    assertEquals(14, exchange.transfers().size());
  }

  @Test
  void onlyPool2Pool5AndDroppedLayersCross() {
    List<String> planes =
        paper(1, Purpose.TRAIN).exchange().transfers().stream()
            .map(Transfer::plane)
            .distinct()
            .sorted()
            .toList();
    assertEquals(List.of("drop6", "drop7", "pool2", "pool5"), planes);
  }

  private static List<String> operations(Plan plan) {
    return plan.towers().stream()
        .flatMap(t -> Stream.concat(t.forward().stream(), t.backward().stream()))
        .map(o -> o.getClass().getSimpleName() + " " + o.layer())
        .distinct()
        .toList();
  }

  @Test
  void trainingHasNoOperationThatAnotherCanDo() {
    List<String> operations = operations(paper(1, Purpose.TRAIN));
    assertTrue(operations.contains("FcWgradUpdate fc6"), operations::toString);
    for (String name : List.of("BiasGrad", "ReluFprop", "Dropout", "FcWgrad ")) {
      assertTrue(operations.stream().noneMatch(o -> o.startsWith(name)), name);
    }
    for (String layer : List.of("relu3", "relu4", "relu6", "relu7")) {
      assertTrue(operations.stream().noneMatch(o -> o.endsWith(layer)), layer);
    }
    assertTrue(
        paper(1, Purpose.TRAIN).towers().get(0).buffers().stream()
            .noneMatch(b -> b.name().startsWith("grad.fc6.weight")));
  }

  @Test
  void oneOperationUpdatesWhatHasAStoredGradient() {
    for (TowerPlan tower : paper(1, Purpose.TRAIN).towers()) {
      List<Operation.SgdUpdate> updates = updates(tower);
      assertEquals(1, updates.size());
      assertEquals(updates.get(0), Iterables.getLast(tower.backward()));
      Set<ParameterSpec> updated = new HashSet<>(updates.get(0).parameters());
      tower.backward().stream()
          .filter(o -> o instanceof Operation.FcWgradUpdate)
          .forEach(o -> assertTrue(updated.add(((Operation.FcWgradUpdate) o).parameter())));
      assertEquals(Set.copyOf(tower.parameters()), updated);
    }
  }

  @Test
  void frozenLayersAreNotUpdated() {
    Parameters frozen = new Parameters(0.1f, 0, 0, 0, 0);
    NetworkSpec spec =
        AlexNet.paper2012()
            .withLayers(
                layer -> {
                  if (layer instanceof Conv c) {
                    return new Conv(
                        c.name(), c.maps(), c.kernel(), c.stride(), c.pad(), c.reads(), frozen);
                  }
                  return layer instanceof Fc f && f.name().equals("fc7")
                      ? new Fc(f.name(), f.units(), f.firstTowerOnly(), frozen)
                      : layer;
                });
    Plan plan = Planner.plan(spec, 1, Purpose.TRAIN, Mean.CHANNEL, 1);
    assertEquals(List.of("fc6.bias", "fc8.bias"), updated(plan.towers().get(0)));
    assertEquals(List.of("fc6.bias"), updated(plan.towers().get(1)));
  }

  @Test
  void aFrozenFullyConnectedLayerHasAGradientAndNoUpdate() {
    NetworkSpec spec =
        AlexNet.paper2012()
            .withLayers(
                layer ->
                    layer instanceof Fc f && f.name().equals("fc7")
                        ? new Fc(
                            f.name(),
                            f.units(),
                            f.firstTowerOnly(),
                            new Parameters(0.1f, 0, 0, 0, 0))
                        : layer);
    for (TowerPlan tower : Planner.plan(spec, 1, Purpose.TRAIN, Mean.CHANNEL, 1).towers()) {
      Set<String> atOnce = new HashSet<>();
      for (Operation operation : tower.backward()) {
        if (operation instanceof Operation.FcWgradUpdate update) {
          atOnce.add(update.parameter().tensor());
        }
      }
      assertFalse(atOnce.contains("fc7.weight"), atOnce.toString());
      assertTrue(atOnce.contains("fc6.weight"), atOnce.toString());
      for (ParameterSpec parameter : tower.parameters()) {
        if (parameter.tensor().startsWith("fc7.")) {
          assertTrue(parameter.gradient() >= 0, parameter.tensor());
        }
      }
    }
  }

  /** As in files of weights: convolutions [K,C,R,S], fully-connected layers [K,C], biases [K]. */
  @Test
  void wholeTensorsHaveTheShapesOfThePaper() {
    Map<String, List<Long>> shapes = new HashMap<>();
    for (TensorSpec tensor : TensorSpec.of(paper(1, Purpose.INFER))) {
      shapes.put(tensor.name(), tensor.shape());
    }
    assertEquals(List.of(96L, 3L, 11L, 11L), shapes.get("conv1.weight"));
    assertEquals(List.of(256L, 48L, 5L, 5L), shapes.get("conv2.weight"));
    assertEquals(List.of(384L, 256L, 3L, 3L), shapes.get("conv3.weight"));
    assertEquals(List.of(4096L, 9216L), shapes.get("fc6.weight"));
    assertEquals(List.of(1000L, 4096L), shapes.get("fc8.weight"));
    assertEquals(List.of(4096L), shapes.get("fc6.bias"));
  }

  private static List<Operation.SgdUpdate> updates(TowerPlan tower) {
    return tower.backward().stream()
        .filter(o -> o instanceof Operation.SgdUpdate)
        .map(o -> (Operation.SgdUpdate) o)
        .toList();
  }

  private static List<String> updated(TowerPlan tower) {
    return updates(tower).stream()
        .flatMap(u -> u.parameters().stream().map(ParameterSpec::tensor))
        .toList();
  }

  @Test
  void moreArraysThanOneUpdateTakesAreUpdatedByTwo() {
    Parameters start = new Parameters(0.1f, 0, 1, 1, 0);
    List<LayerSpec> layers = new ArrayList<>();
    for (int i = 0; i < SgdShape.MOST_ARRAYS / 2 + 1; i++) {
      layers.add(new Conv("conv" + i, 8, 1, 1, 0, Reads.TOWER, start));
    }
    layers.add(new Fc("fc", 4, true, start));
    layers.add(new Softmax("softmax"));
    NetworkSpec spec = new NetworkSpec("deep", 1, 4, 4, ImmutableList.copyOf(layers));
    TowerPlan tower = Planner.plan(spec, 1, Purpose.TRAIN, Mean.CHANNEL, 1).towers().get(0);
    assertEquals(
        List.of(SgdShape.MOST_ARRAYS, 3),
        updates(tower).stream().map(u -> u.parameters().size()).toList());
  }

  @Test
  void inspectionHasEveryOperation() {
    List<String> operations = operations(paper(1, Purpose.INSPECT));
    for (String operation :
        List.of("BiasGrad conv1", "ReluFprop relu1", "ReluBprop relu4", "DropoutBprop drop6")) {
      assertTrue(operations.contains(operation), operation);
    }
    assertTrue(operations.stream().noneMatch(o -> o.startsWith("FcWgradUpdate")));
  }

  @Test
  void buffersThatLiveTogetherDoNotOverlap() {
    for (Purpose purpose : Purpose.values()) {
      for (TowerPlan tower : paper(4, purpose).towers()) {
        checkPlaces(tower);
      }
    }
  }

  private static void checkPlaces(TowerPlan tower) {
    MemoryPlan memory = tower.memory();
    List<BufferSpec> placed =
        tower.buffers().stream().filter(b -> b.kind() != BufferSpec.Kind.IMAGES).toList();
    assertEquals(tower.buffers().size() - 1, placed.size());
    for (BufferSpec a : placed) {
      long startA = memory.offsets().get(a.id());
      assertTrue(startA >= 0 && startA + a.bytes() <= memory.bytes(), a.name());
      for (BufferSpec b : placed) {
        Life lifeA = memory.lives().get(a.id());
        Life lifeB = memory.lives().get(b.id());
        long startB = memory.offsets().get(b.id());
        boolean together = lifeA.overlaps(lifeB) && a.id() != b.id();
        boolean apart = startA + a.bytes() <= startB || startB + b.bytes() <= startA;
        assertTrue(!together || apart, a.name() + " and " + b.name());
      }
    }
  }

  @Test
  void trainingAtBatch128FitsIntoTwoGigabytes() {
    long bytes = paper(128, Purpose.TRAIN).bytes();
    assertTrue(bytes < 2_000_000_000L, "bytes: " + bytes);
  }

  @Test
  void largestBatchFitsAndTheNextDoesNot() {
    NetworkSpec spec = AlexNet.paper2012();
    long memory = 1_000_000_000L;
    int largest =
        LargestBatch.of(
            paper(1, Purpose.TRAIN),
            p -> p.towers().stream().allMatch(t -> t.memory().bytes() <= memory));
    assertTrue(largest > 0);
    assertTrue(towerBytes(spec, largest) <= memory);
    assertTrue(towerBytes(spec, largest + 1) > memory);
  }

  private static long towerBytes(NetworkSpec spec, int batch) {
    return Planner.plan(spec, batch, Purpose.TRAIN, Mean.CHANNEL, 0).towers().stream()
        .mapToLong(t -> t.memory().bytes())
        .max()
        .orElseThrow();
  }

  @Test
  void batchZeroIsRefused() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> paper(0, Purpose.TRAIN));
    assertEquals("batch is 0; allowed: 1 to 65,536", e.getMessage());
  }

  @Test
  void scaledWidthsStayMultiplesOfEight() {
    Plan plan =
        Planner.plan(
            AlexNet.paper2012().scaled(0.25).withClasses(10), 1, Purpose.TRAIN, Mean.CHANNEL, 1);
    assertEquals("55x55x16", size(plan, "conv1"));
    assertEquals("1x1x512", size(plan, "fc6"));
    assertEquals("1x1x10", size(plan, "fc8"));
  }
}
