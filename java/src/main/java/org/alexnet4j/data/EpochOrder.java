package org.alexnet4j.data;

/**
 * The order of the images in an epoch: a Fisher-Yates shuffle by Philox, a pure function of (seed,
 * epoch), or the plain order. Keeps one epoch at a time; the caller guards it against concurrent
 * use.
 */
final class EpochOrder {
  private final long seed;
  private final boolean shuffled;
  private final int[] order;
  private int epoch = -1;

  EpochOrder(int size, long seed, boolean shuffled) {
    this.seed = seed;
    this.shuffled = shuffled;
    this.order = new int[size];
  }

  /** Returns the image at a place of an epoch. */
  int at(int wantedEpoch, int position) {
    if (wantedEpoch != epoch) {
      fill(wantedEpoch);
    }
    return order[position];
  }

  private void fill(int wantedEpoch) {
    for (int i = 0; i < order.length; i++) {
      order[i] = i;
    }
    if (shuffled) {
      PhiloxStream random = new PhiloxStream(seed, PhiloxStream.ORDER, wantedEpoch, 0);
      for (int i = order.length - 1; i > 0; i--) {
        int j = random.below(i + 1);
        int swapped = order[i];
        order[i] = order[j];
        order[j] = swapped;
      }
    }
    epoch = wantedEpoch;
  }
}
