package org.alexnet4j.plan.cost;

import java.util.function.Predicate;
import org.alexnet4j.plan.Plan;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.shape.Shapes;

/** Finds how many images fit. */
public final class LargestBatch {
  private LargestBatch() {}

  /**
   * Returns the largest batch with which the same network, laid out for the same purpose, fits.
   *
   * @param fits false for every batch above one for which it is false
   * @return images, or 0 if not even one fits
   */
  public static int of(Plan plan, Predicate<Plan> fits) {
    int slices = plan.slicing().count();
    int low = 0;
    int high = Shapes.MAX_BATCH / slices;
    while (low < high) {
      int middle = (low + high + 1) / 2;
      Plan larger =
          Planner.plan(
                  plan.spec(),
                  middle * slices,
                  plan.purpose(),
                  plan.mean(),
                  plan.seed(),
                  plan.slicing(),
                  plan.part())
              .in(plan.arithmetic());
      if (fits.test(larger)) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low * slices;
  }
}
