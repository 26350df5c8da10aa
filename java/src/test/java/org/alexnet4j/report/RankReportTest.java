package org.alexnet4j.report;

import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableList;
import java.util.List;
import java.util.Map;
import org.alexnet4j.net.AlexNet;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.cost.StepModel;
import org.alexnet4j.plan.cost.StepModel.Link;
import org.alexnet4j.plan.cost.Work.DeviceRates;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.RankPart;
import org.alexnet4j.shape.Slicing;
import org.junit.jupiter.api.Test;

/** What a model says of several ranks, by its formulas. */
class RankReportTest {
  private static final long PARAMETERS = 60_965_224;
  private static final DeviceRates RATES = new DeviceRates(30e12, 4e12);
  private static final Link NETWORK = new Link(50e9, 5e-6);

  private static Plan whole(int batch) {
    return Planner.plan(AlexNet.paper2012(), batch, Purpose.TRAIN, Mean.CHANNEL, 0);
  }

  private static Plan part(int ranks) {
    return Planner.plan(
        AlexNet.paper2012(),
        32,
        Purpose.TRAIN,
        Mean.CHANNEL,
        0,
        new Slicing(8, false),
        new RankPart(0, ranks));
  }

  @Test
  void parallelOverImagesIsARanksImagesAndARing() {
    RankReport report =
        new RankReport(
            ImmutableList.of(part(1), part(8)),
            ImmutableList.of(whole(32), whole(4)),
            RATES,
            Link.NONE,
            NETWORK);
    List<?> ranks = (List<?>) report.json().get("ranks");
    double ring = 2 * 7 * 5e-6 + 2 * 7 / 8.0 * 4 * PARAMETERS / 50e9;
    assertEquals(
        StepModel.apart(whole(32), RATES, Link.NONE).seconds(), seconds(ranks.get(0)), 1e-12);
    assertEquals(
        StepModel.apart(whole(4), RATES, Link.NONE).seconds() + ring, seconds(ranks.get(1)), 1e-9);
  }

  private static double seconds(Object one) {
    return (double) ((Map<?, ?>) one).get("predictedSecondsOverImages");
  }
}
