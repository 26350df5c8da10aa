package org.alexnet4j.plan;

import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Adds buffers of one size on the way back as an aligned binary tree: 0+1, 2+3, then pairs, in the
 * order in which they come. Each sum takes the place of its first term, the whole that of the first
 * buffer that exists. A term that does not exist adds nothing.
 */
final class TreeSum {
  private final TowerDraft draft;
  private final String layer;
  private final int mask;
  private final boolean parameters;
  private final Deque<Integer> waiting = new ArrayDeque<>();
  private int count;

  /**
   * Creates an empty sum.
   *
   * @param mask the whole sum is 0 where this buffer is not positive; -1 for none
   * @param parameters whether the terms are gradients of parameters
   */
  TreeSum(TowerDraft draft, String layer, int mask, boolean parameters) {
    this.draft = draft;
    this.layer = layer;
    this.mask = mask;
    this.parameters = parameters;
  }

  /**
   * Adds a term.
   *
   * @param term its buffer, or -1 if there is none
   * @param last whether it is the last one; there are as many terms as a power of two
   */
  void add(int term, boolean last) {
    int second = term;
    count++;
    for (int rest = count; rest % 2 == 0; rest /= 2) {
      int first = waiting.pop();
      int by = last && rest == 2 ? mask : -1;
      if (first >= 0 && second >= 0) {
        draft.backward.add(
            new Operation.Add(layer, values(first), first, second, by, first, parameters));
      }
      second = first >= 0 ? first : second;
    }
    waiting.push(second);
  }

  /** Returns where the sum of all terms is, or -1 if there was none. */
  int sum() {
    return waiting.isEmpty() ? -1 : waiting.getFirst();
  }

  private long values(int buffer) {
    return draft.buffers.get(buffer).count();
  }
}
