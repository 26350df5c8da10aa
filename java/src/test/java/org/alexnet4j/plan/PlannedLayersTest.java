package org.alexnet4j.plan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.util.List;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerSpec.Softmax;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.shape.InputShape.Mean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a plan says of its layers, and which gradients it asks for. */
class PlannedLayersTest {
  private static Plan paper(Purpose purpose) {
    return Planner.plan(ConfigReader.preset("paper-2012").network(), 2, purpose, Mean.CHANNEL, 0);
  }

  /** Fused layers too; both towers compute all but the last two. */
  @ParameterizedTest
  @EnumSource(Purpose.class)
  void everyLayerIsSummarisedInOrder(Purpose purpose) {
    Plan plan = paper(purpose);
    List<String> names = plan.spec().layers().stream().map(LayerSpec::name).toList();
    assertEquals(names, plan.layers().stream().map(LayerSummary::name).toList());
    for (LayerSummary layer : plan.layers()) {
      boolean last = layer.name().equals("fc8") || layer.name().equals("softmax");
      assertEquals(last ? 1 : 2, layer.outputTowers(), layer.name());
    }
  }

  @ParameterizedTest
  @EnumSource(Purpose.class)
  void nobodyAsksForTheGradientOfTheImages(Purpose purpose) {
    for (TowerPlan tower : paper(purpose).towers()) {
      assertFalse(
          tower
              .operations()
              .anyMatch(o -> o instanceof Operation.ConvDgrad d && d.layer().equals("conv1")));
    }
  }

  /** To look at, every gradient stays; in training a rectifier's takes the place of its input. */
  @Test
  void gradientsStayWhereSomebodyLooksAtThem() {
    int seen = 0;
    for (Purpose purpose : List.of(Purpose.INSPECT, Purpose.TRAIN)) {
      for (TowerPlan tower : paper(purpose).towers()) {
        for (Operation operation : tower.backward()) {
          if (operation instanceof Operation.ReluBprop relu) {
            seen += place(purpose, relu.dy(), relu.dx());
          } else if (operation instanceof Operation.DropoutBprop dropout) {
            seen += place(purpose, dropout.dy(), dropout.dx());
          }
        }
      }
    }
    assertTrue(seen >= 2 * 9, "rectifiers and dropouts of two towers: " + seen);
  }

  private static int place(Purpose purpose, int dy, int dx) {
    if (purpose == Purpose.INSPECT) {
      assertNotEquals(dy, dx);
    } else {
      assertEquals(dy, dx);
    }
    return 1;
  }

  @Test
  void onlyOneTowerMayBeginFullyConnected() {
    Parameters parameters = new Parameters(0.1f, 0, 1, 1, 0);
    ImmutableList<LayerSpec> layers =
        ImmutableList.of(new Fc("fc", 10, true, parameters), new Softmax("softmax"));
    NetworkSpec one = new NetworkSpec("one", 1, 28, 32, layers);
    NetworkSpec two = new NetworkSpec("two", 2, 28, 32, layers);
    assertEquals(2, Planner.plan(one, 2, Purpose.TRAIN, Mean.CHANNEL, 0).layers().size());
    assertThrows(
        IllegalArgumentException.class, () -> Planner.plan(two, 2, Purpose.TRAIN, Mean.CHANNEL, 0));
  }
}
