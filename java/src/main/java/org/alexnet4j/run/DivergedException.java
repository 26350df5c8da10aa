package org.alexnet4j.run;

/** The loss or a parameter is no longer a finite number; the weights of this step are worthless. */
public final class DivergedException extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private static final String ADVICE =
      "; try a tenth of the learning rate, or resume from an earlier checkpoint";

  private DivergedException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * {@return the exception of a step whose forward pass gave a loss that is NaN or infinite}
   *
   * @param step number of the update, from 0
   * @param loss the loss, which is no number
   */
  public static DivergedException ofLoss(long step, double loss) {
    return new DivergedException("the loss became " + loss + " at step " + step + ADVICE, null);
  }

  /** Returns the exception of a value that an update left behind before a step. */
  static DivergedException ofParameter(long step, String tensor, long element, float value) {
    return new DivergedException(
        tensor + "[" + element + "] became " + value + " before step " + step + ADVICE, null);
  }

  /**
   * {@return the same with where it began}
   *
   * @param where layer, tensor or step, for the message
   */
  public DivergedException began(String where) {
    String text = getMessage();
    String what = text.endsWith(ADVICE) ? text.substring(0, text.length() - ADVICE.length()) : text;
    return new DivergedException(what + "; it began in " + where + ADVICE, this);
  }
}
