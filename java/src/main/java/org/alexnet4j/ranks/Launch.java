package org.alexnet4j.ranks;

import com.google.common.primitives.Ints;
import java.util.Map;

/**
 * What the environment says of a launcher that has started this process together with others;
 * nothing is joined or asked for it.
 *
 * @param rank which one of them this is, from 0 on
 * @param count how many there are; 1 also without a launcher
 */
public record Launch(int rank, int count) {
  /** A process that nobody has started together with others. */
  public static final Launch ALONE = new Launch(0, 1);

  /**
   * Reads the environment of a process.
   *
   * @param environment as {@link System#getenv()}
   */
  public static Launch of(Map<String, String> environment) {
    Integer rank = Ints.tryParse(environment.getOrDefault("OMPI_COMM_WORLD_RANK", ""));
    Integer count = Ints.tryParse(environment.getOrDefault("OMPI_COMM_WORLD_SIZE", ""));
    return rank == null || count == null ? ALONE : new Launch(rank, count);
  }

  /** Returns whether there are others. */
  public boolean isOfSeveral() {
    return count > 1;
  }

  /** Returns whether this process speaks for all. */
  public boolean isFirst() {
    return rank == 0;
  }
}
