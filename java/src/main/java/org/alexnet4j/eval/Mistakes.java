package org.alexnet4j.eval;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.alexnet4j.data.Dataset;

/**
 * Keeps those images of a labelled set that are taken for another class, the surest first. An image
 * whose own class ties for the first place is none of them. One caller.
 *
 * @hidden
 */
public final class Mistakes implements ProbabilityRows {
  /**
   * An image that was taken for another class.
   *
   * @param image place in the set
   * @param label its own class
   * @param guess the likeliest class, of equal ones the first
   * @param probability of the guess
   * @hidden
   */
  public record Mistake(int image, int label, int guess, float probability) {}

  private static final Comparator<Mistake> SUREST_FIRST =
      Comparator.comparing(Mistake::probability)
          .reversed()
          .thenComparing(Comparator.comparingInt(Mistake::image));

  private final Dataset images;
  private final int classes;
  private final int most;
  private final PriorityQueue<Mistake> kept = new PriorityQueue<>(SUREST_FIRST.reversed());
  private int count;

  /**
   * Begins with none.
   *
   * @param images the data set
   * @param most that are kept
   */
  public Mistakes(Dataset images, int most) {
    this.images = images;
    this.classes = images.classes().size();
    this.most = most;
  }

  @Override
  public void at(int first, int rows, float[] probabilities) {
    for (int i = 0; i < rows; i++) {
      float[] row = Arrays.copyOfRange(probabilities, i * classes, (i + 1) * classes);
      int label = images.label(first + i);
      if (Evaluator.share(row, label, 1) == 0) {
        int guess = Evaluator.ranked(row, 0, classes)[0];
        kept.add(new Mistake(first + i, label, guess, row[guess]));
        count++;
        if (kept.size() > most) {
          kept.remove();
        }
      }
    }
  }

  /** {@return those that are kept, the surest first, equal ones in the order of the set} */
  public List<Mistake> surest() {
    List<Mistake> sorted = new ArrayList<>(kept);
    sorted.sort(SUREST_FIRST);
    return sorted;
  }

  /** {@return how many there were} */
  public int count() {
    return count;
  }
}
