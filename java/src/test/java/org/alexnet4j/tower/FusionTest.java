package org.alexnet4j.tower;

import static org.alexnet4j.tower.SmallNetwork.BATCH;
import static org.alexnet4j.tower.SmallNetwork.load;
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
 * A plan that trains fuses operations, one to inspect fuses none. Both have the same bits: a mask
 * keeps or clears, a bias gradient and an update have the same order of additions wherever they
 * happen.
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
  @CsvSource({"1, cpu:0", "2, cpu:0", "3, cpu:0", "1, emu:0", "2, emu:0", "3, emu:0"})
  void fusedStepHasTheBitsOfSeparateOperations(int count, String devices) throws IOException {
    assertSameBits(withoutDecay(small(count)), devices);
  }

  @ParameterizedTest
  @CsvSource({"1, cpu:0", "2, cpu:0", "2, emu:0"})
  void unusualOrdersOfLayersHaveTheBitsToo(int count, String devices) throws IOException {
    assertSameBits(unusual(count), devices);
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
            new Fc("fc4", 16, false, start),
            new Dropout("drop4", 0.5f),
            new Fc("fc5", 16, false, start),
            new Relu("relu5"),
            new Dropout("drop5", 0.5f),
            new Relu("relu5b"),
            new Fc("fc6", 16, false, start),
            new Relu("relu6"),
            new Fc("fc7", 4, true, start),
            new Softmax("softmax"));
    return new NetworkSpec("unusual", towers, 28, 32, layers);
  }

  private static void assertSameBits(NetworkSpec spec, String devices) throws IOException {
    try (Towers separate = open(spec, Purpose.INSPECT, devices);
        Towers fused = open(spec, Purpose.TRAIN, devices)) {
      assertEquals(separate.evaluate(), fused.evaluate());
      StepResult expected = separate.inspect(new StepSettings(3, 0, 0, 0), true);
      assertEquals(expected, fused.step(new StepSettings(3, 1, 1, 0)));
      ParameterStore gradients = new ParameterStore(separate);
      ParameterStore updates = new ParameterStore(fused);
      for (int t = 0; t < gradients.tensors().size(); t++) {
        TensorSpec tensor = gradients.tensors().get(t);
        float[] want = tensor(gradients, tensor, Role.GRADIENT);
        float[] got = stepped(updates, updates.tensors().get(t));
        for (int i = 0; i < want.length; i++) {
          int at = i;
          assertEquals(0 + want[i], got[i], 0, () -> tensor.name() + " at " + at);
        }
      }
    }
  }
}
