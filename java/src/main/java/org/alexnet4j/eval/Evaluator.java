package org.alexnet4j.eval;

import java.util.Arrays;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.Batch;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.tower.Towers;

/**
 * Computes class probabilities and errors of batches. Ten views average probabilities, not logits
 * (fact sheet 7). Threads: one caller.
 */
public final class Evaluator {
  private final Towers towers;
  private final Views views;
  private final Augmentation centre;
  private final float[] sums;
  private float[] last = new float[0];

  /**
   * Creates an evaluator.
   *
   * @param towers parameters and mean written
   * @param views crops per image
   */
  public Evaluator(Towers towers, Views views) {
    this.towers = towers;
    this.views = views;
    this.centre = Augmentation.centre(towers.plan().spec().inputSize());
    this.sums = new float[towers.plan().batch() * towers.plan().spec().classes()];
  }

  /**
   * Evaluates a batch whose labels are known; its windows are overwritten.
   *
   * @param batch no more images than the network takes
   * @return loss and errors of the (averaged) probabilities
   */
  public StepResult evaluate(Batch batch) {
    return measure(probabilities(batch), classes(), batch);
  }

  /** Returns how many classes the network tells apart. */
  int classes() {
    return towers.plan().spec().classes();
  }

  /** Returns loss and errors of probabilities, {@code [count,classes]}. */
  static StepResult measure(float[] probabilities, int classes, Batch batch) {
    return measure(probabilities, classes, Arrays.copyOf(batch.labels(), batch.count()));
  }

  /** Returns loss and errors of probabilities, {@code [labels,classes]}. */
  static StepResult measure(float[] probabilities, int classes, int[] labels) {
    double loss = 0;
    double top1 = 0;
    double top5 = 0;
    for (int i = 0; i < labels.length; i++) {
      float[] row = Arrays.copyOfRange(probabilities, i * classes, (i + 1) * classes);
      int label = labels[i];
      loss -= Math.log(row[label]);
      top1 += share(row, label, 1);
      top5 += share(row, label, Math.min(5, classes));
    }
    return new StepResult(labels.length, loss, top1, top5);
  }

  /**
   * Returns the probabilities of a batch, {@code [count,classes]}; its windows are overwritten.
   *
   * @param batch no more images than the network takes
   * @return valid until the next call
   */
  public float[] probabilities(Batch batch) {
    int count = batch.count() * towers.plan().spec().classes();
    if (views == Views.CENTRE) {
      last = view(batch, -1);
      return last;
    }
    Arrays.fill(sums, 0, count, 0);
    for (int view = 0; view < Augmentation.VIEWS; view++) {
      float[] one = view(batch, view);
      for (int i = 0; i < count; i++) {
        sums[i] += one[i];
      }
    }
    for (int i = 0; i < count; i++) {
      sums[i] /= Augmentation.VIEWS;
    }
    return sums;
  }

  private float[] view(Batch batch, int view) {
    if (view < 0) {
      for (int i = 0; i < batch.count(); i++) {
        centre.window(0, 0, 0, 0, batch.source(), batch.crops(), 3 * i);
      }
    } else {
      batch.setView(centre, view);
    }
    towers.load(batch.count(), batch.images(), batch.crops(), null, null);
    towers.evaluate();
    return towers.probabilities();
  }

  /**
   * Returns how much of one correct answer lies among the first {@code k} classes: 1, 0, or the
   * chance if equal probabilities straddle the border (fact sheet 7); NaN if the class's own
   * probability is NaN, as in the kernel of training.
   */
  static double share(float[] row, int label, int k) {
    if (Float.isNaN(row[label])) {
      return Double.NaN;
    }
    int above = 0;
    int equal = 0;
    for (float p : row) {
      if (p > row[label]) {
        above++;
      } else if (p == row[label]) {
        equal++;
      }
    }
    return above >= k ? 0 : Math.min(1, (double) (k - above) / equal);
  }

  /**
   * {@return the classes of a row by falling probability, equal ones by index}
   *
   * @param probabilities of several images
   * @param offset first value of the row
   * @param classes values of a row
   */
  public static int[] ranked(float[] probabilities, int offset, int classes) {
    Integer[] order = new Integer[classes];
    Arrays.setAll(order, i -> i);
    Arrays.sort(
        order, (a, b) -> Float.compare(probabilities[offset + b], probabilities[offset + a]));
    return Arrays.stream(order).mapToInt(Integer::intValue).toArray();
  }
}
