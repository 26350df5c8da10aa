package org.alexnet4j.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import com.google.common.collect.ImmutableMap;
import com.google.common.collect.ImmutableSortedMap;
import java.util.Map;
import java.util.Optional;
import org.alexnet4j.config.TrainingSpec.Plateau;
import org.alexnet4j.shape.Arithmetic;
import org.alexnet4j.shape.Slicing;
import org.junit.jupiter.api.Test;

/** Rates by epoch, and the values that a training may have. */
class TrainingSpecTest {
  private static TrainingSpec spec(boolean follows) {
    return new TrainingSpec(
        8,
        10,
        0.5f,
        0.25f,
        follows,
        0.9f,
        ImmutableList.of(2, 5),
        0.5f,
        Optional.empty(),
        ImmutableList.of(),
        LayerRates.NONE,
        LayerRates.NONE,
        RateCurve.NONE,
        false,
        ImmutableList.of(),
        Optional.empty(),
        Slicing.NONE,
        Arithmetic.DEFAULT);
  }

  @Test
  void everyDropCountsFromItsEpochOn() {
    float[] want = {0.5f, 0.5f, 0.25f, 0.25f, 0.25f, 0.125f, 0.125f};
    for (int epoch = 0; epoch < want.length; epoch++) {
      assertEquals(want[epoch], spec(true).rateAt(epoch), "epoch " + epoch);
      assertEquals(want[epoch] / 2, spec(true).biasRateAt(epoch), "biases follow");
      assertEquals(0.25f, spec(false).biasRateAt(epoch), "biases do not");
    }
  }

  @Test
  void theSameForAnotherBatchOrLengthIsTheSameOtherwise() {
    TrainingSpec spec = spec(false);
    assertEquals(4, spec.withBatch(4).batch());
    assertEquals(spec, spec.withBatch(4).withBatch(8));
    assertEquals(3, spec.withEpochs(3).epochs());
    assertEquals(spec, spec.withEpochs(3).withEpochs(10));
    assertEquals(ImmutableList.of(1), spec.withDrops(ImmutableList.of(1)).drops());
  }

  @Test
  void impossibleValuesAreRefused() {
    assertRefused("batch is 0; allowed: 1 to 65,536", () -> spec(true).withBatch(0));
    assertRefused("epochs is 0; allowed: 1 or more", () -> spec(true).withEpochs(0));
    assertRefused("plateau.patience is 0", () -> new Plateau(0, 1));
    assertRefused("plateau.drops is 0", () -> new Plateau(1, 0));
    assertEquals(1, new Plateau(1, 1).patience());
    assertEquals(0f, with(0, 0, 0.9f, 0.5f).rate());
    assertRefused("rate is -1.0", () -> with(-1, 0, 0.9f, 0.5f));
    assertRefused("rate is 0.0", () -> with(0, -1, 0.9f, 0.5f));
    assertRefused("momentum is 1.0", () -> with(0, 0, 1, 0.5f));
    assertRefused("momentum is -0.1", () -> with(0, 0, -0.1f, 0.5f));
    assertRefused("dropFactor is 0.0", () -> with(0, 0, 0, 0));
    assertRefused("dropFactor is 1.5", () -> with(0, 0, 0, 1.5f));
    assertEquals(1f, with(0, 0, 0, 1).dropFactor());
  }

  private static TrainingSpec with(float rate, float biasRate, float momentum, float factor) {
    return new TrainingSpec(
        1,
        1,
        rate,
        biasRate,
        true,
        momentum,
        ImmutableList.of(),
        factor,
        Optional.empty(),
        ImmutableList.of(),
        LayerRates.NONE,
        LayerRates.NONE,
        RateCurve.NONE,
        false,
        ImmutableList.of(),
        Optional.empty(),
        Slicing.NONE,
        Arithmetic.DEFAULT);
  }

  /** Halfway and three quarters down, and in the rise of the first two of ten epochs. */
  @Test
  void curvesGoFromOneRateToAnother() {
    assertEquals(1f, curved(RateCurve.Shape.LINEAR, 0).curveAt(0, 4));
    assertEquals(0.55f, curved(RateCurve.Shape.LINEAR, 0).curveAt(20, 4));
    assertEquals(0.325f, curved(RateCurve.Shape.LINEAR, 0).curveAt(30, 4));
    assertEquals(Math.pow(0.1, 0.5), curved(RateCurve.Shape.EXPONENTIAL, 0).curveAt(20, 4), 1e-7);
    assertEquals(0.55f, curved(RateCurve.Shape.COSINE, 0).curveAt(20, 4));
    double cosine = 0.1 + 0.9 * (1 - Math.sqrt(0.5)) / 2;
    assertEquals(cosine, curved(RateCurve.Shape.COSINE, 0).curveAt(30, 4), 1e-7);
    assertEquals(0.1f, curved(RateCurve.Shape.LINEAR, 0).curveAt(400, 4)); // beyond the end
    assertEquals(0.125f, curved(RateCurve.Shape.LINEAR, 2).curveAt(0, 4));
    assertEquals(0.5f * 0.9325f, curved(RateCurve.Shape.LINEAR, 2).curveAt(3, 4));
    assertEquals(0.82f, curved(RateCurve.Shape.LINEAR, 2).curveAt(8, 4));
  }

  private static TrainingSpec curved(RateCurve.Shape shape, int warmUp) {
    return new TrainingSpec(
        1,
        10,
        0.5f,
        0.5f,
        true,
        0.9f,
        ImmutableList.of(),
        0.1f,
        Optional.empty(),
        ImmutableList.of(),
        LayerRates.NONE,
        LayerRates.NONE,
        new RateCurve(shape, 0.05f, warmUp),
        false,
        ImmutableList.of(),
        Optional.empty(),
        Slicing.NONE,
        Arithmetic.DEFAULT);
  }

  /** 13 images in batches of four. */
  @Test
  void anEpochHasAShortBatchIfAskedTo() {
    TrainingSpec whole = spec(true).withBatch(4);
    assertEquals(3, whole.stepsPerEpoch(13));
    String text =
        "extends: demo\ntraining: {batch: 4, lastBatch: short, warmUp: 1, drops: [],"
            + " curve: {shape: cosine, to: 0}}\n";
    Configuration read = ConfigReader.text("t", text);
    assertEquals(4, read.training().stepsPerEpoch(13));
    assertEquals(3, read.training().stepsPerEpoch(12));
    assertEquals(read, ConfigReader.text("t", ConfigWriter.write(read)));
  }

  /** D9: a factor counts from its epoch to the next one; 1 is no factor. */
  @Test
  void factorsOfLayersCountByEpoch() {
    LayerRates rates = rates(Map.of(2, 0.5f, 4, 1f, 6, 0f));
    assertEquals(Map.of(), rates.at(1));
    assertEquals(Map.of("conv1", 0.5f), rates.at(2));
    assertEquals(Map.of("conv1", 0.5f), rates.at(3));
    assertEquals(Map.of(), rates.at(5));
    assertEquals(Map.of("conv1", 0f), rates.at(99));
    assertEquals("{conv1: {2: 0.5, 4: 1.0, 6: 0.0}}", rates.toString());
    assertEquals(Map.of("conv1", 2f), rates(Map.of(0, 2f)).at(0));
    assertRefused("the rates of conv1 have epoch -1", () -> rates(Map.of(-1, 1f)));
    assertRefused("the rates of conv1 have factor -0.5", () -> rates(Map.of(0, -0.5f)));
  }

  private static LayerRates rates(Map<Integer, Float> steps) {
    return new LayerRates(ImmutableMap.of("conv1", ImmutableSortedMap.copyOf(steps)));
  }

  private static void assertRefused(String text, Runnable call) {
    String message = assertThrows(IllegalArgumentException.class, call::run).getMessage();
    assertTrue(message.contains(text), message);
  }
}
