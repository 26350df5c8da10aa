package org.alexnet4j.config;

import com.google.common.collect.ImmutableMap;
import java.util.Optional;

/**
 * A stretch of training with data and rates of its own, as cuda-convnet's recipes have them: some
 * epochs on a part of the images, then some on all of them, then some with a lower rate.
 *
 * @param epochs how many it has, or the most if it may end before
 * @param images share of the training images, above 0, at most 1; which, the seed decides
 * @param rate learning rate of the weights
 * @param biasRate learning rate of the biases
 * @param colourNoise whether the colours of images are varied, as the augmentation says
 * @param weightRates factors on the rate of single layers' weights; 0 freezes them
 * @param biasRates factors on the rate of single layers' biases
 * @param end what ends it before its epochs are over
 */
public record StageSpec(
    int epochs,
    float images,
    float rate,
    float biasRate,
    boolean colourNoise,
    ImmutableMap<String, Float> weightRates,
    ImmutableMap<String, Float> biasRates,
    Optional<End> end) {

  /** What ends a stage before its epochs are over, looked at after each of them. */
  public sealed interface End {}

  /**
   * The loss of held-out images has not improved for some epochs: that of the training images that
   * the stage leaves out or, if it takes all, of the data's own held-out images.
   *
   * @param epochs in a row without a new lowest loss
   */
  public record Patience(int epochs) implements End {
    /**
     * Checks the value.
     *
     * @param epochs in a row without a new lowest loss
     */
    public Patience {
      require(epochs >= 1, "end.patience is " + epochs + "; allowed: 1 or more");
    }
  }

  /**
   * The mean training loss of an epoch has come down to that of the last epoch of an earlier stage.
   *
   * @param stage that one, from 1
   */
  public record LossOf(int stage) implements End {
    /**
     * Checks the value.
     *
     * @param stage that one, from 1
     */
    public LossOf {
      require(stage >= 1, "end.lossOf is " + stage + "; allowed: an earlier stage, from 1");
    }
  }

  /**
   * Checks the values.
   *
   * @param epochs how many it has, or the most if it may end before
   * @param images share of the training images, above 0, at most 1; which, the seed decides
   * @param rate learning rate of the weights
   * @param biasRate learning rate of the biases
   * @param colourNoise whether the colours of images are varied, as the augmentation says
   * @param weightRates factors on the rate of single layers' weights; 0 freezes them
   * @param biasRates factors on the rate of single layers' biases
   * @param end what ends it before its epochs are over
   */
  public StageSpec {
    require(epochs >= 1, "epochs is " + epochs + "; allowed: 1 or more");
    require(images > 0 && images <= 1, "images is " + images + "; allowed: above 0, at most 1");
    require(
        rate >= 0 && biasRate >= 0 && Float.isFinite(rate + biasRate),
        "rate is " + rate + ", biasRate " + biasRate + "; allowed: finite numbers, 0 or more");
    weightRates.values().forEach(StageSpec::requireFactor);
    biasRates.values().forEach(StageSpec::requireFactor);
  }

  private static void requireFactor(float factor) {
    require(
        factor >= 0 && Float.isFinite(factor), "a factor of " + factor + "; allowed: 0 or more");
  }

  private static void require(boolean condition, String text) {
    if (!condition) {
      throw new IllegalArgumentException("a stage: " + text);
    }
  }

  /**
   * {@return how many of the training images it takes, at least one}
   *
   * @param all how many training images there are
   */
  public int imagesOf(int all) {
    return images == 1 ? all : Math.max(1, (int) Math.floor((double) images * all));
  }
}
