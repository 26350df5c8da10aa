package org.alexnet4j.shape;

/**
 * Which part of a step in slices a process computes: neighbouring slices of the images in the
 * convolutional part, neighbouring blocks of units in the fully-connected one. No result depends on
 * it.
 *
 * @param rank this process, from 0 on
 * @param ranks how many there are; a power of two
 */
public record RankPart(int rank, int ranks) {
  /** The whole step. */
  public static final RankPart WHOLE = new RankPart(0, 1);

  /**
   * Checks the numbers.
   *
   * @param rank this process, from 0 on
   * @param ranks how many there are; a power of two
   */
  public RankPart {
    if (ranks < 1 || ranks > Slicing.MOST || Integer.bitCount(ranks) != 1) {
      throw new IllegalArgumentException(
          "there are "
              + ranks
              + " ranks; allowed: a power of two from 1 to "
              + Slicing.MOST
              + ", such as "
              + Math.min(Slicing.MOST, Integer.highestOneBit(Math.max(1, ranks))));
    }
    if (rank < 0 || rank >= ranks) {
      throw new IllegalArgumentException("rank is " + rank + "; allowed: 0 to " + (ranks - 1));
    }
  }

  /** {@return whether this is a step of its own} */
  public boolean isWhole() {
    return ranks == 1;
  }

  /**
   * {@return how many slices, or blocks, each rank has}
   *
   * @param slicing of the step
   * @throws IllegalArgumentException if there are fewer slices than ranks
   */
  public int of(Slicing slicing) {
    if (slicing.count() < ranks) {
      throw new IllegalArgumentException(
          "there are "
              + ranks
              + " ranks for "
              + slicing.count()
              + (slicing.count() == 1 ? " slice" : " slices")
              + "; allowed: as many ranks as slices at most (training.slices: "
              + ranks
              + " or more, which is a part of what is computed)");
    }
    return slicing.count() / ranks;
  }
}
