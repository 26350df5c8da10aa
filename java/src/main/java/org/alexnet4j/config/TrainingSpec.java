package org.alexnet4j.config;

import com.google.common.collect.ImmutableList;
import java.util.Optional;
import org.alexnet4j.shape.Arithmetic;
import org.alexnet4j.shape.Shapes;
import org.alexnet4j.shape.Slicing;

/**
 * How a network is trained (paper, section 5).
 *
 * @param batch images per step
 * @param epochs passes over the data
 * @param rate learning rate of the weights at the start
 * @param biasRate learning rate of the biases at the start (D8)
 * @param biasRateFollows whether the biases' rate drops with the weights' rate (D8)
 * @param momentum factor on the velocity
 * @param drops epochs, from 0, at whose start the rate is multiplied by the factor
 * @param dropFactor factor on the rate, 0.1 in the paper
 * @param plateau drops that the held-out error decides, instead of stated ones
 * @param biasDrops epochs, from 0, at whose start the biases' rate alone drops by the factor, where
 *     it does not follow the weights' (D8)
 * @param weightRates factors on the rate of single layers' weights, by epoch (D9)
 * @param biasRates factors on the rate of single layers' biases, by epoch (D9)
 * @param curve how the rate goes from step to step, beside drops
 * @param shortBatches whether the images that fill no whole batch are the last, short batch of an
 *     epoch, as in the source, whose gradients are means over those there are; else they are left
 *     out, others in each epoch
 * @param stages stretches with data and rates of their own instead of one; none, or all epochs
 * @param stop when the run ends before its epochs are done, if so
 * @param slicing how a step is divided
 * @param arithmetic what products are computed in
 */
public record TrainingSpec(
    int batch,
    int epochs,
    float rate,
    float biasRate,
    boolean biasRateFollows,
    float momentum,
    ImmutableList<Integer> drops,
    float dropFactor,
    Optional<Plateau> plateau,
    ImmutableList<Integer> biasDrops,
    LayerRates weightRates,
    LayerRates biasRates,
    RateCurve curve,
    boolean shortBatches,
    ImmutableList<StageSpec> stages,
    Optional<Stop> stop,
    Slicing slicing,
    Arithmetic arithmetic) {

  /**
   * Drops the rate when the held-out top-1 error stops improving, as the authors did by hand.
   *
   * @param patience epochs in a row without a new lowest error that bring a drop
   * @param drops most drops in a run, 3 in the paper
   */
  public record Plateau(int patience, int drops) {
    /**
     * Checks the values.
     *
     * @param patience epochs in a row without a new lowest error that bring a drop
     * @param drops most drops in a run, 3 in the paper
     */
    public Plateau {
      require(patience >= 1, "plateau.patience is " + patience + "; allowed: 1 or more");
      require(drops >= 1, "plateau.drops is " + drops + "; allowed: 1 or more");
    }
  }

  /**
   * Ends the run when the held-out loss stops falling.
   *
   * @param patience epochs in a row without a new lowest loss that end it
   * @param minimum by how much, in nats, a loss must lie below the lowest to be one
   */
  public record Stop(int patience, float minimum) {
    /**
     * Checks the values.
     *
     * @param patience epochs in a row without a new lowest loss that end it
     * @param minimum by how much, in nats, a loss must lie below the lowest to be one
     */
    public Stop {
      require(patience >= 1, "stop.patience is " + patience + "; allowed: 1 or more");
      require(minimum >= 0, "stop.minimum is " + minimum + "; allowed: 0 or more");
    }
  }

  /**
   * Checks the values.
   *
   * @param batch images per step
   * @param epochs passes over the data
   * @param rate learning rate of the weights at the start
   * @param biasRate learning rate of the biases at the start (D8)
   * @param biasRateFollows whether the biases' rate drops with the weights' rate (D8)
   * @param momentum factor on the velocity
   * @param drops epochs, from 0, at whose start the rate is multiplied by the factor
   * @param dropFactor factor on the rate, 0.1 in the paper
   * @param plateau drops that the held-out error decides, instead of stated ones
   * @param biasDrops epochs, from 0, at whose start the biases' rate alone drops by the factor,
   *     where it does not follow the weights' (D8)
   * @param weightRates factors on the rate of single layers' weights, by epoch (D9)
   * @param biasRates factors on the rate of single layers' biases, by epoch (D9)
   * @param curve how the rate goes from step to step, beside drops
   * @param shortBatches whether the images that fill no whole batch are the last, short batch of an
   *     epoch, as in the source, whose gradients are means over those there are; else they are left
   *     out, others in each epoch
   * @param stages stretches with data and rates of their own instead of one; none, or all epochs
   * @param stop when the run ends before its epochs are done, if so
   * @param slicing how a step is divided
   * @param arithmetic what products are computed in
   */
  public TrainingSpec {
    Shapes.batch(batch);
    slicing.part("batch", batch);
    require(epochs >= 1, "epochs is " + epochs + "; allowed: 1 or more");
    require(
        rate >= 0 && biasRate >= 0 && Float.isFinite(rate + biasRate),
        "rate is " + rate + ", biasRate " + biasRate + "; allowed: finite numbers, 0 or more");
    require(momentum >= 0 && momentum < 1, "momentum is " + momentum + "; allowed: [0, 1)");
    require(dropFactor > 0 && dropFactor <= 1, "dropFactor is " + dropFactor + "; allowed: (0, 1]");
    requireAscending("drops", drops);
    requireAscending("biasDrops", biasDrops);
    require(
        biasDrops.isEmpty() || !biasRateFollows,
        "biasDrops is " + biasDrops + ", which needs biasRateFollows: false");
    require(
        plateau.isEmpty() || drops.isEmpty(),
        "drops " + drops + " and plateau exclude each other; with plateau write drops: []");
    boolean curved = curve.shape() != RateCurve.Shape.STEPS;
    require(
        !curved || drops.isEmpty() && plateau.isEmpty() && rate > 0,
        "a curve takes the place of drops and plateau, and needs a rate above 0; write drops: []");
    require(
        curve.warmUp() < epochs, "warmUp is " + curve.warmUp() + "; allowed: less than " + epochs);
    if (!stages.isEmpty()) {
      requireStages(epochs, stages);
      require(
          stop.isEmpty(), "stages have ends of their own, as end: {patience: 10}; write stop: off");
      require(
          drops.isEmpty()
              && plateau.isEmpty()
              && biasDrops.isEmpty()
              && curve.equals(RateCurve.NONE),
          "stages have rates of their own instead of drops, plateau, biasDrops, curve and warmUp;"
              + " write drops: []");
      require(
          weightRates.equals(LayerRates.NONE) && biasRates.equals(LayerRates.NONE),
          "stages have weightRates and biasRates of their own; write weightRates: off, biasRates: off");
    }
  }

  private static void requireStages(int epochs, ImmutableList<StageSpec> stages) {
    int sum = stages.stream().mapToInt(StageSpec::epochs).sum();
    require(
        sum == epochs,
        "epochs is " + epochs + ", the stages have " + sum + "; write epochs: " + sum);
    for (int i = 0; i < stages.size(); i++) {
      boolean known =
          !(stages.get(i).end().orElse(null) instanceof StageSpec.LossOf end) || end.stage() <= i;
      require(
          known,
          "stages[" + i + "].end.lossOf is no earlier stage; allowed: 1 to " + i + ", or none");
    }
  }

  private static void requireAscending(String name, ImmutableList<Integer> drops) {
    for (int i = 0; i < drops.size(); i++) {
      require(
          drops.get(i) >= 0 && (i == 0 || drops.get(i) > drops.get(i - 1)),
          name + " is " + drops + "; allowed: epochs from 0, each later than the one before");
    }
  }

  private static void require(boolean condition, String text) {
    if (!condition) {
      throw new IllegalArgumentException("training: " + text);
    }
  }

  /**
   * {@return the learning rate of the weights in an epoch, from 0, as far as drops make it}
   *
   * @param epoch from 0
   */
  public float rateAt(int epoch) {
    return rate * factorAt(drops, epoch);
  }

  /**
   * {@return the learning rate of the biases in an epoch, from 0, as far as drops make it}
   *
   * @param epoch from 0
   */
  public float biasRateAt(int epoch) {
    return biasRate * factorAt(biasRateFollows ? drops : biasDrops, epoch);
  }

  /**
   * {@return the factor that the curve, and the rise at the start, put on the rate of the weights,
   * and on that of the biases if it follows}
   *
   * @param step from 0
   * @param stepsPerEpoch of the run
   */
  public float curveAt(long step, int stepsPerEpoch) {
    return curve.equals(RateCurve.NONE)
        ? 1
        : (float)
            curve.factor(
                rate, step, (long) epochs * stepsPerEpoch, (long) curve.warmUp() * stepsPerEpoch);
  }

  /**
   * {@return the updates of an epoch over so many images}
   *
   * @param images training images
   */
  public int stepsPerEpoch(int images) {
    return shortBatches ? (images + batch - 1) / batch : images / batch;
  }

  private float factorAt(ImmutableList<Integer> drops, int epoch) {
    float factor = 1;
    for (int drop : drops) {
      if (epoch >= drop) {
        factor *= dropFactor;
      }
    }
    return factor;
  }

  /**
   * {@return the same for another batch}
   *
   * @param images images per step
   */
  public TrainingSpec withBatch(int images) {
    return with(images, epochs, drops, plateau);
  }

  /**
   * {@return the same for another number of epochs}
   *
   * @param count epochs in all
   */
  public TrainingSpec withEpochs(int count) {
    return with(batch, count, drops, plateau);
  }

  /**
   * {@return the same with drops at stated epochs}
   *
   * @param epochsOfDrops epochs, from 0, at whose start the rate is multiplied by the factor
   */
  public TrainingSpec withDrops(ImmutableList<Integer> epochsOfDrops) {
    return with(batch, epochs, epochsOfDrops, Optional.empty());
  }

  private TrainingSpec with(
      int images, int count, ImmutableList<Integer> epochsOfDrops, Optional<Plateau> drop) {
    return new TrainingSpec(
        images,
        count,
        rate,
        biasRate,
        biasRateFollows,
        momentum,
        epochsOfDrops,
        dropFactor,
        drop,
        biasDrops,
        weightRates,
        biasRates,
        curve,
        shortBatches,
        stages,
        stop,
        slicing,
        arithmetic);
  }
}
