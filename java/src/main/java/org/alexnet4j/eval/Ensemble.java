package org.alexnet4j.eval;

import com.google.common.collect.ImmutableList;
import java.util.Collections;
import java.util.List;
import org.alexnet4j.data.Batch;
import org.alexnet4j.tower.StepResult;

/**
 * Networks whose class probabilities are averaged, as the paper's five and seven were (section 6);
 * the source gave them shares that were tuned on validation images (D16). Threads: one caller.
 */
public final class Ensemble {
  private final ImmutableList<Evaluator> members;
  private final double[] shares;

  /**
   * Creates an ensemble.
   *
   * @param members networks of the same classes that read stored images of the same size
   * @param shares of the members in the average, 0 or more, their sum above 0 and whatever it is;
   *     equal ones if empty
   * @throws IllegalArgumentException if there are as many shares as not members, or one is below 0
   */
  public Ensemble(List<Evaluator> members, List<Float> shares) {
    this.members = ImmutableList.copyOf(members);
    this.shares = parts(shares, members.size(), "networks");
  }

  /**
   * Returns the shares of members so that they add up to 1.
   *
   * @param what the members are called
   * @throws IllegalArgumentException as the constructor
   */
  static double[] parts(List<Float> shares, int members, String what) {
    double[] parts = normalised(shares.isEmpty() ? Collections.nCopies(members, 1f) : shares);
    if (parts.length != members) {
      throw new IllegalArgumentException(
          "shares are "
              + shares
              + "; allowed: one for each of the "
              + members
              + " "
              + what
              + ", or none for equal ones");
    }
    return parts;
  }

  private static double[] normalised(List<Float> shares) {
    double sum = 0;
    for (float share : shares) {
      if (!(share >= 0 && share <= Float.MAX_VALUE)) {
        throw new IllegalArgumentException("a share is " + share + "; allowed: 0 or more");
      }
      sum += share;
    }
    if (sum == 0) {
      throw new IllegalArgumentException("shares are " + shares + "; allowed: one above 0");
    }
    double[] parts = new double[shares.size()];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = shares.get(i) / sum;
    }
    return parts;
  }

  /** Returns how many networks there are. */
  public int size() {
    return members.size();
  }

  /**
   * Evaluates a batch whose labels are known; its windows are overwritten.
   *
   * @return loss and errors of the averaged probabilities
   */
  public StepResult evaluate(Batch batch) {
    return Evaluator.measure(probabilities(batch), members.get(0).classes(), batch);
  }

  /** Returns the averaged probabilities of a batch; its windows are overwritten. */
  public float[] probabilities(Batch batch) {
    double[] sums = new double[batch.count() * members.get(0).classes()];
    for (int m = 0; m < shares.length; m++) {
      float[] probabilities = members.get(m).probabilities(batch);
      for (int i = 0; i < sums.length; i++) {
        sums[i] += shares[m] * probabilities[i];
      }
    }
    return rounded(sums);
  }

  /** Returns averages as probabilities. */
  static float[] rounded(double[] sums) {
    float[] average = new float[sums.length];
    for (int i = 0; i < sums.length; i++) {
      average[i] = (float) sums[i];
    }
    return average;
  }
}
