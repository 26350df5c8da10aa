package org.alexnet4j.eval;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.device.Devices;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.StepResult;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Section 4.1 of the paper: probabilities are averaged over the four corners, the centre, and all
 * five mirrored. The crops are made here, pixel by pixel, and given to the network as its input.
 */
class TenViewTest {
  private static final int BATCH = 6;
  private static final int SIZE = 28;
  private static final int SOURCE = 32;
  private static final int CLASSES = 10;
  private static final float[] MEAN = {120, 110, 100};

  /** Top and left of corners and centre. */
  private static final int[][] PLACES = {{0, 0}, {0, 4}, {2, 2}, {4, 0}, {4, 4}};

  /** Three sums of at most 300 products in float, whose result the softmax takes as an exponent. */
  private static final double TOLERANCE = 1e-5;

  private static final String CONFIG =
      """
      name: views
      network:
        towers: 2
        input: 28
        source: 32
        mean: channel
        layers:
          conv1: {type: conv, maps: 8, kernel: 5, stride: 3, sigma: 0.05, bias: 0.1, decay: 0}
          relu1: {type: relu}
          pool1: {type: pool, size: 3, stride: 2}
          fc2: {type: fc, units: 12, sigma: 0.2, bias: 0.1, decay: 0}
          relu2: {type: relu}
          fc3: {type: fc, units: 10, towers: first, sigma: 0.05, bias: 0, decay: 0}
          softmax: {type: softmax}
      training: {batch: 6, epochs: 1, rate: 0.001, momentum: 0.9}
      augmentation: {}
      """;

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  private static Towers open(Purpose purpose, String devices, long seed) throws IOException {
    Configuration configuration = ConfigReader.text("views", CONFIG);
    Towers towers =
        Towers.create(
            Planner.plan(configuration.network(), BATCH, purpose, configuration.mean(), seed),
            Devices.choose(devices, 2).ids());
    Initializer.initialize(new ParameterStore(towers), seed, purpose == Purpose.TRAIN);
    towers.mean(MEAN);
    return towers;
  }

  private static Dataset images() throws IOException {
    return Datasets.open(
        "synthetic:train=12,test=1,seed=5",
        new DataOptions(DataOptions.Split.TRAIN, SOURCE, 0, DataOptions.Damaged.FAIL, 0));
  }

  /** Returns one view of every image as the network sees it, the mean subtracted. */
  private static float[] crop(Batch batch, int[] place, boolean mirrored) {
    float[] x = new float[BATCH * SIZE * SIZE * 3];
    int at = 0;
    for (int n = 0; n < BATCH; n++) {
      for (int row = 0; row < SIZE; row++) {
        for (int column = 0; column < SIZE; column++) {
          int from = place[1] + (mirrored ? SIZE - 1 - column : column);
          for (int c = 0; c < 3; c++) {
            int pixel = ((n * SOURCE + place[0] + row) * SOURCE + from) * 3 + c;
            x[at++] = (batch.images().get(pixel) & 0xff) - MEAN[c];
          }
        }
      }
    }
    return x;
  }

  /** Returns the mean over views of what the network says of each, one pass per view. */
  private static double[] separately(Towers towers, Batch batch, boolean... mirrored) {
    double[] mean = new double[BATCH * CLASSES];
    for (boolean mirror : mirrored) {
      for (int[] place : PLACES) {
        towers.loadInput(crop(batch, place, mirror), null);
        towers.evaluate();
        float[] p = towers.probabilities();
        for (int i = 0; i < mean.length; i++) {
          mean[i] += p[i] / (5.0 * mirrored.length);
        }
      }
    }
    return mean;
  }

  private static double largestDifference(double[] want, float[] got) {
    double most = 0;
    for (int i = 0; i < want.length; i++) {
      most = Math.max(most, Math.abs(want[i] - got[i]));
    }
    return most;
  }

  @ParameterizedTest
  @ValueSource(strings = {"cpu:0,cpu:1", "emu:0"})
  void tenViewsAreTheMeanOfTenPasses(String devices) throws IOException {
    try (Dataset images = images();
        BatchLoader loader = BatchLoader.sequential(images, BATCH);
        Towers towers = open(Purpose.INFER, devices, 3)) {
      Evaluator ten = new Evaluator(towers, Views.TEN);
      for (int round = 0; round < 2; round++) {
        Batch batch = loader.next();
        double[] want = separately(towers, batch, false, true);
        double[] half = separately(towers, batch, false);
        float[] got = ten.probabilities(batch).clone();
        assertTrue(largestDifference(half, got) > 100 * TOLERANCE, "mirrored views count");
        assertEquals(0, largestDifference(want, got), TOLERANCE);
        StepResult result = ten.evaluate(batch);
        assertEquals(BATCH, result.images());
        double loss = 0;
        for (int n = 0; n < BATCH; n++) {
          loss -= Math.log(want[n * CLASSES + batch.labels()[n]]);
        }
        assertTrue(loss < 60 * BATCH, "no probability of 0: " + loss);
        assertEquals(loss, result.lossSum(), 1e-3, "the loss is of the averaged probabilities");
        assertEquals(loss / BATCH, result.loss(), 1e-3);
      }
    }
  }

  @Test
  void oneViewIsTheCentre() throws IOException {
    try (Dataset images = images();
        BatchLoader loader = BatchLoader.sequential(images, BATCH);
        Towers towers = open(Purpose.INFER, "cpu:0", 3)) {
      Batch batch = loader.next();
      towers.loadInput(crop(batch, PLACES[2], false), null);
      towers.evaluate();
      float[] want = towers.probabilities();
      float[] got = new Evaluator(towers, Views.CENTRE).probabilities(batch);
      for (int i = 0; i < want.length; i++) {
        assertEquals(want[i], got[i], TOLERANCE);
      }
    }
  }

  /** D16: the shares of two networks, whatever their sum. */
  @Test
  void anEnsembleAveragesProbabilitiesByShare() throws IOException {
    try (Dataset images = images();
        BatchLoader loader = BatchLoader.sequential(images, BATCH);
        Towers first = open(Purpose.INFER, "cpu:0", 3);
        Towers second = open(Purpose.INFER, "cpu:0", 4)) {
      Batch batch = loader.next();
      Evaluator one = new Evaluator(first, Views.TEN);
      Evaluator two = new Evaluator(second, Views.TEN);
      float[] p = one.probabilities(batch).clone();
      float[] q = two.probabilities(batch).clone();
      for (List<Float> shares : List.of(List.<Float>of(), List.of(3f, 1f), List.of(2f, 0f))) {
        double a = shares.isEmpty() ? 0.5 : shares.get(0) / (shares.get(0) + shares.get(1));
        double loss = 0;
        for (int n = 0; n < BATCH; n++) {
          int at = n * CLASSES + batch.labels()[n];
          loss -= Math.log(a * p[at] + (1 - a) * q[at]);
        }
        Ensemble ensemble = new Ensemble(ImmutableList.of(one, two), shares);
        assertEquals(2, ensemble.size());
        assertEquals(loss, ensemble.evaluate(batch).lossSum(), 1e-4, shares.toString());
      }
      for (float share : new float[] {-1, Float.POSITIVE_INFINITY, Float.NaN}) {
        assertThrows(
            IllegalArgumentException.class,
            () -> new Ensemble(ImmutableList.of(one, two), List.of(1f, share)));
      }
      assertEquals(
          2, new Ensemble(ImmutableList.of(one, two), List.of(1f, Float.MAX_VALUE)).size());
    }
  }

  /** What each network says of every image's own class, batch by batch. */
  @Test
  void anEnsembleTellsWhatEachMemberSaysOfTheOwnClass() throws IOException {
    try (Dataset images = images();
        Towers first = open(Purpose.INFER, "cpu:0", 3);
        Towers second = open(Purpose.INFER, "cpu:0", 4)) {
      List<Evaluator> members =
          List.of(new Evaluator(first, Views.TEN), new Evaluator(second, Views.CENTRE));
      int window = first.plan().spec().inputSize();
      double[][] own = new Ensemble(members, List.of()).own(images, 1, BATCH, window);
      assertEquals(images.size(), own.length);
      int at = 0;
      try (BatchLoader loader = BatchLoader.sequential(images, BATCH)) {
        for (Batch batch = loader.next(); batch != null; batch = loader.next()) {
          for (int m = 0; m < 2; m++) {
            float[] rows = members.get(m).probabilities(batch);
            for (int n = 0; n < batch.count(); n++) {
              assertEquals(rows[n * CLASSES + images.label(at + n)], own[at + n][m], TOLERANCE);
            }
          }
          at += batch.count();
        }
      }
    }
  }

  /**
   * By hand: 0.3 is first; two of 0.2 share places 2 and 3; of three 0.1 two are among the five.
   */
  @Test
  void topOneAndTopFiveCountTiesByShare() {
    float[] row = {0.1f, 0.2f, 0.3f, 0.1f, 0.2f, 0.1f, 0};
    double[] top5 = {2 / 3.0, 1, 1, 2 / 3.0, 1, 2 / 3.0, 0};
    for (int label = 0; label < row.length; label++) {
      assertEquals(label == 2 ? 1 : 0, Evaluator.share(row, label, 1), 1e-12, "label " + label);
      assertEquals(top5[label], Evaluator.share(row, label, 5), 1e-12, "label " + label);
    }
    assertEquals(0.5, Evaluator.share(row, 1, 2), 1e-12);
    float[] all = {0.25f, 0.25f, 0.25f, 0.25f};
    assertEquals(0.25, Evaluator.share(all, 3, 1), 1e-12);
    assertEquals(1, Evaluator.share(all, 3, 4), 1e-12);
    assertEquals(1, Evaluator.share(new float[] {Float.NaN, 0.5f}, 1, 1), 1e-12);
  }

  /** The fifth counts, the sixth does not; a network of three classes has them all among five. */
  @Test
  void heldOutErrorsCountTheFirstFive() throws IOException {
    float[] p = new float[BATCH * CLASSES];
    try (Dataset images = images();
        BatchLoader loader = BatchLoader.sequential(images, BATCH)) {
      Batch batch = loader.next();
      double loss = 0;
      for (int n = 0; n < BATCH; n++) {
        // The image's own class comes n-th, counted from 1: 1, 2, 3, 4, 5, 6.
        for (int i = 0; i < CLASSES; i++) {
          p[n * CLASSES + (batch.labels()[n] + i) % CLASSES] = (i == 0 ? 9.5f - n : 10 - i) / 60;
        }
        loss -= Math.log((9.5f - n) / 60);
      }
      StepResult result = Evaluator.measure(p, CLASSES, batch);
      assertEquals(1, result.top1Sum(), 1e-12);
      assertEquals(5, result.top5Sum(), 1e-12);
      assertEquals(1 - 1 / 6.0, result.top1Error(), 1e-12);
      assertEquals(1 - 5 / 6.0, result.top5Error(), 1e-12);
      assertEquals(loss, result.lossSum(), 1e-5);
      Arrays.fill(batch.labels(), 2);
      float[] three = new float[BATCH * 3];
      for (int n = 0; n < BATCH; n++) {
        three[3 * n] = 0.7f;
        three[3 * n + 1] = 0.2f;
        three[3 * n + 2] = 0.1f;
      }
      assertEquals(0, Evaluator.measure(three, 3, batch).top1Sum(), 1e-12);
      assertEquals(6, Evaluator.measure(three, 3, batch).top5Sum(), 1e-12);
    }
  }

  /** What a step of training says is of the pass before its update: here a place for each image. */
  @ParameterizedTest
  @ValueSource(strings = {"cpu:0,cpu:1", "emu:0"})
  void trainingCountsTheFirstFive(String devices) throws IOException {
    try (Dataset images = images();
        BatchLoader loader = BatchLoader.sequential(images, BATCH);
        Towers towers = open(Purpose.TRAIN, devices, 3)) {
      Batch batch = loader.next();
      towers.load(BATCH, batch.images(), batch.crops(), null, batch.labels());
      towers.evaluate();
      float[] p = towers.probabilities();
      double loss = 0;
      for (int n = 0; n < BATCH; n++) {
        for (int i = 0; i < CLASSES; i++) {
          int above = 0;
          for (int j = 0; j < CLASSES; j++) {
            above += p[n * CLASSES + j] > p[n * CLASSES + i] ? 1 : 0;
          }
          if (above == n) {
            batch.labels()[n] = i; // the first of image 0 to the sixth of image 5
          }
        }
        loss -= Math.log(p[n * CLASSES + batch.labels()[n]]);
      }
      towers.load(BATCH, batch.images(), batch.crops(), null, batch.labels());
      StepResult result = towers.step(new StepSettings(0, 0.1f, 0.1f, 0.9f));
      assertEquals(BATCH, result.images());
      assertEquals(loss, result.lossSum(), 1e-4 * loss);
      assertEquals(1, result.top1Sum());
      assertEquals(5, result.top5Sum());
    }
  }

  @Test
  void classesAreRankedByProbabilityThenIndex() {
    float[] p = {0.05f, 0.1f, 0.4f, 0.1f, 0.2f};
    assertEquals(
        List.of(1, 3, 0, 2),
        Arrays.stream(Evaluator.ranked(p, 1, 4)).boxed().toList(),
        "from offset 1");
  }
}
