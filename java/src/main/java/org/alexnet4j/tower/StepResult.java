package org.alexnet4j.tower;

/**
 * What a forward pass said about its batch; sums, so that batches can be added.
 *
 * @param images images counted
 * @param lossSum sum of the log-losses, nats
 * @param top1Sum images whose class came first, ties in shares
 * @param top5Sum images whose class was among the first five, ties in shares
 */
public record StepResult(int images, double lossSum, double top1Sum, double top5Sum) {

  /** The result of no image. */
  public static final StepResult NONE = new StepResult(0, 0, 0, 0);

  /**
   * {@return the result of both}
   *
   * @param other of other images
   */
  public StepResult plus(StepResult other) {
    return new StepResult(
        images + other.images,
        lossSum + other.lossSum,
        top1Sum + other.top1Sum,
        top5Sum + other.top5Sum);
  }

  /** {@return the mean log-loss, nats} */
  public double loss() {
    return lossSum / images;
  }

  /** {@return the share of images whose class did not come first} */
  public double top1Error() {
    return 1 - top1Sum / images;
  }

  /** {@return the share of images whose class was not among the first five} */
  public double top5Error() {
    return 1 - top5Sum / images;
  }
}
