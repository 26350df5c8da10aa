package org.alexnet4j.text;

import java.util.Collection;
import java.util.Locale;
import java.util.Optional;

/**
 * Finds the known name that a mistyped one is nearest to: the fewest letters inserted, left out,
 * replaced, or swapped with their neighbour (Damerau and Levenshtein), case aside. Nothing is
 * suggested for a word that is further away than a third of its letters.
 */
public final class Suggestion {
  /** Longer texts are not a slip of the fingers, and comparing them takes their product. */
  private static final int MAX_LENGTH = 64;

  private Suggestion() {}

  /** Returns the nearest of the known names, the first of several, if one is near enough. */
  public static Optional<String> nearest(String given, Collection<String> known) {
    String word = given.toLowerCase(Locale.ROOT);
    if (word.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    String best = null;
    int least = 1 + Math.max(1, word.length() / 3);
    for (String name : known) {
      if (name.length() > MAX_LENGTH) {
        continue;
      }
      int distance = distance(word, name.toLowerCase(Locale.ROOT));
      if (distance < least && distance < name.length()) {
        least = distance;
        best = name;
      }
    }
    return Optional.ofNullable(best);
  }

  /**
   * Returns the end of a message about an unknown name: {@code did you mean 'conv'? allowed: conv,
   * fc}, or what is allowed alone.
   */
  public static String allowed(String given, Collection<String> known) {
    return nearest(given, known).map(name -> "did you mean '" + name + "'? ").orElse("")
        + "allowed: "
        + String.join(", ", known);
  }

  /** Returns how many single changes lead from one word to the other. */
  static int distance(String a, String b) {
    int[][] d = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          d[i][j] = i + j;
          continue;
        }
        int replaced = d[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        d[i][j] = Math.min(replaced, 1 + Math.min(d[i - 1][j], d[i][j - 1]));
        if (i > 1
            && j > 1
            && a.charAt(i - 1) == b.charAt(j - 2)
            && a.charAt(i - 2) == b.charAt(j - 1)) {
          d[i][j] = Math.min(d[i][j], d[i - 2][j - 2] + 1);
        }
      }
    }
    return d[a.length()][b.length()];
  }
}
