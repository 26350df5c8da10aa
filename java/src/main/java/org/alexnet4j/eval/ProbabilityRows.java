package org.alexnet4j.eval;

import java.io.IOException;

/** Takes the class probabilities of a set's images, in their order, some at a time. */
public interface ProbabilityRows {
  /**
   * Takes some images.
   *
   * @param first place of the first one in the set
   * @param count how many
   * @param probabilities {@code [count,classes]}, may be longer; valid until the call returns
   * @throws IOException if they cannot be taken; nothing more comes then
   */
  void at(int first, int count, float[] probabilities) throws IOException;
}
