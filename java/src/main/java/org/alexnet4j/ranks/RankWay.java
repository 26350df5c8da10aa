package org.alexnet4j.ranks;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.alexnet4j.text.Suggestion;

/** How bytes get from a device of one rank to that of another; all ways give the same bits. */
public enum RankWay {
  /** {@link #NCCL} where all ranks have GPUs of their own and NCCL opens; else {@link #HOST}. */
  AUTO,
  /** From GPU to GPU, by NVIDIA's NCCL. */
  NCCL,
  /** By way of memory of the hosts, by what connects the ranks. */
  HOST;

  /** The variable that chooses; of several ranks that of rank 0 counts. */
  public static final String VARIABLE = "ALEXNET_MOVES";

  /**
   * Reads the environment.
   *
   * @param environment as {@link System#getenv()}
   * @throws IllegalArgumentException for a word that is none of them; the text lists those
   */
  static RankWay of(Map<String, String> environment) {
    String text = environment.getOrDefault(VARIABLE, AUTO.toString());
    return Arrays.stream(values())
        .filter(way -> way.toString().equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    VARIABLE + " is '" + text + "'; " + Suggestion.allowed(text, names())));
  }

  /** Returns the words that are allowed. */
  public static List<String> names() {
    return Arrays.stream(values()).map(RankWay::toString).toList();
  }

  /** Returns the word as a person writes it. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
