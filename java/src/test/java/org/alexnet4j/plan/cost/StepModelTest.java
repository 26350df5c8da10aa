package org.alexnet4j.plan.cost;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.Stream;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.cost.StepModel.Link;
import org.alexnet4j.plan.cost.Work.DeviceRates;
import org.junit.jupiter.api.Test;

/** The predicted step follows from work, bytes and link, and from nothing else. */
class StepModelTest {
  /** A GTX 580 by its data sheet, and PCIe 2.0 as it was measured then. */
  private static final DeviceRates GTX_580 = new DeviceRates(1581e9, 192.4e9);

  private static final Link PCIE_2 = new Link(6e9, 10e-6);

  private static Plan plan(String preset) {
    Configuration c = ConfigReader.preset(preset);
    return Planner.plan(c.network(), 128, Purpose.TRAIN, c.mean(), 0);
  }

  private final Plan paper = plan("paper-2012");

  @Test
  void arithmeticOfTheStepIsThatOfThePaper() {
    double flops =
        paper.towers().stream()
            .flatMap(
                t ->
                    Stream.concat(t.forward().stream(), t.backward().stream())
                        .map(o -> Work.of(o, t).flops()))
            .mapToDouble(f -> f)
            .sum();
    // Forward, and backward twice but for the gradient of the images.
    long conv1 = paper.layers().get(0).macs();
    assertEquals(2.0 * 128 * (3 * paper.macs() - conv1), flops, 1);
  }

  @Test
  void aStepNeedsAtLeastTheBusiestTowerAndAtMostBothInTurn() {
    StepModel atOnce = StepModel.apart(paper, GTX_580, Link.NONE);
    double busiest = atOnce.computeSeconds().stream().mapToDouble(s -> s).max().orElseThrow();
    assertTrue(atOnce.seconds() >= busiest);
    assertTrue(atOnce.seconds() < StepModel.together(paper, GTX_580));
    for (int t = 0; t < 2; t++) {
      double own = atOnce.computeSeconds().get(t) + atOnce.waitSeconds().get(t);
      assertTrue(own <= atOnce.seconds() * (1 + 1e-12));
    }
  }

  @Test
  void ownPlanesHideTheExchangeUntilTheLinkIsTooSlow() {
    double atOnce = StepModel.apart(paper, GTX_580, Link.NONE).seconds();
    assertEquals(atOnce, StepModel.apart(paper, GTX_580, PCIE_2).seconds());
    double before = atOnce;
    for (double rate : new double[] {0.5e9, 0.1e9, 0.05e9}) {
      double seconds = StepModel.apart(paper, GTX_580, new Link(rate, 10e-6)).seconds();
      assertTrue(seconds > before, rate + " B/s");
      before = seconds;
    }
  }

  @Test
  void twoSlowGpusAreQuickerThanOneWithThePapersOneGpuNetwork() {
    double two = StepModel.apart(paper, GTX_580, PCIE_2).seconds();
    double one = StepModel.together(plan("one-gpu-2012"), GTX_580);
    assertTrue(two < one, two + " and " + one);
    assertTrue(two > 0.8 * one, "slightly: " + two + " and " + one);
  }

  @Test
  void oneTowerHasNothingToExchange() {
    StepModel model = StepModel.apart(plan("one-gpu-2012"), GTX_580, PCIE_2);
    assertEquals(0, model.transferSeconds().size());
    assertEquals(0, model.waitSeconds().get(0));
    assertEquals(model.seconds(), model.computeSeconds().get(0));
  }

  @Test
  void ratesThatCannotBeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new DeviceRates(0, 1));
    assertThrows(IllegalArgumentException.class, () -> new DeviceRates(1, Double.NaN));
    assertThrows(IllegalArgumentException.class, () -> new Link(1, -1));
  }
}
