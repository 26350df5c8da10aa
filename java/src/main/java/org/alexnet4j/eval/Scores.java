package org.alexnet4j.eval;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.List;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.tower.StepResult;

/** Adds up loss and errors of a labelled set, and passes the probabilities on. One caller. */
public final class Scores implements ProbabilityRows {
  private final Dataset images;
  private final int classes;
  private final ImmutableList<ProbabilityRows> others;
  private StepResult sum = StepResult.NONE;

  /**
   * Begins with none.
   *
   * @param images of which the labels are known
   * @param others who hears of all rows as well
   */
  public Scores(Dataset images, List<ProbabilityRows> others) {
    this.images = images;
    this.classes = images.classes().size();
    this.others = ImmutableList.copyOf(others);
  }

  @Override
  public void at(int first, int count, float[] probabilities) throws IOException {
    int[] labels = new int[count];
    for (int i = 0; i < count; i++) {
      labels[i] = images.label(first + i);
    }
    sum = sum.plus(Evaluator.measure(probabilities, classes, labels));
    for (ProbabilityRows other : others) {
      other.at(first, count, probabilities);
    }
  }

  /** {@return loss and errors of the images so far} */
  public StepResult sum() {
    return sum;
  }
}
