package org.alexnet4j.eval;

import java.util.Arrays;
import java.util.Comparator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.alexnet4j.data.Dataset;

/**
 * One of some parts of a set's images. The images of a class take turns in their order, and a class
 * goes on where the one before it has ended: every part has its share of each class, and all parts
 * are of one size, but for one image each.
 *
 * @param which from 1
 * @param of how many parts there are, 2 or more
 * @hidden
 */
public record ImagePart(int which, int of) {
  private static final Pattern TEXT = Pattern.compile("([0-9]{1,3})/([0-9]{1,3})");

  /**
   * Checks the numbers.
   *
   * @param which from 1
   * @param of how many parts there are, 2 or more
   */
  public ImagePart {
    if (of < 2 || which < 1 || which > of) {
      throw refused(which + "/" + of);
    }
  }

  /**
   * Reads {@code 1/2}.
   *
   * @param text part and count, from 1
   * @return the part
   * @throws IllegalArgumentException if it is no part, or all images
   */
  public static ImagePart of(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw refused(text);
    }
    return new ImagePart(Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2)));
  }

  private static IllegalArgumentException refused(String text) {
    return new IllegalArgumentException(
        "'" + text + "' is no part; allowed: one of two parts or more, as in 1/2, 2/2");
  }

  /**
   * {@return the images of this part}
   *
   * @param whole all images
   */
  public ChosenImages in(Dataset whole) {
    return chosen(whole, true);
  }

  /**
   * {@return the images of the other parts}
   *
   * @param whole all images
   */
  public ChosenImages outside(Dataset whole) {
    return chosen(whole, false);
  }

  private ChosenImages chosen(Dataset whole, boolean inside) {
    Integer[] byClass = IntStream.range(0, whole.size()).boxed().toArray(Integer[]::new);
    Arrays.sort(byClass, Comparator.comparingInt(whole::label)); // stable
    int[] places =
        IntStream.range(0, byClass.length)
            .filter(turn -> inside == (turn % of == which - 1))
            .map(turn -> byClass[turn])
            .sorted()
            .toArray();
    return new ChosenImages(whole, places);
  }

  /** Returns it as it is written. */
  @Override
  public String toString() {
    return which + "/" + of;
  }
}
