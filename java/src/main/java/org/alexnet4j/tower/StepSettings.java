package org.alexnet4j.tower;

/**
 * What changes from step to step.
 *
 * @param step number of the update, from 0; keys the dropout masks
 * @param rate learning rate of the weights
 * @param biasRate learning rate of the biases (D8)
 * @param momentum factor on the velocity
 * @param factors of single layers on these rates (D9)
 */
public record StepSettings(
    long step, float rate, float biasRate, float momentum, RateFactors factors) {
  private static final long LAST_STEP = 0xffffffffL;

  /**
   * Checks the values: kernels read them on the device, where nothing can be refused.
   *
   * @param step number of the update, from 0; keys the dropout masks
   * @param rate learning rate of the weights
   * @param biasRate learning rate of the biases (D8)
   * @param momentum factor on the velocity
   * @param factors of single layers on these rates (D9)
   */
  public StepSettings {
    if (step < 0 || step > LAST_STEP) {
      throw new IllegalArgumentException("step is " + step + "; allowed: 0 to " + LAST_STEP);
    }
    require("learning rate", rate, Float.MAX_VALUE);
    require("learning rate of biases", biasRate, Float.MAX_VALUE);
    require("momentum", momentum, Math.nextDown(1f));
  }

  /**
   * The same rates for all layers.
   *
   * @param step number of the update, from 0
   * @param rate learning rate of the weights
   * @param biasRate learning rate of the biases
   * @param momentum factor on the velocity
   */
  public StepSettings(long step, float rate, float biasRate, float momentum) {
    this(step, rate, biasRate, momentum, RateFactors.NONE);
  }

  private static void require(String name, float value, float last) {
    if (!(value >= 0 && value <= last)) {
      throw new IllegalArgumentException(name + " is " + value + "; allowed: 0 to " + last);
    }
  }
}
