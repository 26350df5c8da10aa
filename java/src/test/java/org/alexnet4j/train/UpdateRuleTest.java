package org.alexnet4j.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import org.alexnet4j.config.ConfigReader;
import org.alexnet4j.config.Configuration;
import org.alexnet4j.config.TrainingSpec;
import org.alexnet4j.data.Augmentation;
import org.alexnet4j.data.Batch;
import org.alexnet4j.data.BatchLoader;
import org.alexnet4j.data.ColourNoise;
import org.alexnet4j.data.DataOptions;
import org.alexnet4j.data.Dataset;
import org.alexnet4j.data.Datasets;
import org.alexnet4j.device.Devices;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.run.Progress;
import org.alexnet4j.tower.ParameterStore;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.tower.StepMode;
import org.alexnet4j.tower.StepSettings;
import org.alexnet4j.tower.Towers;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The update of section 5 against its formula, in double, for every weight and bias of two towers
 * over several steps: {@code v = m v - decay rate w - rate g}, {@code w = w + v}, with the gradient
 * that another plan stores for the same weights, batch and masks.
 *
 * <p>Every layer has rates and a decay of its own, the two rates of a step differ, and both fall
 * between steps. The decay is so large that none of the three terms drowns in another.
 */
class UpdateRuleTest {
  private static final long SEED = 7;
  private static final int STEPS = 6;
  private static final int STEPS_PER_EPOCH = 2;
  private static final double MOMENTUM = 0.9f;
  private static final float[] MEAN = {120, 110, 100};

  /** Epochs 0, 1 and 2 of the schedule below. */
  private static final double[] RATE = {0.02f, 0.02f * 0.5f, 0.02f * 0.25f};

  /** The rate of the biases does not follow (D8). */
  private static final double BIAS_RATE = 0.05f;

  private static final double CONV2_FROM_EPOCH_2 = 0.125;

  /** What the configuration says of one layer. */
  private record Rule(double weightRate, double biasRate, double decay) {}

  private static final Map<String, Rule> RULES =
      Map.of(
          "conv1", new Rule(0.5, 3, 0.75),
          "conv2", new Rule(2, 1, 0.5),
          "conv3", new Rule(1, 0.25, 1.5),
          "fc6", new Rule(1.5, 2, 0.25),
          "fc7", new Rule(0.75, 1.25, 1),
          "fc8", new Rule(1.25, 0.5, 2));

  private static final String CONFIG =
      """
      name: rules
      network:
        towers: 2
        input: 28
        source: 32
        mean: channel
        layers:
          conv1: {type: conv, maps: 8, kernel: 5, stride: 2, sigma: 0.02, bias: 0.1,
                  weightRate: 0.5, biasRate: 3, decay: 0.75}
          relu1: {type: relu}
          norm1: {type: lrn, size: 5, k: 2, alpha: 1e-4, beta: 0.75}
          pool1: {type: pool, size: 3, stride: 2}
          conv2: {type: conv, maps: 8, kernel: 3, pad: 1, sigma: 0.1, bias: 0.2,
                  weightRate: 2, decay: 0.5}
          relu2: {type: relu}
          conv3: {type: conv, maps: 8, kernel: 3, pad: 1, reads: all, sigma: 0.1, bias: 0.1,
                  biasRate: 0.25, decay: 1.5}
          relu3: {type: relu}
          pool3: {type: pool, size: 3, stride: 2}
          fc6: {type: fc, units: 12, sigma: 0.1, bias: 0.3, weightRate: 1.5, biasRate: 2, decay: 0.25}
          relu6: {type: relu}
          drop6: {type: dropout, keep: 0.5}
          fc7: {type: fc, units: 12, sigma: 0.2, bias: 0.2, weightRate: 0.75, biasRate: 1.25, decay: 1}
          relu7: {type: relu}
          drop7: {type: dropout, keep: 0.5}
          fc8: {type: fc, units: 10, towers: first, sigma: 0.2, bias: 0.1,
                weightRate: 1.25, biasRate: 0.5, decay: 2}
          softmax: {type: softmax}
      training:
        batch: 5
        epochs: 9
        rate: 0.02
        biasRate: 0.05
        biasRateFollows: false
        momentum: 0.9
        drops: [1, 2]
        dropFactor: 0.5
        biasDrops: [1]
        weightRates: {conv2: {2: 0.125}}
        biasRates: {conv3: {2: 4}}
      augmentation: {}
      """;

  private final Map<String, float[]> gradients = new HashMap<>();

  @AfterEach
  void nothingNativeStaysOpen() {
    assertEquals(0, Devices.liveHandles());
  }

  @ParameterizedTest
  @CsvSource({
    "'cpu:0,cpu:1', WALK",
    "'cpu:0,cpu:1', GRAPH",
    "'cpu:0,cpu:0', WALK",
    "'emu:0,emu:1', WALK",
    "'emu:0,emu:1', GRAPH"
  })
  void everyWeightAndBiasMovesByTheFormula(String devices, StepMode mode) throws IOException {
    Configuration configuration = ConfigReader.text("rules", CONFIG);
    try (Dataset images = Datasets.open("synthetic:train=10,test=1,seed=5", options());
        BatchLoader loader = loader(images);
        Towers training = open(configuration, Purpose.TRAIN, devices, mode);
        Towers inspecting = open(configuration, Purpose.INSPECT, devices, StepMode.WALK)) {
      ParameterStore store = new ParameterStore(training);
      Initializer.initialize(store, SEED, true);
      assertEquals(2 * RULES.size(), store.tensors().size());
      TrainingSpec spec = configuration.training();
      Trainer trainer = new Trainer(training, spec, STEPS_PER_EPOCH, Progress.START);
      assertEquals(STEPS_PER_EPOCH, trainer.stepsPerEpoch());
      assertEquals(spec.rateAt(0), trainer.rate());
      for (int step = 0; step < STEPS; step++) {
        Batch batch = loader.next();
        Map<String, float[]> weights = all(store, Role.VALUE);
        Map<String, float[]> velocities = all(store, Role.VELOCITY);
        inspect(inspecting, weights, batch, step);
        trainer.step(batch);
        for (TensorSpec tensor : store.tensors()) {
          check(tensor, step, weights, velocities, store);
        }
      }
    }
  }

  private static DataOptions options() {
    return new DataOptions(DataOptions.Split.TRAIN, 32, 0, DataOptions.Damaged.FAIL, 0);
  }

  private static BatchLoader loader(Dataset images) {
    return BatchLoader.of(images, 5)
        .seed(SEED)
        .augmentation(Augmentation.paper2012(28).withNoise(ColourNoise.imageNet()))
        .epochs(STEPS);
  }

  private static Towers open(
      Configuration configuration, Purpose purpose, String devices, StepMode mode) {
    Towers towers =
        Towers.create(
            Planner.plan(configuration.network(), 5, purpose, configuration.mean(), SEED),
            Devices.choose(devices, 2).ids(),
            mode);
    towers.mean(MEAN);
    return towers;
  }

  private static Map<String, float[]> all(ParameterStore store, Role role) throws IOException {
    Map<String, float[]> values = new HashMap<>();
    for (TensorSpec tensor : store.tensors()) {
      values.put(tensor.name(), read(store, tensor, role));
    }
    return values;
  }

  private static float[] read(ParameterStore store, TensorSpec tensor, Role role)
      throws IOException {
    float[] all = new float[(int) tensor.count()];
    int row = tensor.rowCount();
    store.read(
        tensor,
        role,
        (first, rows, values) -> System.arraycopy(values, 0, all, first * row, rows * row));
    return all;
  }

  /** Takes the gradients of a plan that stores all of them, with the masks of the step. */
  private void inspect(Towers inspecting, Map<String, float[]> weights, Batch batch, int step)
      throws IOException {
    ParameterStore store = new ParameterStore(inspecting);
    for (TensorSpec tensor : store.tensors()) {
      float[] from = weights.get(tensor.name());
      int row = tensor.rowCount();
      store.write(
          tensor,
          Role.VALUE,
          (first, rows, to) -> System.arraycopy(from, first * row, to, 0, rows * row));
    }
    inspecting.load(batch.count(), batch.images(), batch.crops(), batch.noise(), batch.labels());
    inspecting.inspect(new StepSettings(step, 0, 0, 0), true);
    gradients.putAll(all(store, Role.GRADIENT));
  }

  private void check(
      TensorSpec tensor,
      int step,
      Map<String, float[]> weights,
      Map<String, float[]> velocities,
      ParameterStore store)
      throws IOException {
    String name = tensor.name();
    boolean bias = name.endsWith(".bias");
    int epoch = step / STEPS_PER_EPOCH;
    double rate = bias ? biasRate(name, epoch) : weightRate(name, epoch);
    double decay = bias ? 0 : RULES.get(layer(name)).decay;
    float[] w = weights.get(name);
    float[] v = velocities.get(name);
    float[] g = gradients.get(name);
    float[] newW = read(store, tensor, Role.VALUE);
    float[] newV = read(store, tensor, Role.VELOCITY);
    // The two plans add up a gradient in other orders: 1e-5 of its largest value, far more than
    // sums
    // of 845 products make of 6e-8. The update itself rounds four times.
    double noise = 1e-5 * rate * largest(g);
    double seen = 0;
    for (int i = 0; i < w.length; i++) {
      double momentum = MOMENTUM * v[i];
      double shrink = decay * rate * w[i];
      double velocity = momentum - shrink - rate * g[i];
      double sizes = Math.abs(momentum) + Math.abs(shrink) + rate * Math.abs(g[i]);
      String where = name + "[" + i + "] after step " + step;
      assertEquals(velocity, newV[i], noise + 4e-7 * sizes, "velocity of " + where);
      double value = w[i] + velocity;
      assertEquals(value, newW[i], noise + 4e-7 * (sizes + Math.abs(w[i])), where);
      seen = Math.max(seen, Math.min(Math.abs(shrink), rate * Math.abs(g[i])));
    }
    // Without decay, or without the gradient, somewhere the velocity would be off by so much.
    assertTrue(bias || seen > 100 * noise, name + ": no term may drown in the tolerance");
    assertTrue(largest(g) > 0, name + " has a gradient");
  }

  private static double largest(float[] values) {
    double largest = 0;
    for (float value : values) {
      largest = Math.max(largest, Math.abs(value));
    }
    return largest;
  }

  private static String layer(String tensor) {
    return tensor.substring(0, tensor.indexOf('.'));
  }

  /** Half of what it was from epoch 1 on, and in conv3 four times that from epoch 2 on. */
  private static double biasRate(String tensor, int epoch) {
    double factor = layer(tensor).equals("conv3") && epoch >= 2 ? 4 : 1;
    return BIAS_RATE * (epoch >= 1 ? 0.5 : 1) * RULES.get(layer(tensor)).biasRate * factor;
  }

  private static double weightRate(String tensor, int epoch) {
    double factor = layer(tensor).equals("conv2") && epoch >= 2 ? CONV2_FROM_EPOCH_2 : 1;
    return RATE[epoch] * RULES.get(layer(tensor)).weightRate * factor;
  }

  /** Section 5: momentum 0.9, decay 0.0005 for all weights, one rate for weights and biases. */
  @Test
  void thePaperTrainsEveryLayerAlike() {
    Configuration paper = ConfigReader.preset("paper-2012");
    TrainingSpec training = paper.training();
    assertEquals(128, training.batch());
    assertEquals(0.01f, training.rate());
    assertEquals(0.01f, training.biasRate());
    assertEquals(0.9f, training.momentum());
    assertEquals(0.1f, training.dropFactor());
    assertEquals(3, training.drops().size());
    int pieces = 0;
    for (var tower :
        Planner.plan(paper.network(), 128, Purpose.TRAIN, paper.mean(), SEED).towers()) {
      for (var piece : tower.parameters()) {
        boolean bias = piece.tensor().endsWith(".bias");
        assertEquals(bias ? 0 : 0.0005f, piece.update(1).decay(), piece.tensor());
        assertEquals(1, piece.update(1).rateFactor(), piece.tensor());
        assertEquals(bias, piece.update(1).bias(), piece.tensor());
        pieces++;
      }
    }
    // Eight layers on tower a, seven on b; a second piece of weights where both planes are read.
    assertEquals(15 + 15 + 2 * 3 + 1, pieces);
  }
}
