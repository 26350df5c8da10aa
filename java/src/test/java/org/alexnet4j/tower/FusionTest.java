package org.alexnet4j.tower;

import static org.alexnet4j.tower.SmallNetwork.BATCH;
import static org.alexnet4j.tower.SmallNetwork.load;
import static org.alexnet4j.tower.SmallNetwork.locallyConnected;
import static org.alexnet4j.tower.SmallNetwork.small;
import static org.alexnet4j.tower.SmallNetwork.stepped;
import static org.alexnet4j.tower.SmallNetwork.tensor;
import static org.alexnet4j.tower.SmallNetwork.withoutDecay;
import static org.junit.jupiter.api.Assertions.assertEquals;

import com.google.common.collect.ImmutableList;
import java.io.IOException;
import org.alexnet4j.device.Devices;
import org.alexnet4j.net.LayerSpec;
import org.alexnet4j.net.LayerSpec.Conv;
import org.alexnet4j.net.LayerSpec.Dropout;
import org.alexnet4j.net.LayerSpec.Fc;
import org.alexnet4j.net.LayerSpec.Lrn;
import org.alexnet4j.net.LayerSpec.Parameters;
import org.alexnet4j.net.LayerSpec.Pool;
import org.alexnet4j.net.LayerSpec.Reads;
import org.alexnet4j.net.LayerSpec.Relu;
import org.alexnet4j.net.LayerSpec.Softmax;
import org.alexnet4j.net.LayerSpec.Tanh;
import org.alexnet4j.net.NetworkSpec;
import org.alexnet4j.plan.Planner;
import org.alexnet4j.plan.Purpose;
import org.alexnet4j.plan.TensorSpec;
import org.alexnet4j.shape.InputShape.Mean;
import org.alexnet4j.shape.PoolShape;
import org.alexnet4j.tower.ParameterStore.Role;
import org.alexnet4j.train.Initializer;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A plan that trains fuses operations, one to inspect fuses none. They have the same bits wherever
 * the order of operations is the same: a mask keeps or clears, a bias gradient and an update are
 * added up in one order wherever that happens. On emu the fused normalisation takes its powers in
 * another way than the separate one.
 */
class FusionTest {
  private static Towers open(NetworkSpec spec, Purpose purpose, String devices) throws IOException {
    Towers towers =
        Towers.create(
            Planner.plan(spec, BATCH, purpose, Mean.CHANNEL, 7),
            Devices.choose(devices, spec.towers()).ids());
    Initializer.initialize(new ParameterStore(towers), 7, purpose == Purpose.TRAIN);
    towers.mean(new float[] {120, 110, 100});
    load(towers, 1);
    return towers;
  }

  @ParameterizedTest
  @CsvSource({"1, cpu:0", "2, cpu:0", "3, cpu:0"})
  void fusedStepHasTheBitsOfSeparateOperations(int count, String devices) throws IOException {
    assertAgree(withoutDecay(small(count)), devices, 0);
  }

  @ParameterizedTest
  @CsvSource({"1, emu:0", "2, emu:0", "3, emu:0"})
  void fusedStepOfTheEmulatorAgrees(int count, String devices) throws IOException {
    NetworkSpec spec = withoutDecay(small(count));
    assertAgree(withoutNormalisation(spec), devices, 0);
    // Powers with a relative error of a few 2^-24, carried through sums of up to 2,000 terms.
    assertAgree(spec, devices, 1e-5);
  }

  @ParameterizedTest
  @CsvSource({"1, cpu:0", "2, cpu:0", "2, emu:0"})
  void locallyConnectedLayersFuseAsConvolutionsDo(int count, String devices) throws IOException {
    assertAgree(withoutNormalisation(withoutDecay(locallyConnected(count))), devices, 0);
  }

  private static NetworkSpec withoutNormalisation(NetworkSpec n) {
    ImmutableList<LayerSpec> layers =
        n.layers().stream()
            .filter(l -> !(l instanceof Lrn))
            .collect(ImmutableList.toImmutableList());
    return new NetworkSpec(n.name(), n.towers(), n.inputSize(), n.sourceSize(), layers);
  }

  @ParameterizedTest
  @CsvSource({"1, cpu:0", "2, cpu:0", "3, cpu:0", "2, emu:0"})
  void everyLayerHasItsOwnRates(int count, String devices) throws IOException {
    NetworkSpec spec =
        withoutNormalisation(small(count))
            .withLayers(
                layer -> {
                  if (layer instanceof Conv c) {
                    Parameters rates = rates(c.name().equals("conv2") ? 0 : 3, 0.5f);
                    return new Conv(
                        c.name(), c.maps(), c.kernel(), c.stride(), c.pad(), c.reads(), rates);
                  }
                  return layer instanceof Fc f
                      ? new Fc(
                          f.name(),
                          f.units(),
                          f.firstTowerOnly(),
                          rates(f.name().equals("fc7") ? 0 : 2, f.name().equals("fc6") ? 0 : 1))
                      : layer;
                });
    assertAgree(spec, devices, 0);
  }

  private static Parameters rates(float weights, float biases) {
    return new Parameters(0.1f, 0.1f, weights, biases, 0);
  }

  @ParameterizedTest
  @CsvSource({"1, cpu:0", "2, cpu:0", "2, emu:0"})
  void unusualOrdersOfLayersHaveTheBitsToo(int count, String devices) throws IOException {
    assertAgree(unusual(count), devices, 0);
  }

  /** Layers in orders that the paper does not have; most cannot be fused. */
  private static NetworkSpec unusual(int towers) {
    Parameters start = new Parameters(0.1f, 0.1f, 1, 1, 0);
    ImmutableList<LayerSpec> layers =
        ImmutableList.of(
            new Conv("conv1", 8, 5, 2, 0, Reads.TOWER, start),
            new Relu("relu1"),
            new Dropout("drop1", 0.8f),
            new Pool("pool1", 3, 2, PoolShape.Mode.AVERAGE, PoolShape.Ties.ALL),
            new Conv("conv2", 8, 3, 1, 1, Reads.ALL, start),
            new Lrn("norm2", 5, 2, 1e-4f, 0.75f),
            new Relu("relu2"),
            new Conv("conv3", 8, 3, 1, 1, Reads.TOWER, start),
            new Relu("relu3"),
            new Lrn("norm3", 5, 2, 1e-4f, 0.75f),
            new Lrn("cnorm3", Lrn.Over.PIXELS, 3, 1, 1e-2f, 0.75f),
            new Pool("pool3", 2, 1, PoolShape.Mode.MAX, PoolShape.Ties.ALL),
            new Fc("fc4", 16, false, start),
            new Dropout("drop4", 0.5f),
            new Fc("fc5", 16, false, start),
            new Relu("relu5"),
            new Dropout("drop5", 0.5f),
            new Tanh("tanh5"),
            new Dropout("drop5b", 0.5f),
            new Relu("relu5b"),
            new Fc("fc6", 16, false, start),
            new Relu("relu6"),
            new Fc("fc7", 4, true, start),
            new Softmax("softmax"));
    return new NetworkSpec("unusual", towers, 28, 32, layers);
  }

  /** Allows differences of a share of the loss, and of a tensor's largest gradient. */
  private static void assertAgree(NetworkSpec spec, String devices, double share)
      throws IOException {
    try (Towers separate = open(spec, Purpose.INSPECT, devices);
        Towers fused = open(spec, Purpose.TRAIN, devices)) {
      assertSameLoss(separate.evaluate(), fused.evaluate(), share);
      StepResult expected = separate.inspect(new StepSettings(3, 0, 0, 0), true);
      assertSameLoss(expected, fused.step(new StepSettings(3, 1, 1, 0)), share);
      ParameterStore gradients = new ParameterStore(separate);
      ParameterStore updates = new ParameterStore(fused);
      for (int t = 0; t < gradients.tensors().size(); t++) {
        TensorSpec tensor = gradients.tensors().get(t);
        float rate = tensor.pieces().get(0).rate();
        assertAgree(
            tensor.name(),
            scaled(tensor(gradients, tensor, Role.GRADIENT), rate),
            stepped(updates, updates.tensors().get(t)),
            share);
      }
    }
  }

  private static float[] scaled(float[] values, float factor) {
    for (int i = 0; i < values.length; i++) {
      values[i] *= factor;
    }
    return values;
  }

  private static void assertSameLoss(StepResult expected, StepResult actual, double share) {
    assertEquals(expected.lossSum(), actual.lossSum(), share * expected.lossSum());
    assertEquals(expected.top1Sum(), actual.top1Sum());
  }

  private static void assertAgree(String tensor, float[] expected, float[] actual, double share) {
    float largest = 0;
    for (float g : expected) {
      largest = Math.max(largest, Math.abs(g));
    }
    for (int i = 0; i < expected.length; i++) {
      int at = i;
      // 0 + x: a zero may have either sign.
      assertEquals(
          0 + expected[i], actual[i], (float) (share * largest), () -> tensor + " at " + at);
    }
  }
}
