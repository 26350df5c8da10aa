package org.alexnet4j.train;

/** The loss is no longer a number; the weights of this step are worthless. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Creates the exception.
   *
   * @param step the update whose forward pass gave the loss
   * @param loss NaN or infinite
   */
  public DivergedException(long step, double loss) {
    super(
        "the loss became "
            + loss
            + " at step "
            + step
            + "; try a tenth of the learning rate, or resume from an earlier checkpoint");
  }
}
