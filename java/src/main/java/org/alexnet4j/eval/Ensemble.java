package org.alexnet4j.eval;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.Dataset;
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
  public Ensemble(List<Evaluator> members, List<? extends Number> shares) {
    this.members = ImmutableList.copyOf(members);
    this.shares = parts(shares, members.size(), "networks");
  }

  /**
   * Returns the shares of members so that they add up to 1.
   *
   * @param what the members are called
   * @throws IllegalArgumentException as the constructor
   */
  static double[] parts(List<? extends Number> shares, int members, String what) {
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

  private static double[] normalised(List<? extends Number> shares) {
    double sum = 0;
    for (Number share : shares) {
      double value = share.doubleValue();
      if (!(value >= 0 && value <= Float.MAX_VALUE)) {
        throw new IllegalArgumentException("a share is " + share + "; allowed: 0 or more");
      }
      sum += value;
    }
    if (sum == 0) {
      throw new IllegalArgumentException("shares are " + shares + "; allowed: one above 0");
    }
    double[] parts = new double[shares.size()];
    for (int i = 0; i < parts.length; i++) {
      parts[i] = shares.get(i).doubleValue() / sum;
    }
    return parts;
  }

  /** {@return how many networks there are} */
  public int size() {
    return members.size();
  }

  /**
   * Returns what each network by itself says of the own class of each image.
   *
   * @param images with known labels
   * @param threads threads that read images
   * @param batch images at a time, no more than the networks take
   * @param window side of what a network looks through, pixels
   * @return {@code [images,members]}
   * @throws IOException if an image cannot be read
   */
  public double[][] own(Dataset images, int threads, int batch, int window) throws IOException {
    double[][] own = new double[images.size()][members.size()];
    int classes = members.get(0).classes();
    int first = 0;
    try (BatchLoader loader =
        BatchLoader.sequential(images, batch)
            .threads(threads)
            .augmentation(Augmentation.centre(window))) {
      for (Batch next = loader.next(); next != null; next = loader.next()) {
        for (int m = 0; m < members.size(); m++) {
          float[] probabilities = members.get(m).probabilities(next);
          for (int i = 0; i < next.count(); i++) {
            own[first + i][m] = probabilities[i * classes + images.label(first + i)];
          }
        }
        first += next.count();
      }
    }
    return own;
  }

  /**
   * Evaluates a batch whose labels are known; its windows are overwritten.
   *
   * @param batch no more images than the networks take
   * @return loss and errors of the averaged probabilities
   */
  public StepResult evaluate(Batch batch) {
    return Evaluator.measure(probabilities(batch), members.get(0).classes(), batch);
  }

  /**
   * {@return the averaged probabilities of a batch; its windows are overwritten}
   *
   * @param batch no more images than the networks take
   */
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
